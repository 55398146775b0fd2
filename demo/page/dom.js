// Builds DOM nodes. Data only ever enters the page as text nodes and attributes, never as markup.

const PROPERTIES = new Set(["value", "checked", "disabled", "hidden", "inert", "indeterminate"]);
let counter = 0;

export const uid = (prefix = "id") => `${prefix}-${++counter}`;

export function h(tag, props, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) set(node, name, value);
  node.append(...flatten(children));
  return node;
}

function set(node, name, value) {
  if (value === undefined || value === null) return;
  if (name === "on") for (const [event, fn] of Object.entries(value)) node.addEventListener(event, fn);
  else if (name === "css") for (const [key, item] of Object.entries(value)) node.style.setProperty(key, item);
  else if (name === "data") for (const [key, item] of Object.entries(value)) { if (item != null) node.dataset[key] = item; }
  else if (PROPERTIES.has(name)) node[name] = value;
  else if (value !== false) node.setAttribute(name, value === true ? "" : value);
}

export function flatten(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false && child !== "");
}

export const $ = (selector, root = document) => root.querySelector(selector);

export function fill(node, ...children) {
  node.replaceChildren(...flatten(children));
  return node;
}

export function byIds(root, blockId, actionId) {
  const block = root.querySelector(`[data-block-id="${CSS.escape(blockId)}"]`);
  return block?.querySelector(`[data-action-id="${CSS.escape(actionId)}"]`) ?? null;
}

const FOCUSABLE = 'a[href], button:not([disabled]), input:not([disabled]), textarea:not([disabled]), select, iframe, [tabindex]:not([tabindex="-1"])';

export function focusables(root) {
  return [...root.querySelectorAll(FOCUSABLE)].filter((node) => node.getClientRects().length > 0);
}

// Fills `node` anew and gives the focus back to the item that had it, found by its test id, place or path.
export function redraw(node, ...children) {
  const held = node.contains(document.activeElement) ? document.activeElement.closest("[data-testid], [data-channel], [data-path]") : null;
  fill(node, ...children);
  if (!held) return;
  const same = (item) => ["testid", "channel", "path"].every((key) => item.dataset[key] === held.dataset[key]);
  [...node.querySelectorAll("button, a")].find(same)?.focus({ preventScroll: true });
}

// Runs `change`, then gives the focus (and the caret) back to the same field if `change` rebuilt it.
export function keepFocus(root, change, fallback = null) {
  const active = document.activeElement;
  if (!root.contains(active)) return change();
  const actionId = active.closest("[data-action-id]")?.dataset.actionId;
  const blockId = active.closest("[data-block-id]")?.dataset.blockId;
  const optionValue = active.matches("input[type=radio], input[type=checkbox]") ? active.value : null;
  const caret = caretOf(active);
  change();
  if (active.isConnected && document.activeElement === active) return;
  const field = active.isConnected ? active : blockId && actionId ? byIds(root, blockId, actionId) : null;
  const target = (optionValue !== null && field?.querySelector(`input[value="${CSS.escape(optionValue)}"]`)) || field || fallback;
  if (!target) return;
  target.focus({ preventScroll: true });
  if (caret && typeof target.setSelectionRange === "function") {
    try { target.setSelectionRange(caret.start, caret.end); } catch { /* fields such as numbers have no caret */ }
    target.scrollTop = caret.top;
  }
}

function caretOf(node) {
  try {
    return node.selectionStart === null || node.selectionStart === undefined
      ? null : { start: node.selectionStart, end: node.selectionEnd, top: node.scrollTop };
  } catch {
    return null;
  }
}

export function safeUrl(url) {
  try {
    const parsed = new URL(url, location.href);
    return ["http:", "https:", "mailto:", "tel:"].includes(parsed.protocol) ? parsed.href : null;
  } catch {
    return null;
  }
}

export function setBusy(control, busy) {
  if (!control) return;
  control.classList.toggle("busy", busy);
  control.setAttribute("aria-busy", String(busy));
  control.setAttribute("aria-disabled", String(busy));
}

export function announce(text) {
  const live = $("#announcer");
  live.textContent = "";
  setTimeout(() => { live.textContent = text; }, 60);
}
