// A screen's Adaptive Cards by Microsoft's own renderer, in a frame like that of Teams.
import { chart } from "./chart.js";
import { fill, h, uid } from "./dom.js";
import { botMark, icon } from "./icons.js";
import { markdown } from "./markdown.js";
import { sayNothingIsSent } from "./stream.js";

const { AdaptiveCard, CardElement, GlobalRegistry, HostConfig, SerializationContext } = globalThis.AdaptiveCards;
const clock = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });

AdaptiveCard.onProcessMarkdown = (text, result) => {
  result.outputHtml = markdown(text).outerHTML;
  result.didProcess = true;
};

// Teams draws these; Microsoft's renderer knows them not. What an older client shows instead can be opened below.
class TeamsChart extends CardElement {
  getJsonTypeName() { return "Chart"; }

  internalParse(source, context) {
    super.internalParse(source, context);
    this.source = source;
  }

  internalRender() {
    const { fallback } = this.source;
    const older = h("details", { class: "older" }, h("summary", {}, "In a client without charts"));
    older.append(drawCard({ type: "AdaptiveCard", version: "1.5", body: [fallback] }, this.hostConfig).at(-1));
    return h("div", {}, chart(this.block()), older);
  }

  block() {
    const { type, title, data, yAxisTitle } = this.source;
    const named = (points) => points.map(({ x, y }) => ({ label: x, value: y }));
    const series = type === "Chart.Line" ? data.map(({ legend, values }) => ({ name: legend, data: named(values) })) : [{ name: yAxisTitle || title, data: named(data) }];
    const axis_config = { categories: series[0].data.map(({ label }) => label), y_label: yAxisTitle };
    return { title, chart: { type: type === "Chart.Line" ? "line" : "bar", series, axis_config } };
  }
}
for (const name of ["Chart.Line", "Chart.VerticalBar"]) GlobalRegistry?.elements.register(name, TeamsChart);

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
