// What each person has already seen, channel by channel. Only timestamps are kept, never words.
import { isBot, laterThan, messagesOf, store } from "./store.js";
import { recall, remember } from "./theme.js";

const keyOf = (channelId) => `afternote.read.${store.hello?.team.id}.${store.user}.${channelId}`;
const dismissed = new Set();

export function unreadIn(channelId) {
  const seen = recall(keyOf(channelId)) ?? "0";
  return messagesOf(channelId).filter((message) => (isBot(message) || message.user !== store.user) && laterThan(message.ts, seen) && !isDismissed(channelId, message.ts)).length;
}

export function markRead(channelId) {
  const all = messagesOf(channelId);
  const last = all[all.length - 1];
  if (last && laterThan(last.ts, recall(keyOf(channelId)) ?? "0")) remember(keyOf(channelId), last.ts);
}

export const dismiss = (channelId, ts) => dismissed.add(`${store.user}|${channelId}|${ts}`);
export const isDismissed = (channelId, ts) => dismissed.has(`${store.user}|${channelId}|${ts}`);
