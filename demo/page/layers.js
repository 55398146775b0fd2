// Everything that floats over the page: the order of layers, Esc, focus traps, popovers, confirmations, toasts.
import { $, focusables, h, uid } from "./dom.js";
import { icon } from "./icons.js";
import { plain, textObject } from "./text.js";

const layers = [];

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !layers.length || event.defaultPrevented) return;
  event.preventDefault();
  layers[layers.length - 1].onEscape();
});

export function pushLayer(layer) {
  layers.push(layer);
  return () => {
    const at = layers.indexOf(layer);
    if (at >= 0) layers.splice(at, 1);
  };
}

// A list must not outlive the button it belongs to.
export function closePopovers() {
  for (const layer of [...layers]) if (layer.popover) layer.onEscape();
}

export const anyLayer = () => layers.length > 0;

export function trapFocus(root) {
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Tab") return;
    const all = focusables(root);
    const first = all[0];
    const last = all[all.length - 1];
    if (!first) { event.preventDefault(); return; }
    if (event.shiftKey && (document.activeElement === first || document.activeElement === root)) { event.preventDefault(); last.focus(); }
    else if (!event.shiftKey && document.activeElement === last) { event.preventDefault(); first.focus(); }
  });
}

export function blockPage(blocked) {
  $("#app").inert = blocked;
}

// A panel beside `anchor`. `onClose(reason)` hears "escape", "outside" or "done".
export function openPopover(anchor, panel, { onClose, align = "start", minWidth = 0 } = {}) {
  $("#popovers").append(panel);
  const place = () => (anchor.isConnected ? position(anchor, panel, align, minWidth) : close("done"));
  const outside = (event) => { if (!panel.contains(event.target) && !anchor.contains(event.target)) close("outside"); };
  const leave = (event) => { if (event.relatedTarget && !panel.contains(event.relatedTarget) && event.relatedTarget !== anchor) close("outside"); };
  const popLayer = pushLayer({ popover: true, onEscape: () => close("escape") });
  let open = true;
  function close(reason = "done") {
    if (!open) return;
    open = false;
    popLayer();
    removeEventListener("resize", place);
    document.removeEventListener("scroll", place, true);
    document.removeEventListener("pointerdown", outside, true);
    const hadFocus = panel.contains(document.activeElement);
    panel.remove();
    anchor.setAttribute?.("aria-expanded", "false");
    if (hadFocus && reason !== "outside" && anchor.isConnected) anchor.focus({ preventScroll: true });
    onClose?.(reason);
  }
  anchor.setAttribute?.("aria-expanded", "true");
  addEventListener("resize", place);
  document.addEventListener("scroll", place, true);
  document.addEventListener("pointerdown", outside, true);
  panel.addEventListener("focusout", leave);
  place();
  return { close, place };
}

function position(anchor, panel, align, minWidth) {
  const gap = 6;
  const edge = 8;
  const box = anchor.getBoundingClientRect();
  panel.style.minWidth = `${Math.max(minWidth, 0)}px`;
  panel.style.maxHeight = "";
  const below = innerHeight - box.bottom - gap - edge;
  const above = box.top - gap - edge;
  const wanted = Math.min(panel.scrollHeight + 2, 380);
  const up = below < wanted && above > below;
  panel.style.maxHeight = `${Math.max(120, Math.min(380, up ? above : below))}px`;
  const height = panel.offsetHeight;
  const left = align === "end" ? box.right - panel.offsetWidth : box.left;
  panel.style.left = `${Math.max(edge, Math.min(left, innerWidth - panel.offsetWidth - edge))}px`;
  panel.style.top = `${Math.max(edge, up ? box.top - gap - height : box.bottom + gap)}px`;
}

// Slack's confirm object. Resolves to true or false and puts the focus back where it was.
export function askConfirm(confirm) {
  const before = document.activeElement;
  const title = uid("confirm");
  const pageWasBlocked = $("#app").inert;
  return new Promise((resolve) => {
    const answer = (yes) => {
      popLayer();
      veil.remove();
      $("#modals").inert = false;
      if (!pageWasBlocked) blockPage(false);
      if (before?.isConnected) before.focus({ preventScroll: true });
      resolve(yes);
    };
    const danger = confirm.style === "danger";
    const yes = h("button", { type: "button", class: `button ${danger ? "danger solid" : "primary"}`, data: { testid: "confirm-ok" }, on: { click: () => answer(true) } }, plain(confirm.confirm) || "Yes");
    const no = h("button", { type: "button", class: "button", data: { testid: "confirm-cancel" }, on: { click: () => answer(false) } }, plain(confirm.deny) || "Cancel");
    const box = h("div", { class: "dialog small", role: "alertdialog", "aria-modal": "true", "aria-labelledby": title, "aria-describedby": `${title}-text`, data: { testid: "confirm" } },
      h("h2", { id: title, class: "dialog-title" }, plain(confirm.title)),
      h("div", { id: `${title}-text`, class: "dialog-text" }, textObject(confirm.text)),
      h("footer", { class: "dialog-foot" }, no, yes));
    const veil = h("div", { class: "veil over", on: { pointerdown: (event) => { if (event.target === veil) answer(false); } } }, box);
    const popLayer = pushLayer({ onEscape: () => answer(false) });
    trapFocus(box);
    blockPage(true);
    $("#modals").inert = true;
    document.body.append(veil);
    (danger ? no : yes).focus();
  });
}

export function toast(text, level = "info") {
  const error = level === "error";
  const shut = h("button", { type: "button", class: "bare", "aria-label": "Dismiss", on: { click: () => node.remove() } }, icon("close", 16));
  const node = h("div", { class: `toast ${error ? "error" : "info"}`, role: error ? "alert" : "status", data: { testid: "toast" } }, icon(error ? "warn" : "info"), h("span", {}, text), shut);
  $("#toasts").append(node);
  while ($("#toasts").children.length > 4) $("#toasts").firstChild.remove();
  setTimeout(() => node.remove(), error ? 12000 : 6000);
}
