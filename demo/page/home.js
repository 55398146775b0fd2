// The app's Home: one view, drawn like a message, kept while one is elsewhere.
import { renderBlocks } from "./blocks.js";
import { $, fill, h, keepFocus } from "./dom.js";
import { Form } from "./forms.js";
import { botMark } from "./icons.js";
import { HOME, store } from "./store.js";
import { post } from "./stream.js";

let host = null;
let form = null;
let drawnFor = null;

export function openHome() {
  post("/client/home", {});
  drawHome();
}

export function drawHome() {
  if (store.place !== HOME || !store.hello) return;
  const view = store.home;
  const key = `${store.user}|${view?.id}`;
  if (!view) { host = null; drawnFor = null; fill($("#home"), waiting()); return; }
  if (!host || drawnFor !== key) {
    form = new Form({ typedWins: false });
    host = h("div", { class: "blocks" });
    drawnFor = key;
    fill($("#home"), h("div", { class: "home-page" }, host));
  }
  form.update(view.blocks, view.state?.values);
  const context = { container: { type: "view", view_id: view.id }, form, blocks: () => store.home?.blocks ?? [] };
  keepFocus(host, () => renderBlocks(host, view.blocks, context));
}

function waiting() {
  return h("div", { class: "empty" }, botMark(56), h("h2", {}, `${store.hello.bot.name} Home`), h("p", {}, "Your open drafts and reviews will be listed here."));
}
