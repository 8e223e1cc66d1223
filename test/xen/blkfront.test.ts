// blkfront against a back end that does requests in any order. The images check themselves what they read.
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { ImageParts } from "../../linker/node-host/image.ts";
import { link } from "../recipes/link.ts";
import { projectRoot } from "../support/unipkg.ts";
import { Blkback } from "./blkback.ts";
import { Domain } from "./domain.ts";

const apps = join(projectRoot, "test/recipes/apps");

/** Does one request after the other, by chance, until none waits or the image has ended. */
function doAll(back: Blkback, seed: number): void {
  let state = seed;
  while (back.waiting.length > 0) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    back.do((state >>> 8) % back.waiting.length);
  }
}

describe("reads", () => {
  let parts: ImageParts;
  const unit = 4096;
  const disk = Buffer.alloc(4 << 20);
  for (let at = 0; at < disk.length; at += unit) disk.writeBigUInt64LE(BigInt(at / unit), at);

  beforeAll(async () => {
    const settings = { "random-reads": { kilobytes: 4096 } };
    parts = await link(join(apps, "random-reads"), settings, { block: "blkfront" });
  });

  async function started(): Promise<{ domain: Domain; back: Blkback }> {
    let back: Blkback | null = null;
    const domain = await Domain.start(parts, (each) => {
      back = Blkback.prepare(each, Buffer.from(disk));
    });
    return { domain, back: back! };
  }

  test("one at a time and as many as the ring holds, done in any order", async () => {
    const { domain, back } = await started();
    expect(() => doAll(back, 1)).toThrow("exit 0");
    expect(domain.printed).toBe(
      "reads 4096 1 1024 0\nreads 4096 32 1024 0\nreads 65536 1 64 0\nreads 65536 32 64 0\n",
    );
    expect(back.most).toBe(32);
  });

  test("many to a notification", async () => {
    const { domain, back } = await started();
    while (!domain.printed.includes("reads 4096 1 ")) back.do(0);
    // All that the image asks for when it is told of one response goes with one notification.
    expect(back.waiting).toHaveLength(32);
    const before = back.notified;
    back.do(31);
    expect(back.waiting).toHaveLength(32);
    expect(back.notified - before).toBeLessThanOrEqual(1);
  });

  test("a failure is told of the request that failed", async () => {
    const { domain, back } = await started();
    expect(() => back.do(0, -1)).toThrow("exit 1");
    expect(domain.printed).toMatch(/^wrong at \d+: 3\n$/);
  });

  test("a response for no request ends the device, not the image", async () => {
    const { domain, back } = await started();
    expect(() => back.respond(31n)).toThrow("exit 1");
    expect(domain.printed).toMatch(/^wrong at \d+: 4\n$/);
  });

  test("a disk that is taken away fails what is under way", async () => {
    const { domain } = await started();
    domain.store.set(`${Blkback.back}/online`, "0");
    domain.store.set(`${Blkback.back}/state`, "5");
    expect(() => domain.run()).toThrow("exit 1");
    expect(domain.printed).toMatch(/^wrong at \d+: 4\n$/);
    expect(domain.store.get(`${Blkback.front}/state`)).toBe("6");
  });
});

test("a store writes through it, and finds all again", async () => {
  const settings = { "kv-tally": { count: 200 } };
  const parts = await link(join(apps, "kv-tally"), settings, { block: "blkfront" });
  const disk = Buffer.alloc(2 << 20);
  const run = async () => {
    let back: Blkback | null = null;
    const domain = await Domain.start(parts, (each) => {
      back = Blkback.prepare(each, disk);
    });
    expect(() => doAll(back!, 7)).toThrow("exit 0");
    return domain.printed;
  };
  expect(await run()).toMatch(/^tally: empty\n(tally: \d+ lasts\n){199}tally: 200 lasts\n$/);
  expect(await run()).toMatch(/^tally: 200 is there, all as written\ntally: 201 lasts\n/);
});
