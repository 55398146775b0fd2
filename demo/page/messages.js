// The conversation: rows in order, dividers between days, and a scroll position that nobody pulls away.
import { $, byIds, fill, h, announce } from "./dom.js";
import { emptyState } from "./empty.js";
import { icon } from "./icons.js";
import { Row } from "./message.js";
import { isBot, laterThan, messagesOf, nameOf, on, store, timeOf } from "./store.js";
import { isDismissed, markRead } from "./unread.js";

const NEAR = 56;
const TOGETHER = 5 * 60;
const rows = new Map();
const dividers = new Map();
let following = true;
let unseen = [];
let touched = null;
let newest = null;
let fresh = true;

export function startMessages() {
  const log = $("#log");
  log.addEventListener("scroll", onScroll, { passive: true });
  $("#pill").addEventListener("click", toUnseen);
  $("#rows").addEventListener("click", (event) => { touched = { node: event.target, at: performance.now() }; }, true);
  new ResizeObserver(() => { if (following) toBottom(); }).observe(log);
  on("messages", (channelId) => { if (channelId === store.place) refresh(); });
  on("sent", () => { following = true; toBottom(); });
}

export function openConversation() {
  rows.clear();
  dividers.clear();
  unseen = [];
  newest = null;
  following = true;
  fresh = true;
  fill($("#rows"));
  drawPill();
  refresh();
  toBottom();
}

function refresh() {
  const messages = messagesOf(store.place).filter((message) => !isDismissed(store.place, message.ts));
  const keep = holdScroll(messages);
  const arrived = reconcile(messages);
  keep(arrived);
  noteArrivals(arrived);
  newest = messages[messages.length - 1]?.ts ?? newest;
  fresh = false;
  if (!document.hidden) markRead(store.place);
}

function reconcile(messages) {
  const list = $("#rows");
  const wanted = [];
  const arrived = [];
  const present = new Set(messages.map((message) => message.ts));
  messages.forEach((message, index) => {
    const before = messages[index - 1];
    if (!before || dayOf(before.ts) !== dayOf(message.ts)) wanted.push(divider(message.ts));
    if (!rows.has(message.ts)) { rows.set(message.ts, new Row(store.place, message.ts)); arrived.push(message); }
    const row = rows.get(message.ts);
    const grouped = goesWith(before, message);
    if (row.message !== message || row.grouped !== grouped) row.show(message, grouped);
    wanted.push(row.el);
  });
  for (const ts of [...rows.keys()]) if (!present.has(ts)) rows.delete(ts);
  if (!wanted.length) wanted.push(emptyState());
  for (const node of [...list.children]) if (!wanted.includes(node)) node.remove();
  wanted.forEach((node, index) => { if (list.children[index] !== node) list.insertBefore(node, list.children[index] ?? null); });
  return arrived;
}

function goesWith(before, message) {
  return Boolean(before) && before.user === message.user && isBot(before) === isBot(message) && !before.ephemeral === !message.ephemeral
    && dayOf(before.ts) === dayOf(message.ts) && Number.parseFloat(message.ts) - Number.parseFloat(before.ts) < TOGETHER;
}

const dayOf = (ts) => timeOf(ts).toDateString();

function divider(ts) {
  const day = dayOf(ts);
  if (!dividers.has(day)) dividers.set(day, h("div", { class: "day", role: "separator" }, h("span", {}, dayName(timeOf(ts)))));
  return dividers.get(day);
}

function dayName(date) {
  const today = new Date();
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  if (date.toDateString() === today.toDateString()) return "Today";
  if (date.toDateString() === yesterday.toDateString()) return "Yesterday";
  const year = date.getFullYear() === today.getFullYear() ? {} : { year: "numeric" };
  return new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long", ...year }).format(date);
}

// Remembers what the eye is on, and returns the function that puts it back after the change.
function holdScroll(messages) {
  const log = $("#log");
  const anchor = anchorOf(messages);
  const top = anchor?.top();
  const wasFollowing = following;
  return (arrived) => {
    if (anchor && anchor.top() !== undefined) log.scrollTop += anchor.top() - top;
    const mine = arrived.some((message) => message.user === store.user && !isBot(message));
    if (fresh || mine) return toBottom();
    if (!wasFollowing || anchor?.deliberate && !arrived.length) return onScroll();
    return revealEnd(arrived, messages);
  };
}

// Follows the end of the talk, but never past the start of what has just come or changed.
function revealEnd(arrived, messages) {
  const log = $("#log");
  const first = arrived[0] ?? messages[messages.length - 1];
  const row = first && rows.get(first.ts);
  if (!row) return toBottom();
  const start = row.el.offsetTop - 20;
  log.scrollTop = Math.max(log.scrollTop, Math.min(log.scrollHeight - log.clientHeight, start));
  return onScroll();
}

function anchorOf(messages) {
  const changed = messages.filter((message) => rows.has(message.ts) && rows.get(message.ts).message !== message);
  for (const message of changed) {
    const row = rows.get(message.ts);
    const recent = touched && performance.now() - touched.at < 15000 && row.el.contains(touched.node) ? touched.node : null;
    const node = recent ?? (row.el.contains(document.activeElement) ? document.activeElement : null);
    if (node) return { deliberate: true, top: pointIn(row, node) };
  }
  const edge = $("#log").getBoundingClientRect().top;
  const visible = [...rows.values()].find((row) => row.el.isConnected && row.el.getBoundingClientRect().bottom > edge + 8);
  return visible ? { deliberate: false, top: () => (visible.el.isConnected ? visible.el.getBoundingClientRect().top : undefined) } : null;
}

function pointIn(row, node) {
  const actionId = node.closest("[data-action-id]")?.dataset.actionId;
  const blockId = node.closest("[data-block-id]")?.dataset.blockId;
  const control = node.closest("[data-action-id]") ?? node;
  return () => {
    if (!row.el.isConnected) return undefined;
    const target = control.isConnected ? control : (blockId && actionId && byIds(row.el, blockId, actionId)) || (blockId && row.el.querySelector(`[data-block-id="${CSS.escape(blockId)}"]`)) || row.el;
    return target.getBoundingClientRect().top;
  };
}

function toBottom() {
  const log = $("#log");
  log.scrollTop = log.scrollHeight;
  following = true;
}

function onScroll() {
  const log = $("#log");
  following = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR;
  const bottom = log.getBoundingClientRect().bottom;
  unseen = following ? [] : unseen.filter((ts) => rows.has(ts) && rows.get(ts).el.getBoundingClientRect().top > bottom - 24);
  drawPill();
}

function noteArrivals(arrived) {
  const others = arrived.filter((message) => newest !== null && laterThan(message.ts, newest) && (isBot(message) || message.user !== store.user));
  if (!others.length) return;
  announce(others.map((message) => `${isBot(message) ? store.hello.bot.name : message.username || nameOf(message.user)}: ${message.text || "new message"}`).join(". "));
  const bottom = $("#log").getBoundingClientRect().bottom;
  if (!following) unseen.push(...others.map((message) => message.ts).filter((ts) => rows.get(ts).el.getBoundingClientRect().top > bottom - 24));
  drawPill();
}

function drawPill() {
  const pill = $("#pill");
  pill.hidden = !unseen.length;
  fill(pill, unseen.length === 1 ? "1 new message" : `${unseen.length} new messages`, icon("chevron", 16));
}

function toUnseen() {
  const row = rows.get(unseen[0]);
  if (row) $("#log").scrollTop = row.el.offsetTop - 20;
  unseen = [];
  onScroll();
  $("#composer")?.focus({ preventScroll: true });
}
