// Block elements that are pressed or opened: buttons, overflow menus, selects. Typed ones are in fields.js.
import { act, suggest } from "./actions.js";
import { h, safeUrl, uid } from "./dom.js";
import { date, field, numberField, options, time } from "./fields.js";
import { STATEFUL } from "./forms.js";
import { icon } from "./icons.js";
import { openMenu } from "./menu.js";
import { groupsOf, openPicker } from "./picker.js";
import { channelLabel, store } from "./store.js";
import { plain } from "./text.js";

export function renderElement(element, block, ctx) {
  switch (element.type) {
    case "button": case "workflow_button": return button(element, block, ctx);
    case "overflow": return overflow(element, block, ctx);
    case "static_select": case "external_select": case "users_select": case "conversations_select": case "channels_select":
      return select(element, block, ctx);
    case "multi_static_select": case "multi_external_select": case "multi_users_select": return multiSelect(element, block, ctx);
    case "plain_text_input": case "email_text_input": case "url_text_input": return field(element, block, ctx);
    case "number_input": return numberField(element, block, ctx);
    case "datepicker": return date(element, block, ctx);
    case "timepicker": return time(element, block, ctx);
    case "radio_buttons": case "checkboxes": return options(element, block, ctx);
    case "image": return h("span", { class: "thumb", role: "img", "aria-label": element.alt_text }, icon("page"));
    default: return h("span", { class: "unknown" }, `(${element.type})`);
  }
}

export function choose(ctx, block, element, value, control) {
  ctx.form.write(block.block_id, element, value);
  ctx.onChange?.(block.block_id);
  if (block.type === "input" && !block.dispatch_action) return;
  act(ctx, block.block_id, element, { [STATEFUL[element.type][0]]: value }, control);
}

function button(element, block, ctx) {
  const href = element.url && safeUrl(element.url);
  const press = () => act(ctx, block.block_id, element, element.value === undefined ? {} : { value: element.value }, node);
  const node = h(href ? "a" : "button", {
    type: href ? null : "button", href, target: href && "_blank", rel: href && "noopener noreferrer",
    class: `button ${element.style ?? ""}`, "aria-label": element.accessibility_label, data: { actionId: element.action_id, value: element.value },
    on: { click: press },
  }, h("span", { class: "button-text" }, plain(element.text)), href && icon("external", 16));
  return node;
}

function overflow(element, block, ctx) {
  const node = h("button", { type: "button", class: "button square", "aria-haspopup": "menu", "aria-expanded": "false", "aria-label": "More", data: { actionId: element.action_id } }, icon("more"));
  node.addEventListener("click", () => openMenu(node, element.options.map((option) => ({
    label: plain(option.text), description: option.description && plain(option.description), data: { value: option.value },
    onSelect: () => {
      const href = option.url && safeUrl(option.url);
      if (href) open(href, "_blank", "noopener,noreferrer");
      act(ctx, block.block_id, element, { selected_option: option }, node);
    },
  })), { label: "More", align: "end" }));
  return node;
}

// Ids of people and conversations stand for options: [options, option → value, value → option]
function choices(element) {
  const asOption = (value, text, note) => ({ value, text: { type: "plain_text", text }, description: note ? { type: "plain_text", text: note } : undefined });
  const people = () => store.hello.people.map((item) => asOption(item.id, item.real_name || item.name, item.title));
  const places = () => store.hello.channels.map((item) => asOption(item.id, `${item.kind === "im" ? "" : "#"}${channelLabel(item)}`));
  if (element.type.endsWith("users_select")) return { groups: () => [{ label: "", options: people() }], ids: true };
  if (/^(conversations|channels)_select$/.test(element.type)) return { groups: () => [{ label: "", options: places() }], ids: true };
  return { groups: () => groupsOf(element), ids: false };
}

function trigger(element, block) {
  const textId = uid("chosen");
  return h("button", {
    type: "button", class: "select", "aria-haspopup": "listbox", "aria-expanded": "false",
    "aria-describedby": block.type === "input" ? textId : null, data: { actionId: element.action_id },
  }, h("span", { class: "select-text", id: textId }), icon("chevron", 16));
}

function pickerOptions(element, block, ctx, groups, rest) {
  const remote = element.type.endsWith("external_select");
  const source = remote ? { load: (query) => suggest(ctx, block.block_id, element, query), least: element.min_query_length ?? 3 } : { groups: groups() };
  return { ...source, label: plain(element.placeholder) || plain(block.label) || "Choose", ...rest };
}

function select(element, block, ctx) {
  const { groups, ids } = choices(element);
  const node = trigger(element, block);
  const current = () => ctx.form.read(block.block_id, element);
  const valueOf = (chosen) => (ids ? chosen : chosen?.value);
  const labelOf = (chosen) => (ids ? plain(groups()[0].options.find((option) => option.value === chosen)?.text) : plain(chosen.text));
  const draw = () => {
    const chosen = current();
    node.firstChild.textContent = chosen ? labelOf(chosen) : plain(element.placeholder) || "Choose…";
    node.classList.toggle("empty", !chosen);
    node.dataset.value = valueOf(chosen) ?? "";
    clear.hidden = !(chosen && block.type === "input" && block.optional);
  };
  const set = (value) => { choose(ctx, block, element, value, node); draw(); };
  const clear = h("button", { type: "button", class: "bare clear", "aria-label": "Clear the choice", hidden: true, on: { click: () => { set(null); node.focus(); } } }, icon("close", 16));
  const open = () => openPicker(node, pickerOptions(element, block, ctx, groups, {
    selected: (option) => option.value === valueOf(current()),
    onPick: (option) => set(ids ? option.value : option),
  }));
  node.addEventListener("click", open);
  node.addEventListener("keydown", (event) => { if (["ArrowDown", "ArrowUp"].includes(event.key)) { event.preventDefault(); open(); } });
  draw();
  return h("span", { class: "select-wrap" }, node, clear);
}

function multiSelect(element, block, ctx) {
  const { groups, ids } = choices(element);
  const node = trigger(element, block);
  const chips = h("span", { class: "chips" });
  const current = () => ctx.form.read(block.block_id, element) ?? [];
  const valueOf = (item) => (ids ? item : item.value);
  const labelOf = (item) => (ids ? plain(groups()[0].options.find((option) => option.value === item)?.text) : plain(item.text));
  const without = (value) => current().filter((item) => valueOf(item) !== value);
  const set = (value) => { choose(ctx, block, element, value, node); draw(); };
  const draw = () => {
    node.firstChild.textContent = current().length ? `${current().length} chosen` : plain(element.placeholder) || "Choose…";
    node.classList.toggle("empty", !current().length);
    chips.replaceChildren(...current().map((item) => h("span", { class: "chip" }, labelOf(item),
      h("button", { type: "button", class: "bare", "aria-label": `Remove ${labelOf(item)}`, on: { click: () => { set(without(valueOf(item))); node.focus(); } } }, icon("close", 14)))));
  };
  node.addEventListener("click", () => openPicker(node, pickerOptions(element, block, ctx, groups, {
    multi: true,
    selected: (option) => current().some((item) => valueOf(item) === option.value),
    onPick: (option) => {
      const rest = without(option.value);
      set(rest.length < current().length ? rest : [...rest, ids ? option.value : option]);
    },
  })));
  draw();
  return h("span", { class: "multi" }, node, chips);
}
