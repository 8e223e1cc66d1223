// netfront and xenbus against a back end and a xenstore that were written from Xen's headers, under which nothing happens by chance.
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { ImageParts } from "../../linker/node-host/image.ts";
import { link } from "../recipes/link.ts";
import { projectRoot } from "../support/unipkg.ts";
import { Domain } from "./domain.ts";
import { Netback } from "./netback.ts";

let parts: ImageParts;

beforeAll(async () => {
  const app = join(projectRoot, "test/recipes/apps/netdev-probe");
  parts = await link(app, {}, { netdev: "netfront" });
});

async function connected(): Promise<{ domain: Domain; back: Netback }> {
  const domain = await Domain.start(parts, (each) => Netback.prepare(each));
  const back = new Netback(domain);
  back.connect();
  return { domain, back };
}

const frame = (text: string, length = 100) => {
  const bytes = Buffer.alloc(length, 0x20);
  bytes.write("DDDDDDSSSSSS\x88\xb5", "latin1");
  bytes.write(text, 14, "latin1");
  return bytes;
};

test("a device is offered, connected and told of", async () => {
  const domain = await Domain.start(parts, (each) => Netback.prepare(each));
  expect(domain.printed).toBe("address 0 22 62 1 2 255, mtu 1500, up false\n");
  const back = new Netback(domain);
  expect(back.node("state")).toBe(4);
  expect([back.node("request-rx-copy"), back.node("feature-rx-notify")]).toEqual([1, 1]);
  back.connect();
  expect(domain.printed).toMatch(/up\n$/);
  expect(back.pages).toBe(256);
});

test("frames come and go, many to a notification, short ones padded", async () => {
  const { back } = await connected();
  const frames = Array.from({ length: 40 }, (_, index) =>
    frame(`number ${index}`, 40 + 37 * index),
  );
  for (const each of frames) back.deliver(each);
  const notified = back.notified;
  back.ring();
  expect(back.sent.map((each) => each.length)).toEqual(
    frames.map(({ length }) => Math.max(60, length)),
  );
  for (const [index, each] of frames.entries()) {
    expect(back.sent[index]!.subarray(0, each.length).equals(each)).toBe(true);
  }
  expect(back.notified - notified).toBeLessThanOrEqual(3);
  expect(back.pages).toBe(256);
});

test("rings go round: 2,000 frames", async () => {
  const { back } = await connected();
  for (let index = 0; index < 2000; index++) {
    back.deliver(frame(`${index}`));
    if (index % 7 === 6 || index === 1999) back.ring();
  }
  expect(back.sent.map((each) => Number(each.toString("latin1", 14, 24)))).toEqual(
    Array.from({ length: 2000 }, (_, index) => index),
  );
});

test("a full device refuses, and tells when it takes frames again", async () => {
  const { domain, back } = await connected();
  back.stalled = true;
  back.deliver(frame("F"));
  back.ring();
  expect(domain.printed).toMatch(/full after 256\n$/);
  back.resume();
  expect(domain.printed).toMatch(/full after 256\nsendable\n$/);
  expect(back.sent).toHaveLength(256);
});

test("a frame that found room only after all others were sent is shown, though nothing else happens", async () => {
  const { back } = await connected();
  for (let index = 0; index < 256; index++) back.deliver(frame(`${index}`));
  back.ring();
  expect(back.sent).toHaveLength(256);
  back.deliver(frame("Later"));
  back.ring();
  expect(back.sent).toHaveLength(257);
});

test("a back end that goes and comes again has frames flow again, over pages that it does not hold", async () => {
  const { domain, back } = await connected();
  const held = back.node("rx-ring-ref");
  domain.grants.get(held)!.held = true;
  back.enter(6);
  expect(domain.printed).toMatch(/up\ndown\n$/);
  expect(back.node("state")).toBe(1);
  back.enter(2);
  expect(back.node("state")).toBe(4);
  expect(domain.grants.get(back.node("rx-ring-ref"))!.address).not.toBe(
    domain.grants.get(held)!.address,
  );
  back.connect();
  back.deliver(frame("again"));
  back.ring();
  expect(back.sent.at(-1)!.toString("latin1", 14, 19)).toBe("again");
  expect(domain.printed).toMatch(/down\nup\n$/);
});

test("a device that is taken away is down for good, and gives all back", async () => {
  const { domain, back } = await connected();
  domain.store.set(`${Netback.back}/online`, "0");
  back.enter(5);
  expect(back.node("state")).toBe(6);
  expect(domain.grants.size).toBe(0);
  domain.store.remove(Netback.back);
  domain.run();
  expect(domain.printed).toMatch(/up\ndown\n$/);
});

test.each([
  ["a response for no request", (back: Netback) => back.deliver(frame("lie"), { id: 300 })],
  ["more responses than requests", (back: Netback) => back.claim(100_000)],
])("%s ends the device, not the image", async (_, lie) => {
  const { domain, back } = await connected();
  lie(back);
  back.ring();
  expect(domain.wish.kind).not.toBe("end");
  expect(domain.printed).toMatch(/up\ndown\n$/);
  expect(back.sent).toEqual([]);
});

test("a frame of two parts is put together, and what follows is not", async () => {
  const { back } = await connected();
  back.deliver(frame("part"), { flags: 4 });
  back.deliver(frame("end"));
  back.deliver(frame("whole"));
  back.ring();
  expect(back.sent.map((each) => each.toString("latin1", 14, 19))).toEqual(["part ", "whole"]);
  expect(back.sent[0]).toHaveLength(200);
});

test("a checksum that was left out is filled in", async () => {
  const { back } = await connected();
  // UDP from 10.0.0.1:1000 to 10.0.0.2:2000, "hi!"; the sum over all, checksum included, is then 0xffff (RFC 1071).
  const ip = "4500001f000000004011000" + "00a0000010a000002";
  const udp = "03e807d0000b0000686921";
  const packet = Buffer.from(`0202020202020101010101010800${ip}${udp}`, "hex");
  back.deliver(packet, { flags: 2 });
  back.ring();
  const answered = back.sent[0]!;
  let sum = 17 + 11;
  const words = [...answered.subarray(26, 34), ...answered.subarray(34, 45), 0];
  for (let at = 0; at < words.length; at += 2) sum += (words[at]! << 8) | words[at + 1]!;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  expect(sum).toBe(0xffff);
});

test("xenstore may answer byte by byte, and be silent", async () => {
  const slow = await Domain.start(parts, (each) => {
    Netback.prepare(each);
    each.store.most = 1;
  });
  expect(slow.printed).toMatch(/^address 0 22 62 1 2 255/);
  const silent = await Domain.start(parts, (each) => {
    Netback.prepare(each);
    each.store.silent = true;
  });
  expect(silent.printed).toBe("no device\n");
  const none = await Domain.start(parts, () => {});
  expect(none.printed).toBe("no device\n");
  const odd = await Domain.start(parts, (each) => Netback.prepare(each, "not an address"));
  expect(odd.printed).toBe("no device\n");
});
