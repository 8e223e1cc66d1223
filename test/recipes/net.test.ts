// tcp and udp: the same program talks to itself over both providers; over the kernel's sockets also with Node's.
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { VirtualHost } from "../../linker/node-host/virtual.ts";
import { freePort, projectRoot } from "../support/unipkg.ts";
import { link } from "./link.ts";
import { type RunningImage, start } from "./running.ts";

const app = join(projectRoot, "test/recipes/apps/net-probe");

const said = [
  "client gone true",
  "echoed 300000 rightly",
  "listens true again false",
  "open to PORT",
  "refused true",
  "server gone closed",
  "udp a datagram from 127.0.0.1 true",
];

function lines(printed: string, port: number): string[] {
  return printed.replace(`open to ${port}`, "open to PORT").trim().split("\n").sort();
}

test("loopback connects the image to itself, and then it ends", async () => {
  const image = await link(app, {}, { tcp: "loopback", udp: "loopback" });
  const host = await VirtualHost.start(image);
  expect({ trap: host.trap, status: host.status }).toEqual({ trap: null, status: 0 });
  expect(lines(host.printed, 7)).toEqual(said);
}, 60_000);

describe("kernel-sockets", () => {
  let port: number;
  let running: RunningImage | undefined;

  beforeAll(async () => {
    port = await freePort();
    running = start(await link(app, { "net-probe": { port, stays: true } }));
    await running!.until("client gone");
    await running!.until("udp");
    await running!.until("refused");
  }, 60_000);

  afterAll(async () => {
    await running?.stop();
  });

  test("connects the image to itself", () => {
    expect(lines(running!.output(), port)).toEqual(said);
  });

  test("a Node client gets back what it sends, and both ends", async () => {
    const socket = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
    const received: Buffer[] = [];
    socket.on("data", (data) => received.push(data));
    const sent = Buffer.alloc(2_000_000, "0123456789");
    socket.end(sent);
    await once(socket, "end");
    expect(Buffer.concat(received).equals(sent)).toBe(true);
  });

  test("a client that reads late is waited for", async () => {
    const socket = connect({ host: "::1", port, allowHalfOpen: true });
    socket.pause();
    const sent = Buffer.alloc(8_000_000, "abcdefg");
    socket.end(sent);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const received: Buffer[] = [];
    socket.on("data", (data) => received.push(data));
    socket.resume();
    await once(socket, "end");
    expect(Buffer.concat(received).equals(sent)).toBe(true);
  });

  test("a client that breaks off is told as a reset", async () => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.write("x");
    await once(socket, "data");
    socket.resetAndDestroy();
    await running!.until("server gone reset");
  });

  test("datagrams come and go over IPv4 and IPv6", async () => {
    for (const [type, host] of [
      ["udp4", "127.0.0.1"],
      ["udp6", "::1"],
    ] as const) {
      const socket = createSocket(type);
      socket.send(`hello ${host}`, port, host);
      const [data] = (await once(socket, "message")) as [Buffer];
      expect(data.toString()).toBe(`hello ${host}`);
      socket.close();
    }
  });
});
