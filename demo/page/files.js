// The right panel: the folder where final notes are filed, and a viewer for them.
import { $, fill, h, redraw } from "./dom.js";
import { icon } from "./icons.js";
import { emit, on, store } from "./store.js";
import { get } from "./stream.js";
import { recall, remember } from "./theme.js";

const KEY = "afternote.files";
const TEXT = new Set(["txt", "md", "json", "xml", "csv", "log"]);
let files = [];
let known = null;
let viewing = null;
let failed = false;

export const filesOpen = () => !$("#files").hidden;
export const freshFiles = () => files.filter((file) => !known.has(stamp(file))).length;
const overlays = () => matchMedia("(max-width: 1100px)").matches;

export function startFiles() {
  on("push:files", load);
  const wanted = recall(KEY) ?? (matchMedia("(min-width: 1280px)").matches ? "open" : "closed");
  toggleFiles(wanted === "open" && !overlays(), { save: false });
}

export function toggleFiles(open = !filesOpen(), { save = true } = {}) {
  const panel = $("#files");
  if (!open && panel.contains(document.activeElement)) $('[data-testid="files-toggle"]')?.focus();
  panel.hidden = !open;
  document.body.classList.toggle("files-open", open);
  $('[data-testid="files-toggle"]')?.setAttribute("aria-expanded", String(open));
  if (save) remember(KEY, open ? "open" : "closed");
  if (open) load();
  emit("files");
}

export async function load() {
  const reply = await get("/client/files");
  failed = !reply.ok;
  if (reply.ok) files = reply.files ?? [];
  known ??= new Set(files.map(stamp));
  if (viewing && !files.some((file) => file.path === viewing.path)) viewing = null;
  if (!viewing) draw(reply.folder);
  emit("files");
}

const stamp = (file) => `${file.path}|${file.modified}`;
const urlOf = (file) => `/client/files/${file.path.split("/").map(encodeURIComponent).join("/")}`;
const extension = (path) => (/\.([a-z0-9]+)$/i.exec(path)?.[1] ?? "").toLowerCase();
const baseName = (path) => path.slice(path.lastIndexOf("/") + 1);
const folderOf = (path) => path.slice(0, Math.max(0, path.lastIndexOf("/")));

function head(title, note, back) {
  return h("header", { class: "panel-head" },
    back && h("button", { type: "button", class: "bare", "aria-label": "Back to the list", data: { testid: "file-back" }, on: { click: leaveViewer } }, icon("back")),
    h("div", { class: "panel-title" }, h("h2", {}, title), note && h("p", {}, note)),
    h("button", { type: "button", class: "bare", "aria-label": "Close filed notes", data: { testid: "files-close" }, on: { click: () => toggleFiles(false) } }, icon("close")));
}

function draw(folder = store.hello?.folder) {
  const panel = $("#files");
  panel.classList.remove("viewing");
  redraw(panel, head("Filed notes", folder || store.hello?.folder || null), h("div", { class: "panel-body" }, failed ? trouble() : files.length ? listing() : nothing()));
}

function nothing() {
  return h("div", { class: "panel-empty" }, icon("folder", 32), h("p", {}, "Nothing filed yet."), h("p", { class: "quiet" }, "An approved note appears here, in the practice’s own folder."));
}

function trouble() {
  return h("div", { class: "panel-empty" }, icon("warn", 28), h("p", {}, "The folder could not be read."), h("button", { type: "button", class: "button", on: { click: load } }, "Try again"));
}

function listing() {
  const groups = new Map();
  for (const file of files) groups.set(folderOf(file.path), [...(groups.get(folderOf(file.path)) ?? []), file]);
  return [...groups].map(([folder, items]) => h("section", { class: "file-group" },
    folder && h("h3", {}, icon("folder", 16), h("span", {}, folder.split("/").join(" / "))),
    h("ul", { class: "file-list" }, notesOf(items).map(([stem, own]) => h("li", {}, own.length > 1 ? noteItem(stem, own) : fileButton(own[0]))))));
}

// One note is filed as several documents with the same stem: they are shown as one note.
const SUFFIX = /\.(?:receipt\.json|[a-z0-9]+)$/i;
const ORDER = ["pdf", "docx", "md", "txt", "json"];
const isReceipt = (file) => file.path.endsWith(".receipt.json");
const rank = (file) => (isReceipt(file) ? 99 : ORDER.includes(extension(file.path)) ? ORDER.indexOf(extension(file.path)) : 50);

function notesOf(items) {
  const notes = new Map();
  for (const file of items) {
    const stem = baseName(file.path).replace(SUFFIX, "");
    notes.set(stem, [...(notes.get(stem) ?? []), file]);
  }
  for (const own of notes.values()) own.sort((a, b) => rank(a) - rank(b));
  return [...notes];
}

function noteItem(stem, own) {
  const [, year, month, day, format, id] = /^(\d{4})-(\d\d)-(\d\d)_([a-z_]+)_([a-z0-9]+)$/.exec(stem) ?? [];
  const title = year ? `${new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" }).format(new Date(year, month - 1, day))} · ${formatName(format)}` : stem;
  return h("article", { class: "filed", "aria-label": title, data: { testid: "filed-note" } },
    h("div", { class: "filed-head" }, h("span", { class: "filed-title" }, title), own.some((file) => !known.has(stamp(file))) && h("span", { class: "fresh" }, "New")),
    h("p", { class: "file-note" }, [age(own[0].modified), id].filter(Boolean).join(" · ")),
    h("div", { class: "filed-files" }, own.map((file) => h("button", {
      type: "button", class: `file-chip kind-${extension(file.path)}`, title: `${baseName(file.path)} · ${size(file.size)}`, "aria-label": baseName(file.path),
      data: { testid: "file", path: file.path }, on: { click: () => view(file) },
    }, isReceipt(file) ? "receipt" : extension(file.path).toUpperCase()))));
}

function formatName(format) {
  const words = format.replaceAll("_", " ");
  return words.length <= 4 ? words.toUpperCase() : words[0].toUpperCase() + words.slice(1);
}

function fileButton(file) {
  const kind = extension(file.path);
  return h("button", { type: "button", class: "file", data: { testid: "file", path: file.path }, on: { click: () => view(file) } },
    h("span", { class: `file-kind kind-${kind}`, "aria-hidden": "true" }, kind.slice(0, 4) || "file"),
    h("span", { class: "file-text" }, h("span", { class: "file-name" }, baseName(file.path)), h("span", { class: "file-note" }, `${age(file.modified)} · ${size(file.size)}`)),
    !known.has(stamp(file)) && h("span", { class: "fresh" }, "New"));
}

function size(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function age(modified) {
  const date = typeof modified === "number" ? new Date(modified < 1e12 ? modified * 1000 : modified) : new Date(modified);
  if (Number.isNaN(date.getTime())) return "";
  const minutes = Math.round((Date.now() - date) / 60000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  const sameDay = date.toDateString() === new Date().toDateString();
  return new Intl.DateTimeFormat(undefined, sameDay ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" }).format(date);
}

async function view(file) {
  viewing = file;
  known.add(stamp(file));
  const panel = $("#files");
  const url = urlOf(file);
  const body = h("div", { class: "viewer", data: { testid: "viewer" } }, h("p", { class: "quiet" }, "Opening…"));
  panel.classList.add("viewing");
  fill(panel, head(baseName(file.path), folderOf(file.path), true),
    h("div", { class: "viewer-tools" },
      h("a", { class: "button", href: url, target: "_blank", rel: "noopener" }, icon("external", 16), "Open in a tab"),
      h("a", { class: "button", href: url, download: baseName(file.path) }, icon("download", 16), "Download")),
    body);
  emit("files");
  panel.querySelector("button").focus();
  const content = await contentOf(file, url);
  if (viewing === file) fill(body, content);
}

async function contentOf(file, url) {
  const kind = extension(file.path);
  if (kind === "pdf") return h("iframe", { class: "pdf", title: baseName(file.path), src: `${url}#toolbar=0&navpanes=0&view=FitH` });
  if (!TEXT.has(kind)) return h("div", { class: "panel-empty" }, icon("page", 32), h("p", {}, `A ${kind || "binary"} file opens in its own program.`), h("p", { class: "quiet" }, "Use “Download” above."));
  try {
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(String(answer.status));
    const text = await answer.text();
    return h("pre", { class: kind === "json" || kind === "xml" ? "file-source code" : "file-source", tabindex: "0" }, kind === "json" ? tidy(text) : text);
  } catch {
    return h("div", { class: "panel-empty" }, icon("warn", 28), h("p", {}, "The file could not be read."));
  }
}

function tidy(text) {
  try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text; }
}

function leaveViewer() {
  const path = viewing?.path;
  viewing = null;
  draw();
  load();
  [...document.querySelectorAll('#files [data-testid="file"]')].find((node) => node.dataset.path === path)?.focus();
}
