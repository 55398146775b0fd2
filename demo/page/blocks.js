// Block Kit → DOM, block by block: a block that did not change keeps its nodes, so focus, caret and typing survive updates.
import { chart } from "./chart.js";
import { h, safeUrl, uid } from "./dom.js";
import { renderElement } from "./elements.js";
import { icon } from "./icons.js";
import { closePopovers } from "./layers.js";
import { markdown } from "./markdown.js";
import { richText } from "./richtext.js";
import { plain, textObject } from "./text.js";

export function renderBlocks(host, blocks, ctx) {
  const before = new Map([...host.children].map((node) => [node.blockKey, node]));
  const seen = new Map();
  const wanted = blocks.map((block, index) => {
    const name = block.block_id ?? `${index}:${block.type}`;
    seen.set(name, (seen.get(name) ?? 0) + 1);
    const key = seen.get(name) > 1 ? `${name}#${seen.get(name)}` : name;
    const written = JSON.stringify(block);
    const old = before.get(key);
    return old?.blockJson === written ? old : Object.assign(renderBlock(block, ctx), { blockKey: key, blockJson: written });
  });
  for (const node of [...host.children]) if (!wanted.includes(node)) {
    if (node.querySelector('[aria-expanded="true"]')) closePopovers();
    node.remove();
  }
  wanted.forEach((node, index) => { if (host.children[index] !== node) host.insertBefore(node, host.children[index] ?? null); });
}

function renderBlock(block, ctx) {
  const node = build(block, ctx);
  node.classList.add("block", `block-${block.type}`);
  if (block.block_id) node.dataset.blockId = block.block_id;
  return node;
}

function build(block, ctx) {
  switch (block.type) {
    case "section": return section(block, ctx);
    case "header": return h("h3", {}, plain(block.text));
    case "divider": return h("hr", {});
    case "context": return context(block);
    case "actions": return h("div", { role: "group", "aria-label": "Actions" }, (block.elements ?? []).map((element) => renderElement(element, block, ctx)));
    case "input": return input(block, ctx);
    case "rich_text": return h("div", {}, richText(block));
    case "markdown": return h("div", {}, markdown(block.text ?? ""));
    case "image": return image(block);
    case "alert": return alert(block);
    case "data_visualization": return chart(block);
    default: return h("div", { class: "unknown" }, `This demo cannot show a "${block.type}" block.`);
  }
}

function section(block, ctx) {
  const main = h("div", { class: "section-main" },
    block.text && h("div", { class: "prose" }, textObject(block.text)),
    block.fields && h("div", { class: "section-fields" }, block.fields.map((item) => h("div", { class: "prose" }, textObject(item)))));
  return h("div", {}, main, block.accessory && h("div", { class: "section-accessory" }, renderElement(block.accessory, block, ctx)));
}

function context(block) {
  return h("div", {}, (block.elements ?? []).map((element) =>
    element.type === "image" ? picture(element, "context-image") : h("span", { class: "prose" }, textObject(element))));
}

// Pictures from elsewhere are not fetched: the demo makes no request outside this machine.
function picture(source, className) {
  const url = source.image_url ?? "";
  const local = url.startsWith("data:image/") || (safeUrl(url) && new URL(safeUrl(url)).origin === location.origin);
  return local ? h("img", { class: className, src: url, alt: source.alt_text ?? "" }) : h("span", { class: `${className} no-image`, role: "img", "aria-label": source.alt_text ?? "" }, icon("page", 16), source.alt_text ?? "");
}

function image(block) {
  return h("figure", {}, block.title && h("figcaption", {}, plain(block.title)), picture(block, "picture"));
}

const LEVELS = { error: "warn", warning: "warn", success: "ok", info: "info", default: "info" };

function alert(block) {
  const level = LEVELS[block.level] ? block.level : "default";
  return h("div", { class: `level-${level}`, role: level === "error" ? "alert" : "status" }, icon(LEVELS[level]), h("div", { class: "prose" }, textObject(block.text)));
}

function input(block, ctx) {
  const label = uid("label");
  const content = renderElement(block.element, block, ctx);
  const control = content.matches("[data-action-id]") ? content : content.querySelector("[data-action-id]");
  const native = control?.matches("input, textarea");
  const hint = block.hint ? h("p", { class: "hint", id: uid("hint") }, plain(block.hint)) : null;
  const error = h("p", { class: "field-error", id: uid("error"), hidden: true, data: { testid: "field-error" } });
  const about = [control?.getAttribute("aria-describedby"), content.querySelector?.(".counter")?.id, hint?.id].filter(Boolean).join(" ");
  if (control) {
    control.id = uid("control");
    if (!native) control.setAttribute("aria-labelledby", label);
    if (!block.optional && native) control.setAttribute("aria-required", "true");
  }
  const node = h("div", {},
    h("label", { class: "label", id: label, for: native || control?.matches("button") ? control.id : null }, plain(block.label), block.optional && h("span", { class: "optional" }, " (optional)")),
    content, error, hint);
  // The reason stands under its field without rebuilding it.
  node.setError = (text) => {
    error.hidden = !text;
    if (error.textContent !== (text ?? "")) error.textContent = text ?? "";
    node.classList.toggle("invalid", Boolean(text));
    control?.setAttribute("aria-describedby", [about, text && error.id].filter(Boolean).join(" "));
    if (text) control?.setAttribute("aria-invalid", "true");
    else control?.removeAttribute("aria-invalid");
  };
  return node;
}
