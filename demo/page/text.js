// Text objects → nodes. Slack's mrkdwn is parsed; plain_text and what people type never is.
import { h, safeUrl } from "./dom.js";
import { withEmoji, emoji } from "./emoji.js";
import { channel, channelLabel, nameOf } from "./store.js";

// Slack escapes three characters in every text; undoing that is not parsing.
export const unescape = (text) => text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");

export function textObject(text) {
  if (!text) return [];
  if (typeof text === "string") return [text];
  return text.type === "mrkdwn" ? mrkdwn(text.text ?? "") : [plain(text)];
}

export const plain = (text) => (typeof text === "string" ? text : text?.emoji ? withEmoji(text.text ?? "") : text?.text ?? "");

export function link(url, children) {
  const href = safeUrl(url);
  return href ? h("a", { href, target: "_blank", rel: "noopener noreferrer" }, children) : h("span", {}, children);
}

export function mention(id) {
  return h("span", { class: "mention" }, `@${nameOf(id)}`);
}

export function channelMention(id, label) {
  const found = channel(id);
  return h("span", { class: "mention" }, `#${found ? channelLabel(found) : label || id}`);
}

export function mrkdwn(source) {
  return source.split(/```([\s\S]*?)```/).map((part, index) =>
    index % 2 ? h("pre", {}, unescape(part.replace(/^\n/, "").replace(/\n$/, ""))) : lines(part));
}

function lines(source) {
  const out = [];
  for (const run of runs(source.split("\n"))) {
    if (run.quote) out.push(h("blockquote", {}, inline(run.lines.join("\n"))));
    else out.push(...inline(run.lines.join("\n")));
  }
  return out;
}

function runs(all) {
  const found = [];
  for (const line of all) {
    const quoted = /^(?:>|&gt;) ?(.*)$/.exec(line);
    const last = found[found.length - 1];
    if (last && last.quote === Boolean(quoted)) last.lines.push(quoted ? quoted[1] : line);
    else found.push({ quote: Boolean(quoted), lines: [quoted ? quoted[1] : line] });
  }
  return found.filter((run, index) => run.quote || run.lines.length > 1 || run.lines[0] !== "" || found.length === 1 || index === 0);
}

const TOKEN = new RegExp([
  "<([^<>\\n]+)>",
  "`([^`\\n]+)`",
  ":([a-z0-9_+-]+):",
  "(?<![\\p{L}\\p{N}*])\\*(?=\\S)([^*\\n]*[^*\\s])\\*(?![\\p{L}\\p{N}*])",
  "(?<![\\p{L}\\p{N}_])_(?=\\S)([^_\\n]*[^_\\s])_(?![\\p{L}\\p{N}_])",
  "(?<![\\p{L}\\p{N}~])~(?=\\S)([^~\\n]*[^~\\s])~(?![\\p{L}\\p{N}~])",
].join("|"), "gu");

export function inline(source) {
  const out = [];
  let end = 0;
  for (const match of source.matchAll(TOKEN)) {
    if (match.index > end) out.push(unescape(source.slice(end, match.index)));
    out.push(token(match));
    end = match.index + match[0].length;
  }
  if (end < source.length) out.push(unescape(source.slice(end)));
  return out;
}

function token([whole, angle, code, name, bold, italic, strike]) {
  if (angle !== undefined) return angled(angle);
  if (code !== undefined) return h("code", {}, unescape(code));
  if (name !== undefined) return emoji(name);
  if (bold !== undefined) return h("strong", {}, inline(bold));
  if (italic !== undefined) return h("em", {}, inline(italic));
  if (strike !== undefined) return h("s", {}, inline(strike));
  return whole;
}

function angled(inner) {
  const bar = inner.indexOf("|");
  const target = bar < 0 ? inner : inner.slice(0, bar);
  const label = bar < 0 ? "" : unescape(inner.slice(bar + 1));
  if (target.startsWith("@")) return mention(target.slice(1));
  if (target.startsWith("#")) return channelMention(target.slice(1), label);
  if (target.startsWith("!date^")) return label;
  if (target.startsWith("!")) return h("span", { class: "mention" }, label || `@${target.slice(1)}`);
  return link(unescape(target), label || unescape(target.replace(/^mailto:/, "")));
}
