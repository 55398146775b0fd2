// A menu of commands beside a button: arrows, Home, End, first letters, Enter, Esc.
import { h } from "./dom.js";
import { openPopover } from "./layers.js";

// items: {label, description?, lead?, checked?, danger?, testid?, data?, onSelect} or {heading}
export function openMenu(anchor, items, { label, align = "start", minWidth = 200 } = {}) {
  if (anchor.getAttribute("aria-expanded") === "true") return null;
  const panel = h("div", { class: "popover menu", role: "menu", "aria-label": label });
  const popover = { close: () => {} };
  panel.append(...items.map((item) => (item.heading ? h("div", { class: "menu-heading", role: "presentation" }, item.heading) : row(item, popover))));
  panel.addEventListener("keydown", (event) => onKey(event, panel, popover));
  Object.assign(popover, openPopover(anchor, panel, { align, minWidth }));
  (panel.querySelector('[aria-checked="true"]') ?? panel.querySelector("button"))?.focus();
  return popover;
}

function row(item, popover) {
  const choice = item.checked !== undefined;
  return h("button", {
    type: "button", class: `menu-item${item.danger ? " danger" : ""}`, role: choice ? "menuitemradio" : "menuitem", tabindex: "-1",
    "aria-checked": choice ? String(item.checked) : null, data: { testid: item.testid, ...item.data },
    on: { click: () => { popover.close("done"); item.onSelect(); } },
  }, item.lead, h("span", { class: "menu-text" }, h("span", { class: "menu-label" }, item.label), item.description && h("span", { class: "menu-note" }, item.description)));
}

function onKey(event, panel, popover) {
  const rows = [...panel.querySelectorAll("button")];
  const at = rows.indexOf(document.activeElement);
  const go = { ArrowDown: (at + 1) % rows.length, ArrowUp: (at - 1 + rows.length) % rows.length, Home: 0, End: rows.length - 1 }[event.key];
  if (go !== undefined) { event.preventDefault(); rows[go].focus(); }
  else if (event.key === "Tab") { event.preventDefault(); popover.close("done"); }
  else if (event.key.length === 1 && /\S/.test(event.key) && !event.ctrlKey && !event.metaKey) {
    const order = [...rows.slice(at + 1), ...rows.slice(0, at + 1)];
    order.find((item) => item.textContent.trim().toLowerCase().startsWith(event.key.toLowerCase()))?.focus();
  }
}
