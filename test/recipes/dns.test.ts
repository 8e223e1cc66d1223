// dns-server over TCP under virtual time: many queries in one connection, limits and idle time-outs (RFC 7766).
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { ImageParts } from "../../linker/node-host/image.ts";
import { VirtualHost } from "../../linker/node-host/virtual.ts";
import { decode, name, query, types } from "../dns/support/message.ts";
import { projectRoot } from "../support/unipkg.ts";
import { link } from "./link.ts";

let image: ImageParts;
beforeAll(async () => {
  image = await link(join(projectRoot, "recipes/apps/dns"), { "dns-server": { connections: 3 } });
}, 180_000);

const start = () => VirtualHost.start(image, { sendBuffer: 1000 });

function framed(id: number, of = "www.example.org"): Buffer {
  const message = query(name(of), types.A, { id });
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}

/** Ids of the answers in a stream, which must be whole. */
function ids(stream: Buffer): number[] {
  const found: number[] = [];
  let at = 0;
  while (at < stream.length) {
    const length = stream.readUInt16BE(at);
    found.push(decode(stream.subarray(at + 2, at + 2 + length)).id);
    at += 2 + length;
  }
  return found;
}

test.each([[[1]], [[2, 3]], [[5, 40, 1]], [[1000]]])(
  "queries in segments of %j octets are answered in their order",
  async (lengths) => {
    const host = await start();
    const asked = Array.from({ length: 50 }, (_, index) => index + 1);
    const peer = host.connect(5353).sendIn(Buffer.concat(asked.map((id) => framed(id))), lengths);
    host.settle();
    expect(ids(peer.received)).toEqual(asked);
    peer.end();
    host.settle();
    expect(peer.hasEnd).toBe(true);
  },
);

test("what the peer does not take stops the reading, and goes on when it does", async () => {
  const host = await start();
  const peer = host.connect(5353);
  peer.isStalled = true;
  const asked = Array.from({ length: 400 }, (_, index) => index + 1);
  peer.sendIn(Buffer.concat(asked.map((id) => framed(id))), [700]);
  host.settle();
  const before = host.memorySize;
  expect(peer.arrivals.length).toBeGreaterThan(10);
  peer.isStalled = false;
  host.settle();
  expect(ids(peer.received)).toEqual(asked);
  expect(host.memorySize).toBe(before);
});

test("a connection without a query, or with half of one, is closed after the time-out", async () => {
  const host = await start();
  const [silent, slow, busy] = [host.connect(5353), host.connect(5353), host.connect(5353)];
  const half = framed(1);
  for (let second = 0; second < 10; second++) {
    slow.send(half.subarray(second, second + 1));
    busy.send(framed(second));
    host.advance(1000);
  }
  host.advance(100);
  expect([silent.hasEnd || silent.isReleased, slow.hasEnd || slow.isReleased]).toEqual([
    true,
    true,
  ]);
  expect(busy.hasEnd).toBe(false);
  expect(ids(busy.received)).toHaveLength(10);
});

test("a peer that never takes its answers is broken off after the time-out", async () => {
  const host = await start();
  const peer = host.connect(5353);
  peer.isStalled = true;
  peer.send(Buffer.concat(Array.from({ length: 100 }, (_, id) => framed(id))));
  host.advance(11_000);
  expect(peer.isReset).toBe(true);
  expect(ids((await ask(host)).received)).toEqual([7]);
});

async function ask(host: VirtualHost) {
  const peer = host.connect(5353).send(framed(7));
  host.settle();
  return peer;
}

test("more connections than the limit are broken off, and those that end make room", async () => {
  const host = await start();
  const peers = [1, 2, 3].map(() => host.connect(5353));
  host.settle();
  expect((await ask(host)).isReset).toBe(true);
  peers[0]!.end();
  host.settle();
  expect(ids((await ask(host)).received)).toEqual([7]);
  peers[1]!.reset();
  host.settle();
  expect(ids((await ask(host)).received)).toEqual([7]);
});

test("a message of no octets, and one that is no query, end nothing", async () => {
  const host = await start();
  const peer = host
    .connect(5353)
    .send(Buffer.concat([Buffer.from([0, 0, 0, 3, 1, 2, 3]), framed(9)]));
  host.settle();
  expect(ids(peer.received)).toEqual([9]);
});
