// The list of slash commands above the composer, and the usage hint once one is chosen.
import { fill, h, uid } from "./dom.js";
import { store } from "./store.js";

export class Typeahead {
  constructor(textarea, list, hint) {
    Object.assign(this, { textarea, list, hint, items: [], at: 0, muted: null });
    list.id = uid("commands");
    textarea.setAttribute("aria-controls", list.id);
    textarea.addEventListener("blur", () => setTimeout(() => { if (document.activeElement !== textarea) this.close(); }, 120));
  }

  get open() {
    return !this.list.hidden;
  }

  // Called at each change of the text.
  update() {
    const text = this.textarea.value;
    const typed = /^\/\S*$/.test(text) ? text.toLowerCase() : null;
    if (typed !== this.muted) this.muted = null;
    this.items = typed && !this.muted ? this.matching(typed) : [];
    this.at = 0;
    this.draw();
    this.drawHint(text);
  }

  matching(typed) {
    const commands = store.hello?.commands ?? [];
    const starts = commands.filter((item) => item.command.startsWith(typed));
    return [...starts, ...commands.filter((item) => !starts.includes(item) && item.command.includes(typed.slice(1)))];
  }

  draw() {
    this.list.hidden = !this.items.length;
    this.textarea.setAttribute("aria-expanded", String(this.open));
    fill(this.list, this.open && h("div", { class: "menu-heading", role: "presentation" }, `${store.hello.bot.name} commands`), this.items.map((item, index) => h("div", {
      class: `picker-option${index === this.at ? " active" : ""}`, role: "option", id: `${this.list.id}-${index}`, "aria-selected": String(index === this.at), data: { command: item.command },
      on: { pointerdown: (event) => event.preventDefault(), click: () => this.complete(item) },
    }, h("span", { class: "command-line" }, h("strong", {}, item.command), " ", h("span", { class: "usage" }, item.usage_hint)), h("span", { class: "menu-note" }, item.description))));
    const active = this.list.querySelector(".active");
    if (active) { this.textarea.setAttribute("aria-activedescendant", active.id); active.scrollIntoView({ block: "nearest" }); }
    else this.textarea.removeAttribute("aria-activedescendant");
  }

  drawHint(text) {
    const command = /^(\/\S+)\s/.exec(text)?.[1];
    const found = command && store.hello?.commands.find((item) => item.command === command);
    this.hint.hidden = !found;
    if (found) fill(this.hint, h("strong", {}, found.command), " ", h("span", { class: "usage" }, found.usage_hint), h("span", { class: "usage-note" }, found.description));
  }

  complete(item) {
    this.textarea.value = `${item.command} `;
    this.textarea.focus();
    this.textarea.dispatchEvent(new Event("input", { bubbles: true }));
  }

  close() {
    this.items = [];
    this.draw();
  }

  // True when the key was meant for the list.
  onKey(event) {
    if (!this.open) return false;
    const item = this.items[this.at];
    if (event.key === "ArrowDown" || event.key === "ArrowUp") this.at = (this.at + (event.key === "ArrowDown" ? 1 : -1) + this.items.length) % this.items.length;
    else if (event.key === "Tab" && !event.shiftKey) { this.complete(item); return true; }
    else if (event.key === "Escape") { this.muted = this.textarea.value.toLowerCase(); this.items = []; }
    else if (event.key === "Enter" && !event.shiftKey && item.command !== this.textarea.value.trim()) { this.complete(item); return true; }
    else return false;
    this.draw();
    return true;
  }
}
