// A screen's Adaptive Cards by Microsoft's own renderer, in a frame like that of Teams.
import { fill, h, uid } from "./dom.js";
import { botMark, icon } from "./icons.js";
import { markdown } from "./markdown.js";
import { sayNothingIsSent } from "./stream.js";

const { AdaptiveCard, CardElement, HostConfig, SerializationContext } = globalThis.AdaptiveCards;
const clock = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });

AdaptiveCard.onProcessMarkdown = (text, result) => {
  result.outputHtml = markdown(text).outerHTML;
  result.didProcess = true;
};

export function drawTeams(stage, screen, host, at) {
  const frame = screen.dialog ? dialog : message;
  fill(stage, screen.teams.map((json) => frame(drawCard(json, host), screen.title, at)));
}

function drawCard(json, host) {
  const card = new AdaptiveCard();
  const context = new SerializationContext();
  card.hostConfig = new HostConfig(host);
  card.onExecuteAction = (action) => { if (action.getJsonTypeName() !== "Action.ToggleVisibility") sayNothingIsSent(); };
  CardElement.langProperty.regEx.lastIndex = 0; // version 3.0.6 goes on from where the last card's language ended
  card.parse(json, context);
  const problems = Array.from({ length: context.eventCount }, (_, index) => context.getEventAt(index).message);
  return [problems.map((problem) => h("p", { class: "problem" }, problem)), card.render()];
}

function message(card, _, at) {
  const byline = h("p", { class: "teams-byline" }, h("strong", {}, "Afternote"), h("time", {}, clock.format(at)));
  return h("div", { class: "teams-message" }, botMark(32), h("div", {}, byline, h("div", { class: "teams-card" }, card)));
}

function dialog(card, title) {
  const id = uid("teams-title");
  const cross = h("button", { type: "button", class: "bare", "aria-label": "Close", on: { click: sayNothingIsSent } }, icon("close"));
  return h("div", { class: "teams-dialog", role: "group", "aria-labelledby": id },
    h("header", {}, botMark(28), h("h3", { id }, title), cross), h("div", { class: "teams-card" }, card));
}
