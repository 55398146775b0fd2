// The two ways to the server: the stream of pushes (reconnecting) and the JSON requests.
import { emit, store } from "./store.js";

const FIRST_WAIT = 400;
const LONGEST_WAIT = 8000;
let socket = null;
let wait = FIRST_WAIT;
let timer = null;

export function connect() {
  disconnect();
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const mine = new WebSocket(`${scheme}://${location.host}/client/stream?user=${encodeURIComponent(store.user)}`);
  socket = mine;
  mine.addEventListener("open", () => {
    if (socket !== mine) return;
    wait = FIRST_WAIT;
    setOnline(true);
  });
  mine.addEventListener("message", (event) => {
    if (socket !== mine) return;
    const push = JSON.parse(event.data);
    emit(`push:${push.type}`, push);
  });
  mine.addEventListener("close", () => {
    if (socket !== mine) return;
    setOnline(false);
    timer = setTimeout(connect, wait * (0.75 + Math.random() / 2));
    wait = Math.min(wait * 2, LONGEST_WAIT);
  });
}

export function disconnect() {
  clearTimeout(timer);
  const old = socket;
  socket = null;
  old?.close();
}

function setOnline(online) {
  if (store.online === online) return;
  store.online = online;
  emit("online", online);
}

function reconnectSoon() {
  if (store.online || !store.user || document.hidden) return;
  wait = FIRST_WAIT;
  connect();
}
addEventListener("online", reconnectSoon);
document.addEventListener("visibilitychange", reconnectSoon);

export async function post(path, body) {
  try {
    const answer = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ user: store.user, ...body }),
    });
    return await readReply(answer);
  } catch {
    return { ok: false, error: "The demo's server did not answer." };
  }
}

async function readReply(answer) {
  try {
    const reply = await answer.json();
    return answer.ok ? { ok: true, ...reply } : { ...reply, ok: false, error: reply.error ?? `The server answered ${answer.status}.` };
  } catch {
    return { ok: answer.ok, error: answer.ok ? undefined : `The server answered ${answer.status}.` };
  }
}

export async function get(path) {
  try {
    return await readReply(await fetch(path));
  } catch {
    return { ok: false, error: "The demo's server did not answer." };
  }
}
