// Ctrl or ⌘ K: jump to a conversation, to Home, to the filed notes, or run a shortcut.
import { fill, h, uid } from "./dom.js";
import { runShortcut } from "./composer.js";
import { filesOpen, toggleFiles } from "./files.js";
import { botMark, icon } from "./icons.js";
import { blockPage, pushLayer, trapFocus } from "./layers.js";
import { channelLabel, emit, HOME, store } from "./store.js";

let close = null;

export function openSwitcher() {
  if (close) { close(); return; }
  if (!store.hello) return;
  const before = document.activeElement;
  const listId = uid("places");
  const list = h("div", { class: "picker-list", role: "listbox", id: listId, "aria-label": "Places" });
  const input = h("input", { class: "field picker-input", type: "text", role: "combobox", "aria-expanded": "true", "aria-controls": listId, "aria-label": "Go to", placeholder: "Go to…", autocomplete: "off", data: { testid: "switcher-input" } });
  const box = h("div", { class: "dialog switcher", role: "dialog", "aria-modal": "true", "aria-label": "Switch conversation" }, input, list);
  const veil = h("div", { class: "veil high", on: { pointerdown: (event) => { if (event.target === veil) close(); } } }, box);
  const popLayer = pushLayer({ onEscape: () => close() });
  let items = [];
  let at = 0;

  close = (restore = true) => {
    close = null;
    popLayer();
    veil.remove();
    blockPage(false);
    if (restore) before?.focus?.({ preventScroll: true });
  };
  const run = (item) => { close(false); item.run(); };
  const draw = () => {
    const wanted = input.value.trim().toLowerCase();
    items = targets().filter((item) => item.label.toLowerCase().includes(wanted));
    at = Math.min(at, Math.max(0, items.length - 1));
    fill(list, items.length ? items.map((item, index) => h("div", {
      class: `picker-option with-lead${index === at ? " active" : ""}`, role: "option", id: `${listId}-${index}`, "aria-selected": String(index === at),
      on: { click: () => run(item), pointermove: () => { if (at !== index) { at = index; mark(); } } },
    }, item.lead, h("span", { class: "menu-label" }, item.label), h("span", { class: "menu-note" }, item.note))) : h("p", { class: "picker-note" }, "Nothing matches."));
    mark();
  };
  const mark = () => {
    [...list.children].forEach((node, index) => { node.classList.toggle("active", index === at); node.setAttribute("aria-selected", String(index === at)); });
    input.setAttribute("aria-activedescendant", `${listId}-${at}`);
  };
  input.addEventListener("input", () => { at = 0; draw(); });
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && items.length) { event.preventDefault(); at = (at + step + items.length) % items.length; mark(); list.children[at].scrollIntoView({ block: "nearest" }); }
    else if (event.key === "Enter" && items[at]) { event.preventDefault(); run(items[at]); }
  });
  trapFocus(box);
  blockPage(true);
  document.body.append(veil);
  draw();
  input.focus();
}

function targets() {
  const places = store.hello.channels.map((item) => ({
    label: item.kind === "im" ? channelLabel(item) : `#${channelLabel(item)}`, note: item.kind === "im" ? "Direct message" : "Channel",
    lead: item.kind === "im" ? botMark(20) : icon("hash", 18), run: () => emit("go", item.id),
  }));
  const shortcuts = store.hello.shortcuts.filter((item) => item.type === "global").map((item) => ({ label: item.name, note: "Shortcut", lead: icon("bolt", 18), run: () => runShortcut(item) }));
  return [
    ...places.filter((item) => item.note === "Direct message"),
    { label: "Home", note: store.hello.bot.name, lead: icon("home", 18), run: () => emit("go", HOME) },
    ...places.filter((item) => item.note === "Channel"),
    { label: "Filed notes", note: filesOpen() ? "Close the panel" : "Open the panel", lead: icon("folder", 18), run: () => toggleFiles() },
    ...shortcuts,
  ];
}
