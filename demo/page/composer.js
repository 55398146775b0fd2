// Where people write: messages, slash commands, dropped files. What could not be sent is put back, never lost.
import { $, fill, h, setBusy } from "./dom.js";
import { icon } from "./icons.js";
import { toast } from "./layers.js";
import { openMenu } from "./menu.js";
import { channel, channelLabel, emit, isDirect, on, store } from "./store.js";
import { post } from "./stream.js";
import { Typeahead } from "./typeahead.js";

const drafts = new Map();
const history = new Map();
let textarea, sendButton, status, typeahead, shortcutsButton;
let recalled = -1;
let draftKey = null;

export function startComposer() {
  const list = h("div", { class: "popover commands", role: "listbox", "aria-label": "Slash commands", hidden: true, data: { testid: "commands" } });
  const hint = h("div", { class: "command-hint", hidden: true, data: { testid: "command-hint" } });
  textarea = h("textarea", { id: "composer", rows: "1", role: "combobox", "aria-haspopup": "listbox", "aria-expanded": "false", "aria-autocomplete": "list", autocomplete: "off", data: { testid: "composer" } });
  sendButton = h("button", { type: "button", class: "send", "aria-label": "Send", title: "Send (Enter)", data: { testid: "send" }, on: { click: send } }, icon("send"));
  shortcutsButton = h("button", { type: "button", class: "bare", "aria-label": "Shortcuts", title: "Shortcuts", "aria-haspopup": "menu", "aria-expanded": "false", data: { testid: "shortcuts" }, on: { click: openShortcuts } }, icon("bolt"));
  const slash = h("button", { type: "button", class: "bare slash", "aria-label": "Slash commands", title: "Slash commands", on: { click: startCommand } }, "/");
  status = h("div", { class: "composer-status", role: "status", data: { testid: "composer-status" } });
  typeahead = new Typeahead(textarea, list, hint);
  fill($("#dock"), list, hint, h("div", { class: "composer" }, textarea,
    h("div", { class: "composer-tools" }, slash, shortcutsButton, h("span", { class: "keys" }, h("kbd", {}, "Enter"), " sends · ", h("kbd", {}, "Shift"), " ", h("kbd", {}, "Enter"), " new line"), sendButton)), status);
  textarea.addEventListener("input", onInput);
  textarea.addEventListener("keydown", onKey);
  on("compose", (text) => { setText(text); textarea.focus(); textarea.setSelectionRange(text.length, text.length); });
  startDrop();
}

export function openComposer() {
  draftKey = `${store.user}|${store.place}`;
  recalled = -1;
  const found = channel(store.place);
  textarea.placeholder = !found ? "" : isDirect(found.id) ? `Write to ${store.hello.bot.name}: /note soap …, or what happened in the session` : `Write to #${channelLabel(found)}`;
  textarea.setAttribute("aria-label", !found ? "Message" : `Message to ${isDirect(found.id) ? "" : "#"}${channelLabel(found)}`);
  shortcutsButton.hidden = !globalShortcuts().length;
  say("");
  setText(drafts.get(draftKey) ?? "");
}

const globalShortcuts = () => (store.hello?.shortcuts ?? []).filter((item) => item.type === "global");

function setText(text) {
  textarea.value = text;
  onInput();
}

function onInput() {
  if (draftKey) drafts.set(draftKey, textarea.value);
  textarea.style.height = "auto";
  textarea.style.height = `${Math.min(textarea.scrollHeight, Math.max(120, innerHeight * 0.4))}px`;
  sendButton.setAttribute("aria-disabled", String(!textarea.value.trim()));
  if (status.classList.contains("error")) say("");
  typeahead.update();
}

function onKey(event) {
  if (event.isComposing) return;
  if (typeahead.onKey(event)) { event.preventDefault(); event.stopPropagation(); return; }
  if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); send(); return; }
  if (event.key === "ArrowUp" && (!textarea.value || recalled >= 0)) recallSent(event, recalled + 1);
  else if (event.key === "ArrowDown" && recalled >= 0) recallSent(event, recalled - 1);
  else if (event.key.length === 1 || event.key === "Backspace") recalled = -1;
}

function recallSent(event, next) {
  const sent = history.get(store.user) ?? [];
  if (next >= sent.length) return;
  event.preventDefault();
  recalled = next;
  setText(next < 0 ? "" : sent[sent.length - 1 - next]);
  typeahead.close();
  textarea.setSelectionRange(textarea.value.length, textarea.value.length);
}

function say(text, level = "info") {
  status.className = `composer-status ${level}`;
  fill(status, text && [level === "error" && icon("warn", 16), h("span", {}, text)]);
}

async function send() {
  const text = textarea.value.replace(/\s+$/, "");
  if (!text.trim() || !store.place) return;
  const [, word, rest] = /^(\/[a-z][\w-]*)(?:\s+([\s\S]*))?$/i.exec(text) ?? [];
  const command = word && store.hello.commands.find((item) => item.command === word.toLowerCase());
  if (word && !command) {
    say(`${word} is not a command here. Try ${store.hello.commands.map((item) => item.command).join(", ")}.`, "error");
    return;
  }
  const path = command ? "/client/command" : "/client/message";
  await deliver(path, command ? { command: command.command, text: rest ?? "" } : { text }, text);
}

async function deliver(path, body, typed) {
  const from = draftKey;
  history.set(store.user, [...(history.get(store.user) ?? []), typed].slice(-50));
  recalled = -1;
  setText("");
  emit("sent");
  setBusy(sendButton, true);
  const slow = setTimeout(() => say("Sending…"), 400);
  const reply = await post(path, { channel: store.place, ...body });
  clearTimeout(slow);
  setBusy(sendButton, false);
  sendButton.setAttribute("aria-disabled", String(!textarea.value.trim()));
  if (reply.ok) { if (!status.classList.contains("error")) say(""); return; }
  giveBack(from, typed);
  say(`${reply.shown ? "" : `Not sent: ${reply.error || "no answer."} `}Your text is still here, to send again.`, "error");
}

function giveBack(key, typed) {
  if (key !== draftKey) { if (!drafts.get(key)) drafts.set(key, typed); return; }
  if (!textarea.value.trim()) { setText(typed); typeahead.close(); }
}

function startCommand() {
  if (!textarea.value.startsWith("/")) setText(`/${textarea.value}`);
  textarea.focus();
  typeahead.update();
}

function openShortcuts() {
  openMenu(shortcutsButton, globalShortcuts().map((item) => ({
    label: item.name, description: item.description, lead: icon("bolt", 18), data: { callbackId: item.callback_id }, onSelect: () => runShortcut(item),
  })), { label: "Shortcuts", minWidth: 260 });
}

export async function runShortcut(item) {
  const reply = await post("/client/shortcut", { callback_id: item.callback_id, channel: store.place });
  if (!reply.ok && !reply.shown) toast(reply.error || `“${item.name}” did not get through.`, "error");
}

function startDrop() {
  const area = $("#conversation");
  const zone = $("#dropzone");
  const carriesFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  area.addEventListener("dragover", (event) => { if (carriesFiles(event)) { event.preventDefault(); zone.hidden = false; } });
  area.addEventListener("dragleave", (event) => { if (!area.contains(event.relatedTarget)) zone.hidden = true; });
  area.addEventListener("drop", (event) => {
    zone.hidden = true;
    const files = [...(event.dataTransfer?.files ?? [])].map((file) => ({ name: file.name, mimetype: file.type || "application/octet-stream" }));
    if (!files.length) return;
    event.preventDefault();
    dropFiles(files);
  });
  for (const name of ["dragover", "drop"]) addEventListener(name, (event) => { if (carriesFiles(event)) event.preventDefault(); });
}

function dropFiles(files) {
  const text = textarea.value.trim().startsWith("/") ? "" : textarea.value.trim();
  if (text) { deliver("/client/message", { text, files }, text); return; }
  post("/client/message", { channel: store.place, text: "", files }).then((reply) => { if (!reply.ok) say(`Not sent: ${reply.error || "no answer"}`, "error"); });
  emit("sent");
}
