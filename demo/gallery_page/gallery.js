// Draws every screen in its two panes, and finds, darkens and narrows them.
import { $ } from "./dom.js";
import { closePopovers } from "./layers.js";
import { Row } from "./message.js";
import { Modal } from "./modal.js";
import { store } from "./store.js";
import { drawTeams } from "./teams.js";
import { isDark, recall, remember, toggleTheme } from "./theme.js";

const { at, hosts, screens } = JSON.parse($("#data").textContent);
const PHONE = "afternote.gallery.phone";
const sections = new Map(screens.map((screen) => [screen.name, $(`#screen-${CSS.escape(screen.name)}`)]));
const stage = (screen, platform) => $(`[data-platform="${platform}"] .stage`, sections.get(screen.name));

store.hello = { me: { id: "me" }, bot: { id: "bot", name: "Afternote" }, people: [], channels: [], shortcuts: [] };

function drawSlack(screen) {
  if (!screen.dialog) {
    const row = new Row(screen.name, String(at));
    row.show({ ts: String(at), user: "bot", bot: true, blocks: screen.slack }, false);
    return row.el;
  }
  const modal = new Modal(screen.name);
  modal.take({ id: screen.name, ...screen.slack }, 0);
  modal.box.removeAttribute("aria-modal");
  return modal.box;
}

// Microsoft's renderer writes colours into each element, so its cards are drawn anew for each theme.
function drawAllTeams() {
  const { separator, backgrounds, foregroundColors } = hosts[isDark() ? "dark" : "light"];
  const containerStyles = Object.fromEntries(Object.entries(backgrounds).map(([name, backgroundColor]) => [name, { backgroundColor, foregroundColors }]));
  const host = { ...hosts.shared, separator, containerStyles };
  for (const screen of screens) drawTeams(stage(screen, "teams"), screen, host, new Date(at * 1000));
  $("#dark").setAttribute("aria-pressed", String(isDark()));
}

function narrow(phone) {
  document.documentElement.classList.toggle("phone", phone);
  $("#phone").setAttribute("aria-pressed", String(phone));
  remember(PHONE, phone ? "yes" : "");
}

// All that can be read of a screen: its text, and what stands in its fields.
const wordsOf = (section) => [section.textContent, ...[...section.querySelectorAll("input, textarea")].map((field) => `${field.value} ${field.placeholder}`)].join(" ").toLowerCase();
const words = new Map();

function find() {
  const wanted = $("#find").value.trim().toLowerCase().split(/\s+/);
  let left = 0;
  for (const [name, section] of sections) {
    if (!words.has(name)) words.set(name, wordsOf(section));
    section.hidden = !wanted.every((word) => words.get(name).includes(word));
    $(`#contents [href="#${section.id}"]`).parentElement.hidden = section.hidden;
    left += !section.hidden;
  }
  for (const list of document.querySelectorAll("#contents ul")) list.previousElementSibling.hidden = !list.querySelector("li:not([hidden])");
  $("#nothing").hidden = left > 0;
  $("#count").textContent = left === screens.length ? `${left} screens` : `${left} of ${screens.length} screens`;
}

for (const screen of screens) stage(screen, "slack").append(drawSlack(screen));
drawAllTeams();
narrow(recall(PHONE) === "yes");
$("#find").addEventListener("input", find);
$("#dark").addEventListener("click", () => { closePopovers(); toggleTheme(); drawAllTeams(); });
$("#phone").addEventListener("click", () => narrow($("#phone").getAttribute("aria-pressed") === "false"));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAllTeams);
// A dialog keeps the Tab key to itself; here they stand in a page that must be walked through.
document.addEventListener("keydown", (event) => { if (event.key === "Tab" && event.target.closest(".stage")) event.stopPropagation(); }, true);
document.documentElement.dataset.drawn = "yes";
if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
