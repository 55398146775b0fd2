// Block elements that are typed or ticked: text, numbers, dates, times, radio buttons, checkboxes.
import { h, uid } from "./dom.js";
import { choose } from "./elements.js";
import { textObject, plain } from "./text.js";

const IDLE = 600;

// Calls `fn` once nothing has happened for a while; `now` at once.
function settled(fn) {
  let timer = null;
  const later = () => { clearTimeout(timer); timer = setTimeout(now, IDLE); };
  const now = () => { if (timer === null) return; clearTimeout(timer); timer = null; fn(); };
  return { later, now };
}

function store(ctx, block, element, value) {
  ctx.form.write(block.block_id, element, value);
  ctx.onChange?.(block.block_id);
}

export function field(element, block, ctx) {
  const value = ctx.form.read(block.block_id, element) ?? "";
  const kind = { email_text_input: "email", url_text_input: "url" }[element.type] ?? "text";
  const shared = { class: "field", placeholder: plain(element.placeholder) || null, autocomplete: "off", value, data: { actionId: element.action_id, autofocus: element.focus_on_load ? "yes" : null } };
  const node = element.multiline ? h("textarea", { ...shared, rows: "4" }) : h("input", { ...shared, type: kind });
  const triggers = block.dispatch_action ? element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"] : [];
  const send = () => choose(ctx, block, element, node.value || null, null);
  const typing = settled(send);
  node.addEventListener("input", () => {
    store(ctx, block, element, node.value || null);
    count();
    if (triggers.includes("on_character_entered")) typing.later();
  });
  node.addEventListener("keydown", (event) => {
    const enter = event.key === "Enter" && !event.shiftKey && !event.ctrlKey && !event.metaKey && !event.isComposing;
    if (!enter || element.multiline) return;
    event.preventDefault();
    if (triggers.includes("on_enter_pressed")) send();
  });
  const counter = element.max_length ? h("span", { class: "counter", id: uid("count") }) : null;
  function count() {
    if (!counter) return;
    const left = element.max_length - node.value.length;
    counter.hidden = left > element.max_length * 0.2;
    counter.textContent = left < 0 ? `${-left} over ${element.max_length}` : `${node.value.length} / ${element.max_length}`;
    counter.classList.toggle("over", left < 0);
    counter.classList.toggle("near", left >= 0 && left < element.max_length * 0.05);
  }
  count();
  return counter ? h("div", { class: "counted" }, node, counter) : node;
}

export function numberField(element, block, ctx) {
  const node = h("input", {
    class: "field narrow", type: "number", inputmode: "decimal", step: element.is_decimal_allowed ? "any" : "1", min: element.min_value, max: element.max_value,
    placeholder: plain(element.placeholder) || null, value: ctx.form.read(block.block_id, element) ?? "", data: { actionId: element.action_id },
  });
  return settling(node, element, block, ctx);
}

export function date(element, block, ctx) {
  return settling(h("input", { class: "field narrow", type: "date", value: ctx.form.read(block.block_id, element) ?? "", data: { actionId: element.action_id } }), element, block, ctx);
}

export function time(element, block, ctx) {
  return settling(h("input", { class: "field narrow", type: "time", value: ctx.form.read(block.block_id, element) ?? "", data: { actionId: element.action_id } }), element, block, ctx);
}

// Every keystroke in a date changes it, so an action is sent only when the person has paused or moved on.
function settling(node, element, block, ctx) {
  const label = block.type === "input" ? "" : plain(element.placeholder) || "Choose";
  const send = settled(() => choose(ctx, block, element, node.value || null, node));
  node.addEventListener("input", () => { store(ctx, block, element, node.value || null); send.later(); });
  node.addEventListener("blur", send.now);
  return label ? h("label", { class: "inline-field" }, h("span", {}, label), node) : node;
}

export function options(element, block, ctx) {
  const many = element.type === "checkboxes";
  const group = uid("options");
  const chosen = ctx.form.read(block.block_id, element);
  const isChosen = (option) => (many ? (chosen ?? []).some((item) => item.value === option.value) : chosen?.value === option.value);
  const inputs = element.options.map((option) => h("input", { type: many ? "checkbox" : "radio", name: group, value: option.value, checked: isChosen(option) }));
  const node = h("div", { class: "options", role: many ? "group" : "radiogroup", data: { actionId: element.action_id } },
    element.options.map((option, index) => h("label", { class: "option" }, inputs[index],
      h("span", {}, h("span", { class: "option-text" }, textObject(option.text)), option.description && h("span", { class: "option-note" }, textObject(option.description))))));
  node.addEventListener("change", () => {
    const ticked = element.options.filter((_, index) => inputs[index].checked);
    choose(ctx, block, element, many ? ticked : ticked[0] ?? null, node);
  });
  return node;
}
