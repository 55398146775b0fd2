// The few drawings of the page: line icons, the bot's mark and people's initials.
import { h } from "./dom.js";

const SVG = "http://www.w3.org/2000/svg";
const PATHS = {
  home: "M3.5 9.5 10 4l6.5 5.5V16a1 1 0 0 1-1 1h-3.5v-4.5h-4V17H4.5a1 1 0 0 1-1-1z",
  hash: "M7.5 3.5 6 16.5M14 3.5 12.5 16.5M3.5 7.5h13M3 12.5h13",
  folder: "M3 5.5A1.5 1.5 0 0 1 4.5 4h3.200l1.800 2h6A1.5 1.5 0 0 1 17 7.5v7a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 3 14.5z",
  send: "M3.5 10 16.5 4l-4 12.5-3-5z M9.5 11.5 16.5 4",
  more: "M4.5 10h.01M10 10h.01M15.5 10h.01",
  close: "m5 5 10 10M15 5 5 15",
  sun: "M10 6.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM10 2v1.5M10 16.5V18M2 10h1.5M16.5 10H18M4.300 4.300l1.100 1.100M14.600 14.600l1.100 1.100M4.300 15.700l1.100-1.100M14.600 5.400l1.100-1.100",
  moon: "M16 11.800A6.5 6.5 0 0 1 8.200 4a6.5 6.5 0 1 0 7.800 7.800z",
  menu: "M3.5 6h13M3.5 10h13M3.5 14h13",
  search: "M9 4a5 5 0 1 0 0 10A5 5 0 0 0 9 4zM12.700 12.700 16.5 16.5",
  eye: "M2.5 10S5.200 5 10 5s7.5 5 7.5 5-2.700 5-7.5 5-7.5-5-7.5-5zM10 8a2 2 0 1 0 0 4 2 2 0 0 0 0-4z",
  chevron: "m6 8 4 4 4-4",
  updown: "m7 7.5 3-3 3 3M7 12.5l3 3 3-3",
  back: "M12 5 7 10l5 5",
  warn: "M10 4 2.800 16.200h14.400zM10 8.5v3.5M10 14.200h.01",
  info: "M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM10 9v4.5M10 6.5h.01",
  ok: "M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM7 10.200l2.200 2.200L13.200 8",
  check: "m4.5 10.5 3.5 3.5 7.5-8",
  bolt: "M11 2.5 4.5 11.5H9.5L9 17.5 15.5 8.5H10.5z",
  page: "M5 3h6.5L15 6.5V17H5zM11.5 3v3.5H15M7.5 10h5M7.5 13h5",
  download: "M10 3.5v9M6.5 9.5l3.5 3.5 3.5-3.5M4 16.5h12",
  external: "M8 5H5v10h10v-3M11 4.5h4.5V9M15.5 4.5 9.5 10.5",
  spark: "M10 3v4M10 13v4M3 10h4M13 10h4M6 6l2 2M12 12l2 2M14 6l-2 2M8 12l-2 2",
  people: "M7.5 10a2.700 2.700 0 1 0 0-5.400 2.700 2.700 0 0 0 0 5.400zM2.5 16c.3-2.700 2.300-4 5-4s4.700 1.300 5 4M13 10.200a2.300 2.300 0 1 0-.8-4.5M14.200 12.200c1.900.3 3 1.600 3.300 3.800",
};

export function icon(name, size = 20) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [key, value] of Object.entries({ viewBox: "0 0 20 20", width: size, height: size, "aria-hidden": "true", class: `icon icon-${name}` })) svg.setAttribute(key, value);
  svg.append(path(PATHS[name]));
  return svg;
}

function path(d, attributes = {}) {
  const node = document.createElementNS(SVG, "path");
  node.setAttribute("d", d);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

export function botMark(size = 36) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [key, value] of Object.entries({ viewBox: "0 0 36 36", width: size, height: size, "aria-hidden": "true" })) svg.setAttribute(key, value);
  svg.append(
    path("M10 0h16a10 10 0 0 1 10 10v16a10 10 0 0 1-10 10H10A10 10 0 0 1 0 26V10A10 10 0 0 1 10 0z", { class: "mark-ground" }),
    path("M11.5 8h9l5 5v13.5a1.5 1.5 0 0 1-1.5 1.5H11.5a1.5 1.5 0 0 1-1.5-1.5v-17A1.5 1.5 0 0 1 11.5 8z", { class: "mark-sheet" }),
    path("M20.5 8v3.5a1.5 1.5 0 0 0 1.5 1.5h3.5z", { class: "mark-fold" }),
    path("M13.5 16.5h5M13.5 20.5h3", { class: "mark-line" }),
    path("m16.5 23.5 2.5 2.5 5-6", { class: "mark-tick" }),
  );
  return h("span", { class: "avatar bot" }, svg);
}

export function initials(name) {
  const words = String(name ?? "?").split(",")[0].replace(/[^\p{L}\p{N}\s-]/gu, "").split(/[\s-]+/).filter((word) => word && !/^(dr|mr|ms|mrs|prof)$/i.test(word));
  const picked = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  return picked.map((word) => word[0]).join("").toUpperCase() || "?";
}

export function personAvatar(person, size = 36) {
  const name = person?.real_name || person?.name || "?";
  const hue = [...String(person?.id ?? name)].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 7, 0);
  return h("span", { class: `avatar person hue-${hue}`, css: { "--size": `${size}px` }, "aria-hidden": "true" }, initials(name));
}
