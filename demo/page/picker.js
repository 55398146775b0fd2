// The list behind every select: one or several options, groups, a filter, or suggestions asked from the server.
import { fill, h, uid } from "./dom.js";
import { openPopover } from "./layers.js";
import { plain } from "./text.js";

const DEBOUNCE = 220;
const FILTER_FROM = 9;

// options: {groups: [{label, options}]} or {load(query) → groups, least}. `onPick(option)`; with `multi` the list stays open.
export function openPicker(anchor, { groups, load, least = 0, label, selected, multi = false, onPick }) {
  if (anchor.getAttribute("aria-expanded") === "true") return;
  const count = groups?.reduce((sum, group) => sum + group.options.length, 0) ?? 0;
  const search = Boolean(load) || count >= FILTER_FROM;
  const listId = uid("list");
  const list = h("div", { class: "picker-list", role: "listbox", id: listId, "aria-label": label, "aria-multiselectable": multi ? "true" : null, tabindex: search ? null : "0" });
  const note = h("p", { class: "picker-note", role: "status", hidden: true });
  const input = search ? h("input", {
    class: "field picker-input", type: "text", role: "combobox", "aria-expanded": "true", "aria-controls": listId, "aria-autocomplete": "list",
    "aria-label": `Search: ${label}`, autocomplete: "off", placeholder: load ? "Type to search" : "Filter", data: { testid: "picker-search" },
  }) : null;
  const panel = h("div", { class: "popover picker" }, input, note, list);
  const focusTarget = input || list;
  let rows = [];
  let at = -1;
  let asked = 0;
  let timer = null;

  const popover = openPopover(anchor, panel, { minWidth: Math.max(240, anchor.offsetWidth), onClose: () => clearTimeout(timer) });

  function show(found, empty) {
    rows = [];
    fill(list, found.filter((group) => group.options.length).map((group) => {
      const heading = uid("group");
      const items = group.options.map(optionRow);
      return group.label ? h("div", { role: "group", "aria-labelledby": heading }, h("div", { class: "menu-heading", id: heading }, group.label), items) : items;
    }));
    say(rows.length ? "" : empty);
    move(Math.max(0, rows.findIndex((row) => row.node.getAttribute("aria-selected") === "true")));
    popover.place();
  }

  function optionRow(option) {
    const node = h("div", {
      class: "picker-option", role: "option", id: uid("option"), "aria-selected": String(selected(option)), data: { value: option.value },
      on: { pointermove: () => highlight(rows.findIndex((row) => row.node === node)), pointerdown: (event) => event.preventDefault(), click: () => pick(option, node) },
    }, h("span", { class: "menu-label" }, plain(option.text)), option.description && h("span", { class: "menu-note" }, plain(option.description)));
    rows.push({ option, node });
    return node;
  }

  function pick(option, node) {
    onPick(option);
    if (!multi) popover.close("done");
    else node.setAttribute("aria-selected", String(selected(option)));
  }

  function highlight(next) {
    rows[at]?.node.classList.remove("active");
    at = rows.length ? next : -1;
    rows[at]?.node.classList.add("active");
    if (rows[at]) focusTarget.setAttribute("aria-activedescendant", rows[at].node.id);
    else focusTarget.removeAttribute("aria-activedescendant");
  }

  function move(next) {
    highlight(next);
    rows[at]?.node.scrollIntoView({ block: "nearest" });
  }

  function say(text) {
    note.textContent = text;
    note.hidden = !text;
  }

  function filter() {
    const wanted = input.value.trim().toLowerCase();
    const keep = (option) => plain(option.text).toLowerCase().includes(wanted);
    show(groups.map((group) => ({ ...group, options: group.options.filter(keep) })), "Nothing matches.");
  }

  async function suggest() {
    const query = input.value.trim();
    const mine = ++asked;
    if (query.length < least) return show([], least > 1 ? `Type at least ${least} characters.` : "Type to search.");
    say("Searching…");
    panel.setAttribute("aria-busy", "true");
    const found = await load(query);
    if (mine !== asked || !panel.isConnected) return undefined;
    panel.removeAttribute("aria-busy");
    return found ? show(found, "Nothing found.") : show([], "The search did not work. Try again.");
  }

  input?.addEventListener("input", () => {
    clearTimeout(timer);
    if (!load) return filter();
    asked += 1;
    timer = setTimeout(suggest, DEBOUNCE);
    return undefined;
  });
  panel.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const next = { ArrowDown: (at + 1) % rows.length, ArrowUp: (at - 1 + rows.length) % rows.length, ...(search ? {} : { Home: 0, End: rows.length - 1 }) }[event.key];
    if (next !== undefined) { event.preventDefault(); if (rows.length) move(next); }
    else if (event.key === "Enter" || (event.key === " " && !search)) { event.preventDefault(); if (rows[at]) pick(rows[at].option, rows[at].node); }
    else if (event.key === "Tab") { event.preventDefault(); popover.close("done"); }
    else if (!search && event.key.length === 1) {
      const found = rows.findIndex((row, index) => index > at && plain(row.option.text).toLowerCase().startsWith(event.key.toLowerCase()));
      move(found >= 0 ? found : Math.max(0, rows.findIndex((row) => plain(row.option.text).toLowerCase().startsWith(event.key.toLowerCase()))));
    }
  });

  focusTarget.focus({ preventScroll: true });
  if (load) suggest();
  else show(groups, "There is nothing to choose.");
}

export function groupsOf(element) {
  if (element.option_groups) return element.option_groups.map((group) => ({ label: plain(group.label), options: group.options }));
  return [{ label: "", options: element.options ?? [] }];
}
