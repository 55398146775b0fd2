// The stack of modals: what was typed outlives every update of the same view, and the focus is never taken from a field.
import { $, byIds, focusables, h, keepFocus, setBusy, uid } from "./dom.js";
import { renderBlocks } from "./blocks.js";
import { Form } from "./forms.js";
import { botMark, icon } from "./icons.js";
import { blockPage, pushLayer, trapFocus } from "./layers.js";
import { post } from "./stream.js";
import { plain } from "./text.js";

const TROUBLE = "We had some trouble connecting. Try again?";
const forms = new Map();
const modals = new Map();
let shown = null;
let cameFrom = null;
let popLayer = null;

export function showViews(stack, { keepTyped = false } = {}) {
  const top = stack[stack.length - 1] ?? null;
  for (const id of [...modals.keys()]) if (!stack.some((view) => view.id === id)) {
    modals.delete(id);
    if (!keepTyped) forms.delete(id);
  }
  stack.forEach((view, depth) => {
    if (!modals.has(view.id)) modals.set(view.id, new Modal(view.id));
    modals.get(view.id).take(view, depth);
  });
  const next = top ? modals.get(top.id) : null;
  if (next !== shown) swap(next);
  shown?.settle();
}

function swap(next) {
  if (!shown && next) {
    cameFrom = whereFocusIs();
    blockPage(true);
    popLayer = pushLayer({ onEscape: () => shown.escape() });
  }
  shown?.leave();
  shown = next;
  $("#modals").replaceChildren(...(next ? [h("div", { class: "veil" }, next.box)] : []));
  if (next) return next.enter();
  popLayer();
  blockPage(false);
  return giveFocusBack();
}

function whereFocusIs() {
  const node = document.activeElement;
  return { node, ts: node.closest("[data-ts]")?.dataset.ts, blockId: node.closest("[data-block-id]")?.dataset.blockId, actionId: node.closest("[data-action-id]")?.dataset.actionId };
}

function giveFocusBack() {
  const { node, ts, blockId, actionId } = cameFrom;
  const row = ts && $(`#rows [data-ts="${CSS.escape(ts)}"]`);
  const again = row && blockId && actionId ? byIds(row, blockId, actionId) : null;
  const target = (node.isConnected && node !== document.body && node) || again || row || $("#composer");
  target?.focus({ preventScroll: true });
}

export class Modal {
  constructor(id) {
    if (!forms.has(id)) forms.set(id, new Form({ typedWins: true }));
    this.form = forms.get(id);
    this.problems = {};
    this.errors = {};
    this.pending = false;
    this.trouble = null;
    this.build();
  }

  build() {
    const title = uid("title");
    this.title = h("h2", { class: "dialog-title", id: title });
    this.notice = h("div", { class: "dialog-notice", role: "alert", hidden: true, data: { testid: "modal-notice" } });
    this.body = h("div", { class: "dialog-body blocks" });
    this.cross = h("button", { type: "button", class: "bare", "aria-label": "Close", data: { testid: "modal-x" }, on: { click: () => this.askClose() } }, icon("close"));
    this.closeButton = h("button", { type: "button", class: "button", data: { testid: "modal-close" }, on: { click: () => this.askClose() } });
    this.submitButton = h("button", { type: "button", class: "button primary", data: { testid: "modal-submit" }, on: { click: () => this.submit() } });
    this.discard = this.buildDiscard();
    this.box = h("div", {
      class: "dialog", role: "dialog", "aria-modal": "true", "aria-labelledby": title, tabindex: "-1", data: { testid: "modal" },
      on: { keydown: (event) => this.onKey(event) },
    }, h("header", { class: "dialog-head" }, botMark(28), this.title, this.cross), this.notice, this.body, this.discard,
    h("footer", { class: "dialog-foot" }, this.closeButton, this.submitButton));
    trapFocus(this.box);
  }

  buildDiscard() {
    return h("div", { class: "dialog-discard", role: "alertdialog", "aria-label": "Close without saving?", hidden: true, data: { testid: "modal-discard" } },
      h("p", {}, "What you typed here is not saved yet."),
      h("button", { type: "button", class: "button", data: { testid: "modal-keep" }, on: { click: () => this.keepEditing() } }, "Keep editing"),
      h("button", { type: "button", class: "button danger", data: { testid: "modal-discard-yes" }, on: { click: () => this.close() } }, "Close anyway"));
  }

  get context() {
    return {
      container: { type: "view", view_id: this.view.id },
      form: this.form,
      blocks: () => this.view.blocks,
      onChange: (blockId) => this.onChange(blockId),
    };
  }

  take(view, depth) {
    const again = this.view && JSON.stringify(this.view.errors ?? {}) === JSON.stringify(view.errors ?? {}) && this.view.hash === view.hash;
    const hadFields = this.hasFields();
    this.view = view;
    this.errors = view.errors ?? {};
    this.said = view.notice ?? null;
    this.box.dataset.viewId = view.id;
    this.box.dataset.callbackId = view.callback_id ?? "";
    if (!again) { this.trouble = null; this.problems = {}; }
    this.form.update(view.blocks, view.state?.values);
    this.title.textContent = plain(view.title);
    this.closeButton.textContent = plain(view.close) || (depth > 0 ? "Back" : view.submit ? "Cancel" : "Close");
    this.submitButton.hidden = !view.submit;
    this.submitButton.textContent = plain(view.submit);
    keepFocus(this.body, () => renderBlocks(this.body, view.blocks, this.context), this.box);
    this.drawNotice();
    this.drawErrors();
    this.gainedFields = !hadFields && this.hasFields();
  }

  hasFields() {
    return Boolean(this.body.querySelector("input, textarea, .block-input button"));
  }

  // After an update: a form that has just replaced "Loading…" gets the focus, a form being typed in keeps it.
  settle() {
    const active = document.activeElement;
    const typing = this.body.contains(active) && active !== this.body;
    if (typing || !this.discard.hidden) return;
    if (this.gainedFields) this.focusFirst();
    else if (!this.box.contains(active) && !active.closest?.("#popovers, .veil.over")) this.box.focus({ preventScroll: true });
    this.gainedFields = false;
  }

  enter() {
    this.body.scrollTop = this.scrolled ?? 0;
    if (this.lastFocus?.isConnected) this.lastFocus.focus({ preventScroll: true });
    else this.focusFirst();
    this.gainedFields = false;
  }

  leave() {
    this.scrolled = this.body.scrollTop;
    if (this.box.contains(document.activeElement)) this.lastFocus = document.activeElement;
  }

  focusFirst() {
    const first = this.body.querySelector("[data-autofocus]") ?? this.body.querySelector(".block-input input, .block-input textarea, .block-input button");
    (first ?? focusables(this.body)[0] ?? this.box).focus({ preventScroll: true });
  }

  drawNotice() {
    const orphans = Object.entries(this.errors).filter(([id]) => !this.fieldOf(id)).map(([, text]) => text);
    const text = [this.trouble ?? this.said, ...orphans].filter(Boolean).join(" ");
    if (this.notice.textContent !== text) this.notice.replaceChildren(...(text ? [icon("warn"), h("span", {}, text)] : []));
    this.notice.hidden = !text;
  }

  fieldOf(blockId) {
    return [...this.body.children].find((node) => node.dataset.blockId === blockId && node.setError) ?? null;
  }

  drawErrors({ focus = false } = {}) {
    const errors = { ...this.errors, ...this.problems };
    let first = null;
    for (const node of this.body.children) {
      const text = errors[node.dataset.blockId] ?? null;
      node.setError?.(text);
      if (text && node.setError) first ??= node;
    }
    const active = document.activeElement;
    if (!first || (!focus && this.body.contains(active))) return;
    if (focus || active === this.submitButton) {
      first.querySelector("[data-action-id]")?.focus({ preventScroll: true });
      first.scrollIntoView({ block: "nearest" });
    }
  }

  onChange(blockId) {
    if (!this.problems[blockId]) return;
    delete this.problems[blockId];
    this.drawErrors();
  }

  onKey(event) {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !this.view.submit) return;
    event.preventDefault();
    this.submit();
  }

  setPending(pending, control = null) {
    this.pending = pending;
    for (const button of [this.submitButton, this.closeButton, this.cross]) button.setAttribute("aria-disabled", String(pending));
    setBusy(this.submitButton, pending && control === this.submitButton);
    this.submitButton.setAttribute("aria-disabled", String(pending));
    this.box.setAttribute("aria-busy", String(pending));
  }

  async submit() {
    if (this.pending) return;
    this.errors = {};
    this.said = null;
    this.problems = this.form.problems(this.view.blocks);
    this.drawErrors({ focus: true });
    if (Object.keys(this.problems).length) return;
    this.trouble = null;
    this.drawNotice();
    this.setPending(true, this.submitButton);
    const sent = this.view;
    const reply = await post("/client/submit", { view_id: this.view.id, state: { values: this.form.values(this.view.blocks) } });
    this.finish(reply, sent);
  }

  finish(reply, sent) {
    this.setPending(false);
    const explained = this.view !== sent && (Object.keys(this.errors).length > 0 || this.said);
    this.trouble = reply.ok || reply.shown || explained ? null : TROUBLE;
    this.drawNotice();
    this.drawErrors();
  }

  askClose() {
    if (this.pending) return;
    if (!this.form.unsaved(this.view.blocks) || !this.discard.hidden) { this.close(); return; }
    this.lastFocus = document.activeElement;
    this.discard.hidden = false;
    this.discard.querySelector("button").focus();
  }

  escape() {
    if (this.discard.hidden) this.askClose();
    else this.keepEditing();
  }

  keepEditing() {
    this.discard.hidden = true;
    (this.lastFocus?.isConnected ? this.lastFocus : this.box).focus({ preventScroll: true });
  }

  async close() {
    if (this.pending) return;
    this.setPending(true);
    const sent = this.view;
    this.finish(await post("/client/close", { view_id: sent.id }), sent);
  }
}
