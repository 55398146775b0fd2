// The line above the conversation: where one is, and the few things one can do from anywhere.
import { $, h, redraw, setBusy } from "./dom.js";
import { filesOpen, freshFiles, toggleFiles } from "./files.js";
import { botMark, icon } from "./icons.js";
import { toast } from "./layers.js";
import { channel, channelLabel, emit, HOME, isDirect, store } from "./store.js";
import { post } from "./stream.js";
import { isDark, toggleTheme } from "./theme.js";

export function drawTopbar() {
  const found = channel(store.place);
  const direct = found && isDirect(found.id);
  const title = store.place === HOME ? "Home" : found ? channelLabel(found) : "";
  redraw($("#topbar"),
    h("button", { type: "button", class: "bare only-narrow", "aria-label": "Conversations", "aria-expanded": "false", data: { testid: "sidebar-toggle" }, on: { click: () => emit("sidebar") } }, icon("menu")),
    h("div", { class: "top-title" },
      store.place === HOME ? icon("home") : direct ? botMark(26) : found && icon("hash"),
      h("h1", {}, title),
      direct && h("span", { class: "top-note" }, "Drafts come here. Nothing is on record until you approve it.")),
    !store.online && h("span", { class: "offline", role: "status", data: { testid: "offline" } }, h("span", { class: "spinner" }), store.hello ? "Reconnecting…" : "Connecting…"),
    h("div", { class: "top-tools" },
      direct && sampleButton(),
      tool("search", "Switch conversation (Ctrl or ⌘ K)", { testid: "switcher" }, () => emit("switcher")),
      themeButton(),
      store.hello?.filed && h("a", { class: "button quiet", href: store.hello.filed, target: "_blank", data: { testid: "filed-page" } }, icon("page", 18), h("span", { class: "button-text" }, "Filed documents")),
      h("button", { type: "button", class: `button quiet files-toggle${!filesOpen() && freshFiles() ? " has-new" : ""}`, "aria-controls": "files", "aria-expanded": String(filesOpen()), data: { testid: "files-toggle" }, on: { click: () => toggleFiles() } }, icon("folder", 18), h("span", {}, "Filed notes"))));
}

function tool(drawing, label, data, click) {
  return h("button", { type: "button", class: "bare", "aria-label": label, title: label, data, on: { click } }, icon(drawing));
}

function themeButton() {
  const label = isDark() ? "Use the light theme" : "Use the dark theme";
  return tool(isDark() ? "sun" : "moon", label, { testid: "theme" }, () => { toggleTheme(); drawTopbar(); });
}

function sampleButton() {
  const node = h("button", { type: "button", class: "button quiet", data: { testid: "sample" } }, icon("spark", 18), h("span", { class: "button-text" }, "Send a sample summary"));
  node.addEventListener("click", async () => {
    if (node.classList.contains("busy")) return;
    setBusy(node, true);
    emit("sent");
    const reply = await post("/client/samples", {});
    setBusy(node, false);
    if (!reply.ok) toast(reply.error || "The sample could not be sent.", "error");
  });
  return node;
}
