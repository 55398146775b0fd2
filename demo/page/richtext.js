// The rich_text block: typed runs, lists, quotes and preformatted text.
import { h } from "./dom.js";
import { emoji } from "./emoji.js";
import { channelMention, link, mention } from "./text.js";

export function richText(block) {
  return h("div", { class: "rich" }, (block.elements ?? []).map(part));
}

function part(element) {
  switch (element.type) {
    case "rich_text_section": return h("div", { class: "rich-section" }, run(element.elements));
    case "rich_text_quote": return h("blockquote", {}, run(element.elements));
    case "rich_text_preformatted": return h("pre", {}, run(element.elements));
    case "rich_text_list": return list(element);
    default: return null;
  }
}

function list(element) {
  const indent = Math.min(element.indent ?? 0, 8);
  const ordered = element.style === "ordered";
  const props = { class: `rich-list depth-${indent % 3}`, css: { "--indent": indent } };
  if (ordered && element.offset) props.start = element.offset + 1;
  return h(ordered ? "ol" : "ul", props, (element.elements ?? []).map((item) => h("li", {}, run(item.elements))));
}

const run = (elements) => (elements ?? []).map(leaf);

function leaf(element) {
  switch (element.type) {
    case "text": return styled(element.text ?? "", element.style);
    case "link": return styled(link(element.url, element.text || element.url), element.style);
    case "emoji": return emoji(element.name);
    case "user": return styled(mention(element.user_id), element.style);
    case "channel": return channelMention(element.channel_id);
    case "broadcast": return h("span", { class: "mention" }, `@${element.range}`);
    case "date": return element.fallback ?? new Date(element.timestamp * 1000).toLocaleString();
    default: return element.text ?? "";
  }
}

const TAGS = { code: "code", strike: "s", italic: "em", bold: "strong", underline: "u" };

function styled(content, style = {}) {
  return Object.entries(TAGS).reduce((node, [name, tag]) => (style[name] ? h(tag, {}, node) : node), content);
}
