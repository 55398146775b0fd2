// One message: who, when, what, its marks and its toolbar.
import { renderBlocks } from "./blocks.js";
import { fill, h, keepFocus } from "./dom.js";
import { Form } from "./forms.js";
import { botMark, icon, personAvatar } from "./icons.js";
import { toast } from "./layers.js";
import { openMenu } from "./menu.js";
import { emit, isBot, nameOf, person, store, timeOf } from "./store.js";
import { post } from "./stream.js";
import { mrkdwn, unescape } from "./text.js";
import { dismiss } from "./unread.js";

const forms = new Map();
const clock = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });

export class Row {
  constructor(channelId, ts) {
    this.channelId = channelId;
    this.ts = ts;
    const key = `${store.user}|${channelId}|${ts}`;
    if (!forms.has(key)) forms.set(key, new Form({ typedWins: false }));
    this.form = forms.get(key);
    this.gutter = h("div", { class: "gutter" });
    this.byline = h("div", { class: "byline" });
    this.above = h("div", { class: "private" });
    this.body = h("div", { class: "body" });
    this.marks = h("div", { class: "marks" });
    this.el = h("article", { class: "row", tabindex: "-1", data: { ts, channel: channelId, testid: "message" } },
      this.gutter, h("div", { class: "content" }, this.byline, this.above, this.body, this.marks), this.toolbar());
  }

  toolbar() {
    const shortcuts = store.hello.shortcuts.filter((item) => item.type === "message");
    if (!shortcuts.length) return null;
    const more = h("button", { type: "button", class: "bare", "aria-label": "More actions", title: "More actions", "aria-haspopup": "menu", "aria-expanded": "false", data: { testid: "more-actions" } }, icon("more"));
    more.addEventListener("click", () => openMenu(more, [
      { heading: store.hello.bot.name },
      ...shortcuts.map((item) => ({ label: item.name, description: item.description, lead: icon("bolt", 18), data: { callbackId: item.callback_id }, onSelect: () => this.shortcut(item) })),
    ], { label: "More actions", align: "end", minWidth: 240 }));
    return h("div", { class: "row-tools", role: "toolbar", "aria-label": "Message" }, more);
  }

  async shortcut(item) {
    const reply = await post("/client/shortcut", { callback_id: item.callback_id, channel: this.channelId, ts: this.ts });
    if (!reply.ok && !reply.shown) toast(reply.error || `“${item.name}” did not get through.`, "error");
  }

  show(message, grouped) {
    const bot = isBot(message);
    const when = timeOf(message.ts);
    const name = nameOf(message.user) ?? store.hello.bot.name;
    const label = bot ? store.hello.bot.name : message.username || name;
    this.message = message;
    this.grouped = grouped;
    this.el.className = ["row", grouped && "grouped", bot && "from-bot", message.ephemeral && "ephemeral", message.failed && "failed"].filter(Boolean).join(" ");
    this.el.setAttribute("aria-label", `${label}, ${clock.format(when)}`);
    const time = h("time", { datetime: when.toISOString(), title: full.format(when) }, clock.format(when));
    fill(this.gutter, grouped ? time : bot ? botMark() : personAvatar(person(message.user) ?? { id: message.user, name: label }));
    fill(this.byline, !grouped && [h("strong", { class: "author" }, label), bot && h("span", { class: "tag" }, "APP"), time]);
    this.drawPrivate(message);
    keepFocus(this.el, () => this.drawBody(message, bot), this.el);
    this.drawMarks(message, bot);
  }

  drawBody(message, bot) {
    const blocks = message.blocks ?? [];
    if (blocks.length) {
      if (!this.host) { this.host = h("div", {}); fill(this.body, this.host); }
      this.host.className = blocks.length > 1 || blocks[0].type === "actions" ? "blocks card" : "blocks";
      this.form.update(blocks);
      renderBlocks(this.host, blocks, this.context);
    } else {
      this.host = null;
      fill(this.body, message.text && h("div", { class: bot ? "prose" : "said" }, bot ? mrkdwn(message.text) : unescape(message.text)));
    }
    if (message.files?.length) this.body.append(h("div", { class: "sent-files" }, message.files.map((file) => h("span", { class: "chip" }, icon("page", 16), file.name))));
  }

  get context() {
    return { container: { type: "message", channel: this.channelId, ts: this.ts }, form: this.form, blocks: () => this.message.blocks ?? [] };
  }

  drawPrivate(message) {
    const gone = () => { dismiss(this.channelId, this.ts); emit("messages", this.channelId); };
    fill(this.above, message.ephemeral && [icon("eye", 16), h("span", {}, "Only visible to you"),
      h("button", { type: "button", class: "link", data: { testid: "dismiss" }, on: { click: gone } }, "Dismiss")]);
  }

  drawMarks(message, bot) {
    fill(this.marks,
      message.edited && h("span", { class: "edited" }, "(edited)"),
      message.failed && h("span", { class: "not-sent", role: "status" }, icon("warn", 16), bot ? "Not delivered" : `${store.hello.bot.name} did not get this.`),
      message.failed && message.user === store.user && message.text && h("button", { type: "button", class: "link", on: { click: () => emit("compose", unescape(message.text)) } }, "Edit and send again"));
  }
}
