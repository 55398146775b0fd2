// The data_visualization block as a drawing: bars, lines and areas over shared categories, and pies.
import { h, uid } from "./dom.js";

const WIDE = 420, TALL = 190, LEFT = 40, TOP = 28, FOOT = 24, RIGHT = 8;
const figures = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });

const s = (tag, attributes, ...inner) => {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...inner.flat(Infinity).filter(Boolean));
  return node;
};

// Slack reads the kind of chart, its title and every figure; so does this picture.
export function chart(block) {
  const { type, series = [], segments = [] } = block.chart;
  const said = type === "pie" ? segments.map(spoken) : series.flatMap((each) => [`${each.name}:`, ...each.data.map(spoken)]);
  const id = uid("chart");
  const label = `${type[0].toUpperCase()}${type.slice(1)} chart. ${block.title}. ${said.join(" ")}`;
  const picture = s("svg", { viewBox: `0 0 ${WIDE} ${TALL}`, role: "img", "aria-label": label }, type === "pie" ? pie(segments) : overCategories(block.chart));
  return h("figure", { class: "chart", "aria-labelledby": id }, h("figcaption", { id }, block.title), picture, type !== "pie" && series.length > 1 && legend(series.map((each) => each.name)));
}

const spoken = ({ label, value }) => `${label} ${figures.format(value)};`;
const colour = (index) => `chart-${index % 6}`;

function overCategories({ type, series, axis_config: axes }) {
  const values = series.flatMap((each) => each.data.map((point) => point.value));
  const step = tick(Math.max(...values, 0) - Math.min(...values, 0));
  const most = Math.max(step, Math.ceil(Math.max(...values, 0) / step) * step), least = Math.floor(Math.min(...values, 0) / step) * step;
  const floor = TALL - FOOT - (axes.x_label ? 18 : 0);
  const y = (value) => TOP + (floor - TOP) * (1 - (value - least) / (most - least));
  const slot = (WIDE - LEFT - RIGHT) / axes.categories.length;
  const x = (label) => LEFT + slot * (axes.categories.indexOf(label) + 0.5);
  const draw = type === "bar" ? bars : lines;
  return [grid(least, most, step, y), names(axes, x, slot, floor), series.map((each, index) => draw({ each, index, count: series.length, x, y, slot, area: type === "area" }))];
}

function tick(span) {
  const rough = (span || 4) / 4, power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough);
}

function grid(least, most, step, y) {
  const levels = Array.from({ length: Math.round((most - least) / step) + 1 }, (_, index) => least + index * step);
  return levels.flatMap((level) => [
    s("line", { class: level === 0 ? "axis" : "grid", x1: LEFT, x2: WIDE - RIGHT, y1: y(level), y2: y(level) }),
    s("text", { class: "tick", x: LEFT - 8, y: y(level) + 4, "text-anchor": "end" }, figures.format(level)),
  ]);
}

function names({ categories, x_label: below, y_label: unit }, x, slot, floor) {
  const fits = Math.floor(slot / 6.6);
  const short = (label) => (label.length > fits ? `${label.slice(0, Math.max(1, fits - 1))}…` : label);
  return [
    categories.map((label) => s("text", { class: "tick", x: x(label), y: floor + 17, "text-anchor": "middle" }, short(label))),
    unit && s("text", { class: "axis-name", x: 2, y: 11 }, unit),
    below && s("text", { class: "axis-name", x: WIDE / 2, y: TALL - 6, "text-anchor": "middle" }, below),
  ];
}

function bars({ each, index, count, x, y, slot }) {
  const width = Math.min(48, (slot * 0.62) / count);
  return each.data.flatMap(({ label, value }) => {
    const left = x(label) - (width * count) / 2 + width * index;
    return [
      s("rect", { class: `bar ${colour(index)}`, x: left, y: Math.min(y(value), y(0)), width, height: Math.abs(y(value) - y(0)), rx: 2 }),
      count === 1 && figure(x(label), y(Math.max(value, 0)) - 5, value),
    ];
  });
}

function lines({ each, index, count, x, y, area }) {
  const at = each.data.map(({ label, value }) => [x(label), y(value), value]);
  const path = at.map(([left, top]) => `${left},${top}`).join(" ");
  return [
    area && s("polygon", { class: `area ${colour(index)}`, points: `${at[0][0]},${y(0)} ${path} ${at.at(-1)[0]},${y(0)}` }),
    s("polyline", { class: `line ${colour(index)}`, points: path }),
    at.map(([left, top, value]) => [s("circle", { class: `dot ${colour(index)}`, cx: left, cy: top, r: 3.5 }), count === 1 && figure(left, top - 9, value)]),
  ];
}

const figure = (x, y, value) => s("text", { class: "figure", x, y, "text-anchor": "middle" }, figures.format(value));

function pie(segments) {
  const all = segments.reduce((sum, { value }) => sum + value, 0), middle = TALL / 2, radius = TALL / 2 - 14;
  let from = -Math.PI / 2;
  const slices = segments.flatMap(({ label, value }, index) => {
    const to = from + (2 * Math.PI * value) / all, edge = (angle) => `${middle + radius * Math.cos(angle)} ${middle + radius * Math.sin(angle)}`;
    const whole = segments.length === 1;
    const slice = whole ? s("circle", { class: `bar ${colour(index)}`, cx: middle, cy: middle, r: radius }) : s("path", { class: `bar ${colour(index)}`, d: `M ${middle} ${middle} L ${edge(from)} A ${radius} ${radius} 0 ${to - from > Math.PI ? 1 : 0} 1 ${edge(to)} Z` });
    from = to;
    const top = 26 + index * 18;
    return [slice, s("rect", { class: `bar ${colour(index)}`, x: TALL + 16, y: top - 10, width: 11, height: 11, rx: 2 }), s("text", { class: "tick", x: TALL + 34, y: top }, `${label}: ${figures.format(value)}`)];
  });
  return slices;
}

const legend = (all) => h("ul", { class: "chart-legend" }, all.map((name, index) => h("li", {}, h("span", { class: `swatch ${colour(index)}` }), name)));
