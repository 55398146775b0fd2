// Reads a list of cards, says what Microsoft's own renderer finds wrong with each: a list of lists of sentences.
// usage: node parse_cards.cjs PATH_OF_THE_ADAPTIVECARDS_PACKAGE < cards.json
const { AdaptiveCard, SerializationContext, Versions } = require(`${process.argv[2]}/dist/adaptivecards.js`);
const cards = JSON.parse(require("fs").readFileSync(0, "utf-8"));
const problems = cards.map((json) => {
  const context = new SerializationContext(Versions.v1_5);
  const card = new AdaptiveCard();
  card.parse(json, context);
  const said = [...Array(context.eventCount).keys()].map((at) => context.getEventAt(at).message);
  return [...said, ...card.validateProperties().validationEvents.map((event) => event.message)];
});
process.stdout.write(JSON.stringify(problems));
