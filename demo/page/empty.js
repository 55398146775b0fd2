// What an empty conversation says: what to try first.
import { h } from "./dom.js";
import { botMark } from "./icons.js";
import { channel, channelLabel, emit, isDirect, store } from "./store.js";

const EXAMPLE = "JD-014 today 45min: reports sleeping better, about 6 hours. Practiced paced breathing; client said it “takes the edge off”. Homework: sleep log. Next session in a week.";

export function emptyState() {
  if (!store.hello) return h("div", { class: "empty" }, h("p", {}, "Connecting…"));
  return isDirect(store.place) ? directEmpty() : h("div", { class: "empty" },
    h("h2", {}, `#${channelLabel(channel(store.place))}`), h("p", {}, "Nothing has been said here yet."));
}

function directEmpty() {
  const bot = store.hello.bot.name;
  const note = store.hello.commands.find((item) => item.command === "/note")?.command ?? store.hello.commands[0]?.command ?? "/note";
  const suggestion = (label, text) => h("button", { type: "button", class: "suggestion", on: { click: () => emit("compose", text) } }, h("span", { class: "suggestion-label" }, label), h("span", {}, text));
  return h("div", { class: "empty", data: { testid: "empty" } },
    botMark(56),
    h("h2", {}, `A note after the session, without the evening of typing`),
    h("p", {}, "Type ", h("code", {}, `${note} soap …`), ", or simply write what happened in the session. ", `${bot} drafts the note; nothing is on record until you approve it.`),
    h("div", { class: "suggestions" },
      suggestion("As a command", `${note} soap ${EXAMPLE}`),
      suggestion("In your own words", EXAMPLE)),
    h("p", { class: "quiet" }, "Or press “Send a sample summary” above. Please use invented clients only."));
}
