// Puts the page together: pushes change the store, the store's changes are drawn, people move between places.
import "./theme.js";
import { openComposer, startComposer } from "./composer.js";
import { $, fill, h } from "./dom.js";
import { filesOpen, load as loadFiles, startFiles, toggleFiles } from "./files.js";
import { drawHome, openHome } from "./home.js";
import { anyLayer, toast } from "./layers.js";
import { openConversation, startMessages } from "./messages.js";
import { showViews } from "./modal.js";
import { drawSidebar } from "./sidebar.js";
import { channel, directMessage, emit, forget, HOME, on, store } from "./store.js";
import { connect, disconnect, get } from "./stream.js";
import { openSwitcher } from "./switcher.js";
import { drawTopbar } from "./topbar.js";
import { unreadIn } from "./unread.js";

const STALE_AFTER = 2500;
const later = new Map();

// Many pushes in a row (all of a conversation at a reconnect) are drawn once.
function soon(key, draw) {
  if (later.has(key)) return;
  later.set(key, setTimeout(() => { later.delete(key); draw(); }, 12));
}

const redrawSide = () => soon("side", () => { drawSidebar(); drawTitle(); });

function drawTitle() {
  const unread = (store.hello?.channels ?? []).reduce((sum, item) => sum + (item.id === store.place && !document.hidden ? 0 : unreadIn(item.id)), 0);
  document.title = `${unread ? `(${unread}) ` : ""}${store.hello ? store.hello.team.name : "Afternote"} · Afternote demo`;
}

on("push:hello", (hello) => {
  const first = !store.hello;
  store.hello = hello;
  for (const messages of store.messages.values()) for (const message of messages.values()) message.stale = true;
  if (!first) setTimeout(() => dropStale(hello), STALE_AFTER);
  if (first) go(placeFromHash() ?? directMessage()?.id ?? hello.channels[0]?.id, { keepFocus: true });
  redrawSide();
  drawTopbar();
  if (first || !$("#files").hidden) loadFiles();
});

// At a reconnect everything comes again; what does not come again was deleted meanwhile.
function dropStale(hello) {
  if (store.hello !== hello) return;
  for (const [channelId, messages] of store.messages) {
    for (const [ts, message] of messages) if (message.stale) messages.delete(ts);
    emit("messages", channelId);
  }
  redrawSide();
}

on("push:message", ({ channel: channelId, message }) => {
  if (!store.messages.has(channelId)) store.messages.set(channelId, new Map());
  const known = store.messages.get(channelId);
  const before = known.get(message.ts);
  if (before) delete before.stale;
  if (before && JSON.stringify(before) === JSON.stringify(message)) return;
  known.set(message.ts, message);
  soon(`messages ${channelId}`, () => emit("messages", channelId));
  redrawSide();
});

on("push:message_deleted", ({ channel: channelId, ts }) => {
  store.messages.get(channelId)?.delete(ts);
  soon(`messages ${channelId}`, () => emit("messages", channelId));
  redrawSide();
});

on("push:views", ({ stack }) => { store.views = stack ?? []; showViews(store.views); });
on("push:home", ({ view }) => { store.home = view; drawHome(); });
on("push:notice", ({ text, level }) => toast(text, level));
on("online", drawTopbar);
on("files", drawTopbar);
on("go", go);
on("switch", switchTo);
on("switcher", openSwitcher);
on("sidebar", () => showSidebar(!document.body.classList.contains("side-open")));

function placeFromHash() {
  const wanted = decodeURIComponent(location.hash.slice(1));
  return wanted === HOME || channel(wanted) ? wanted : null;
}

function go(place, { keepFocus = false } = {}) {
  if (!place) return;
  store.place = place;
  history.replaceState(null, "", `${location.pathname}${location.search}#${encodeURIComponent(place)}`);
  const home = place === HOME;
  $("#home").hidden = !home;
  $("#conversation").hidden = home;
  showSidebar(false);
  drawTopbar();
  drawSidebar();
  if (home) openHome();
  else { openConversation(); openComposer(); }
  drawTitle();
  if (home || anyLayer()) return;
  if (!keepFocus || document.activeElement === document.body) $("#composer").focus({ preventScroll: true });
}

function switchTo(user) {
  if (user === store.user) return;
  disconnect();
  showViews([], { keepTyped: true });
  forget();
  fill($("#rows"));
  fill($("#home"));
  history.pushState(null, "", `?user=${encodeURIComponent(user)}`);
  store.user = user;
  store.online = false;
  drawTopbar();
  connect();
}

function showSidebar(open) {
  document.body.classList.toggle("side-open", open);
  $("#scrim").hidden = !open;
  $('[data-testid="sidebar-toggle"]')?.setAttribute("aria-expanded", String(open));
  if (open) $("#sidebar button")?.focus();
}

addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k") {
    event.preventDefault();
    if (!$("#modals").children.length) openSwitcher();
  }
  if (event.key === "Escape" && !anyLayer() && document.body.classList.contains("side-open")) showSidebar(false);
  else if (event.key === "Escape" && !anyLayer() && !event.defaultPrevented && filesOpen() && matchMedia("(max-width: 1100px)").matches) toggleFiles(false);
});
addEventListener("popstate", () => {
  const user = new URLSearchParams(location.search).get("user");
  if (user && user !== store.user) location.reload();
});
document.addEventListener("visibilitychange", () => { if (store.hello && store.place !== HOME) emit("messages", store.place); redrawSide(); });
$("#scrim").addEventListener("click", () => { showSidebar(false); if (matchMedia("(max-width: 1100px)").matches) toggleFiles(false); });

// The person named in the address, unless the practice does not know them.
async function whoSits() {
  const wanted = new URLSearchParams(location.search).get("user");
  const { people } = await get("/client/people");
  if (!people) return wanted;
  return people.some((item) => item.id === wanted) ? wanted : people[0]?.id ?? null;
}

async function start() {
  startComposer();
  startMessages();
  startFiles();
  drawTopbar();
  drawSidebar();
  store.user = await whoSits();
  if (store.user) connect();
  else fill($("#rows"), h("div", { class: "empty" }, h("h2", {}, "The demo’s server does not answer"), h("p", {}, "Start it again with “afternote demo”, then reload this page.")));
}

start();
