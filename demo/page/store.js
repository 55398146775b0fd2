// What the page knows: one object, changed only by app.js from what the server pushes, and the events that follow.

export const HOME = "home";

export const store = {
  user: null,
  hello: null,
  online: false,
  place: null,
  messages: new Map(),
  views: [],
  home: null,
};

const listeners = new Map();

export function on(event, listener) {
  listeners.set(event, [...(listeners.get(event) ?? []), listener]);
}

export function emit(event, detail) {
  for (const listener of listeners.get(event) ?? []) listener(detail);
}

export function forget() {
  Object.assign(store, { hello: null, place: null, messages: new Map(), views: [], home: null });
}

export const person = (id) => store.hello?.people.find((item) => item.id === id) ?? (store.hello?.me.id === id ? store.hello.me : null);
export const isBot = (message) => Boolean(message.bot) || message.user === store.hello?.bot.id;
export const nameOf = (id) => (id === store.hello?.bot.id ? store.hello.bot.name : person(id)?.real_name || person(id)?.name || id);
export const channel = (id) => store.hello?.channels.find((item) => item.id === id) ?? null;
export const isDirect = (id) => channel(id)?.kind === "im";
export const directMessage = () => store.hello?.channels.find((item) => item.kind === "im") ?? null;
export const channelLabel = (item) => (item.kind === "im" ? store.hello.bot.name : item.name.replace(/^#/, ""));

export function messagesOf(channelId) {
  return [...(store.messages.get(channelId)?.values() ?? [])].sort((a, b) => compareTs(a.ts, b.ts));
}

function compareTs(a, b) {
  const [seconds, fraction = ""] = String(a).split(".");
  const [otherSeconds, otherFraction = ""] = String(b).split(".");
  return Number(seconds) - Number(otherSeconds) || fraction.localeCompare(otherFraction);
}

export const laterThan = (a, b) => compareTs(a, b) > 0;
export const timeOf = (ts) => new Date(Number.parseFloat(ts) * 1000);
