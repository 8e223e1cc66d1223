import { timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { Duplex } from "node:stream";
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import { longestFrame } from "../ethernet/framing.ts";
import type { Members } from "./members.ts";

/** Octets that wait for a browser at most; frames beyond are lost. */
const queue = 4 << 20;
/** Milliseconds between questions whether a browser is there; one that did not answer the last has gone. */
const asking = 30_000;

/**
 * Serves WebSockets (RFC 6455) to pages that know the token, a frame in each message.
 *
 * A page of any site may open a WebSocket to an address of this machine, and the browser asks nobody; the name of its site may even
 * lead here (DNS rebinding). So neither the address that it listens on nor the headers Host and Origin are taken for a permission:
 * the token always is what opens, and it is 128 bits that no page can guess.
 */
export function serveBrowsers(members: Members, token: string): Server {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: longestFrame,
    perMessageDeflate: false,
  });
  const server = createServer((_, response) => {
    response.writeHead(426, { "content-type": "text/plain", upgrade: "websocket" });
    response.end("This is a switch of Ethernet (unipkg switch): it speaks WebSocket.\n");
  });
  server.on("upgrade", (request, socket, head) => {
    if (!isAllowed(request, token)) {
      refuse(socket, "401 Unauthorized");
      return;
    }
    sockets.handleUpgrade(request, socket, head, (opened) => {
      joinBrowser(members, opened, request.headers.origin ?? "no page");
    });
  });
  const timer = setInterval(() => {
    for (const each of sockets.clients) each.ping();
  }, asking);
  server.on("close", () => clearInterval(timer));
  return server;
}

function joinBrowser(members: Members, socket: WebSocket, origin: string): void {
  socket.binaryType = "nodebuffer";
  const outlet = {
    send(frame: Uint8Array): boolean {
      if (socket.bufferedAmount > queue || socket.readyState !== socket.OPEN) return false;
      // The frame is its sender's again after this call.
      socket.send(Uint8Array.from(frame));
      return true;
    },
  };
  const member = members.join("browser", printable(origin), outlet, () => socket.terminate());
  if (member === null) {
    socket.close(1013, "the switch has no port left");
    return;
  }
  let lastHeard = performance.now();
  const timer = setInterval(() => {
    if (performance.now() - lastHeard > 3 * asking) member.leave("it does not answer");
  }, asking);
  const heard = () => {
    lastHeard = performance.now();
  };
  socket.on("pong", heard);
  socket.on("message", (data: RawData, isBinary: boolean) => {
    heard();
    if (isBinary) member.receive(data as Buffer);
    else member.leave("it does not speak in frames");
  });
  socket.on("error", (error) => member.leave(error.message));
  socket.on("close", () => {
    clearInterval(timer);
    member.leave("it has gone");
  });
}

/** Whether the request has the token, `/?token=…`. The time that this takes tells nothing of the token but its length. */
function isAllowed(request: IncomingMessage, token: string): boolean {
  const query = /\?(.*)$/.exec(request.url ?? "")?.[1] ?? "";
  const given = Buffer.from(new URLSearchParams(query).get("token") ?? "");
  const wanted = Buffer.from(token);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function refuse(socket: Duplex, status: string): void {
  socket.on("error", () => {});
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}

/** A header is whatever the other side says. */
function printable(text: string): string {
  return text.replace(/[^\x21-\x7e ]/g, "?").slice(0, 100);
}
