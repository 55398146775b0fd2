// The left side: the practice, its conversations, Afternote's Home, and who is sitting at the screen.
import { $, fill, h, redraw } from "./dom.js";
import { botMark, icon, personAvatar } from "./icons.js";
import { openMenu } from "./menu.js";
import { channelLabel, emit, HOME, store } from "./store.js";
import { unreadIn } from "./unread.js";

export function drawSidebar() {
  const hello = store.hello;
  if (!hello) return fill($("#sidebar"), h("div", { class: "side-team" }, h("span", { class: "team-name" }, "Connecting…")));
  const direct = hello.channels.filter((item) => item.kind === "im");
  const channels = hello.channels.filter((item) => item.kind !== "im");
  redraw($("#sidebar"),
    h("div", { class: "side-team" }, h("span", { class: "team-mark", "aria-hidden": "true" }, hello.team.name.slice(0, 1)), h("span", { class: "team-name" }, hello.team.name)),
    h("div", { class: "side-scroll" },
      group("Afternote", [place({ id: HOME, label: "Home", lead: icon("home", 18) }), ...direct.map((item) => place({ id: item.id, label: channelLabel(item), lead: botMark(20), app: true }))]),
      channels.length > 0 && group("Channels", channels.map((item) => place({ id: item.id, label: channelLabel(item), lead: icon("hash", 18) })))),
    h("div", { class: "side-foot" }, switchButton(hello)));
  return undefined;
}

function group(title, items) {
  return h("section", { class: "side-group" }, h("h2", {}, title), h("ul", {}, items));
}

function place({ id, label, lead, app }) {
  const here = store.place === id;
  const unread = id === HOME || (here && !document.hidden) ? 0 : unreadIn(id);
  return h("li", {}, h("button", {
    type: "button", class: `place${unread ? " unread" : ""}`, "aria-current": here ? "page" : null, data: { channel: id, testid: id === HOME ? "home-link" : null },
    on: { click: () => emit("go", id) },
  }, lead, h("span", { class: "place-name" }, label), app && h("span", { class: "tag" }, "APP"),
  unread > 0 && h("span", { class: "badge", data: { testid: "unread" }, "aria-label": `${unread} unread` }, String(unread))));
}

function switchButton(hello) {
  const node = h("button", { type: "button", class: "who", "aria-haspopup": "menu", "aria-expanded": "false", "aria-label": `You are ${hello.me.real_name || hello.me.name}. Switch person`, data: { testid: "person-switch", user: hello.me.id } },
    personAvatar(hello.me, 34), h("span", { class: "who-text" }, h("span", { class: "who-name" }, hello.me.real_name || hello.me.name), h("span", { class: "who-title" }, hello.me.title)), icon("updown", 18));
  node.addEventListener("click", () => openMenu(node, [{ heading: "Sit at the screen as" }, ...hello.people.map((item) => ({
    label: item.real_name || item.name, description: item.title, lead: personAvatar(item, 30), checked: item.id === hello.me.id,
    testid: `person-${item.id}`, data: { user: item.id }, onSelect: () => emit("switch", item.id),
  }))], { label: "People of the practice", minWidth: 250 }));
  return node;
}
