"use strict";
// Loaded by node before Microsoft's local Teams client, which listens on every interface and whose page fetches fonts:
// with this it listens on this machine only, and neither it nor its page reaches any other. npx itself is left alone.
const http = require("node:http");
const net = require("node:net");

const HERE = new Set(["127.0.0.1", "::1", "localhost"]);
const SOCKETS = "ws://127.0.0.1:* ws://localhost:*";
const PAGE = `default-src 'self' data: blob: 'unsafe-inline' 'unsafe-eval'; connect-src 'self' ${SOCKETS}`;

function listenHere() {
  const listen = net.Server.prototype.listen;
  net.Server.prototype.listen = function (...given) {
    if (typeof given[0] === "number") {
      given.splice(1, typeof given[1] === "string" ? 1 : 0, "127.0.0.1");
    }
    return listen.apply(this, given);
  };
}

function connectHere() {
  const connect = net.Socket.prototype.connect;
  net.Socket.prototype.connect = function (...given) {
    const options = Array.isArray(given[0]) ? given[0][0] : given[0];
    const host = typeof options === "object" ? options.host : given[1];
    if (typeof host === "string" && !HERE.has(host)) {
      process.nextTick(() => this.destroy(new Error("only this machine is reached from here")));
      return this;
    }
    return connect.apply(this, given);
  };
}

function keepThePageHere() {
  const createServer = http.createServer;
  http.createServer = function (...given) {
    return createServer.apply(this, given).prependListener("request", (_, answer) => {
      answer.setHeader("Content-Security-Policy", PAGE);
    });
  };
}

if (/agentsplayground/.test(process.argv[1] ?? "")) {
  listenHere();
  connectHere();
  keepThePageHere();
}
