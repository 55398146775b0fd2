// The markdown block: the common part of Markdown, line by line.
import { h } from "./dom.js";
import { link } from "./text.js";

const ITEM = /^(\s*)(?:[-*+]|(\d+)[.)])\s+(.*)$/;

export function markdown(source) {
  const lines = source.replace(/\r\n?/g, "\n").split("\n");
  const out = [];
  for (let at = 0; at < lines.length;) at = blockAt(lines, at, out);
  return h("div", { class: "markdown" }, out);
}

function blockAt(lines, at, out) {
  const line = lines[at];
  const heading = /^(#{1,6})\s+(.*?)\s*#*$/.exec(line);
  if (!line.trim()) return at + 1;
  if (/^```/.test(line)) return fenced(lines, at, out);
  if (heading) return push(out, h(`h${Math.min(heading[1].length + 2, 6)}`, {}, inline(heading[2])), at + 1);
  if (/^\s*([-*_])(\s*\1){2,}\s*$/.test(line)) return push(out, h("hr", {}), at + 1);
  if (/^>/.test(line)) return quoted(lines, at, out);
  if (ITEM.test(line)) return listed(lines, at, out);
  return paragraph(lines, at, out);
}

function push(out, node, next) {
  out.push(node);
  return next;
}

function until(lines, at, stop) {
  let end = at;
  while (end < lines.length && !stop(lines[end])) end += 1;
  return end;
}

function fenced(lines, at, out) {
  const end = until(lines, at + 1, (line) => /^```/.test(line));
  return push(out, h("pre", {}, lines.slice(at + 1, end).join("\n")), end + 1);
}

function quoted(lines, at, out) {
  const end = until(lines, at, (line) => !/^>/.test(line));
  const text = lines.slice(at, end).map((line) => line.replace(/^> ?/, "")).join("\n");
  return push(out, h("blockquote", {}, inline(text)), end);
}

function listed(lines, at, out) {
  const end = until(lines, at, (line) => !ITEM.test(line));
  const items = lines.slice(at, end).map((line) => ITEM.exec(line));
  const depth = (item) => Math.floor(item[1].replace(/\t/g, "  ").length / 2);
  const ordered = items[0][2] !== undefined;
  const rows = items.map((item) => h("li", { css: { "--indent": depth(item) } }, inline(item[3])));
  return push(out, h(ordered ? "ol" : "ul", ordered ? { start: items[0][2] } : {}, rows), end);
}

function paragraph(lines, at, out) {
  const end = until(lines, at, (line) => !line.trim() || /^(#{1,6}\s|>|```)/.test(line) || ITEM.test(line));
  return push(out, h("p", {}, inline(lines.slice(at, Math.max(end, at + 1)).join("\n"))), Math.max(end, at + 1));
}

const TOKEN = /`([^`]+)`|\[([^\]]+)\]\(([^)\s]+)\)|\*\*(?=\S)([\s\S]*?\S)\*\*|~~(?=\S)([\s\S]*?\S)~~|(?<![\w*])\*(?=\S)([^*]*\S)\*(?![\w*])|(?<!\w)_(?=\S)([^_]*\S)_(?!\w)|\\([\\`*_{}[\]()#+\-.!~>])/g;

function inline(source) {
  const out = [];
  let end = 0;
  for (const match of source.matchAll(TOKEN)) {
    out.push(source.slice(end, match.index), token(match));
    end = match.index + match[0].length;
  }
  return [...out, source.slice(end)];
}

function token([, code, label, url, bold, strike, star, underscore, escaped]) {
  if (code !== undefined) return h("code", {}, code);
  if (label !== undefined) return link(url, inline(label));
  if (bold !== undefined) return h("strong", {}, inline(bold));
  if (strike !== undefined) return h("s", {}, inline(strike));
  if (escaped !== undefined) return escaped;
  return h("em", {}, inline(star ?? underscore));
}
