// Requests through the neighbour to the app `web` and our own TCP/IP, in this process: also over a cable that loses and repeats
// frames, which the one in a browser never does.
import { createHash, randomFillSync } from "node:crypto";
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { realClock } from "../../linker/node-host/clock.ts";
import { drive } from "../../linker/node-host/drive.ts";
import { eventModule } from "../../linker/node-host/event.ts";
import { Image, type ImageParts } from "../../linker/node-host/image.ts";
import { randomModule } from "../../linker/node-host/random.ts";
import { Ready } from "../../linker/node-host/ready.ts";
import { Card } from "../../recipes/targets/browser/runtime/card.ts";
import type { HttpAnswer } from "../../recipes/targets/browser/runtime/message.ts";
import { ask } from "../../recipes/targets/browser/runtime/neighbour/http.ts";
import { Neighbour } from "../../recipes/targets/browser/runtime/neighbour/neighbour.ts";
import { link } from "../recipes/link.ts";
import { bytesOf } from "../storage/support/bytes.ts";
import { projectRoot, temporaryFolder } from "../support/unipkg.ts";

const folder = temporaryFolder();
const large = bytesOf(300_000, 1);
const small = large.subarray(0, 40_000);
let parts: ImageParts;

beforeAll(async () => {
  const app = join(folder.path, "web");
  cpSync(join(projectRoot, "recipes/apps/web"), app, { recursive: true });
  writeFileSync(join(app, "public/large.bin"), large);
  writeFileSync(join(app, "public/small.bin"), small);
  const providers = { tcp: "tcpip", netdev: "host-netdev" };
  parts = await link(app, { tcpip: { ipv6: false, minimumTimeout: 50 } }, providers);
}, 120_000);

afterAll(() => folder.remove());

/** Runs the image for a test. `chance` is a number from 0 to 1 for each frame: below 0.01 it is lost, above 0.95 it comes twice. */
async function run<T>(
  chance: () => number,
  use: (get: (path: string, method?: string) => Promise<Answer>) => Promise<T>,
): Promise<T> {
  let wake = () => {};
  const ready = new Ready(() => wake());
  const over = new AbortController();
  const hardware = 0x060000010203;
  const times = () => {
    const drawn = chance();
    return drawn < 0.01 ? 0 : drawn > 0.95 ? 2 : 1;
  };
  let card: Card | null = null;
  const neighbour = new Neighbour({
    ...{ hardware, serves: true, address: null },
    deliver: (frame) => {
      for (let count = times(); count > 0; count--) card!.deliver(frame, true);
    },
    addressed: () => {},
  });
  const loaded = await Image.load(parts, (memory) => {
    card = new Card(memory, ready, hardware, (frame) => {
      for (let count = times(); count > 0; count--) neighbour.fromImage(frame);
    });
    return {
      clock: { monotonic: () => realClock.monotonic(), wall: () => realClock.wall() },
      console: { write: () => {} },
      event: eventModule(),
      net: card.module(),
      random: randomModule(memory, (bytes) => randomFillSync(bytes)),
    };
  });
  const ended = drive({
    ...{ loaded, ready, signal: over.signal },
    setWake: (next) => {
      wake = next;
    },
    pacing: { monotonic: () => realClock.monotonic(), soon: setImmediate },
  });
  try {
    return await use((path, method = "GET") => get(neighbour, path, method));
  } finally {
    over.abort();
    expect(await ended).toBeNull();
  }
}

interface Answer {
  readonly status: number;
  readonly length: string | undefined;
  readonly digest: string;
}

function get(neighbour: Neighbour, target: string, method: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const hash = createHash("sha256");
    let head: Extract<HttpAnswer, { kind: "head" }> | null = null;
    const headers = [["host", "localhost"]] as const;
    const request = { kind: "http", method, target, headers, body: null } as const;
    const asked = ask(neighbour, 8080, request, (answer) => {
      if (answer.kind === "head") head = answer;
      else if (answer.kind === "failure") reject(new Error(answer.message));
      else if (answer.kind === "body") {
        hash.update(answer.bytes);
        // As a reader that is a little behind.
        setImmediate(() => asked.took(answer.bytes.length));
      } else {
        const length = head!.headers.find(([name]) => name === "content-length")?.[1];
        resolve({ status: head!.status, length, digest: hash.digest("hex") });
      }
    });
  });
}

const digestOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

test("files come whole, several at a time", { timeout: 60_000 }, async () => {
  await run(
    () => 0.5,
    async (get) => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => get("/large.bin")));
      for (const answer of answers) {
        expect(answer).toEqual({ status: 200, length: "300000", digest: digestOf(large) });
      }
      expect(await get("/large.bin", "HEAD")).toMatchObject({ status: 200, length: "300000" });
      expect((await get("/nothing")).status).toBe(404);
    },
  );
});

test("and over a cable that loses and repeats frames", { timeout: 120_000 }, async () => {
  let state = 7;
  let lost = 0;
  const chance = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const drawn = state / 2 ** 32;
    if (drawn < 0.01) lost++;
    return drawn;
  };
  await run(chance, async (get) => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => get("/small.bin")));
    for (const answer of answers) {
      expect(answer).toEqual({ status: 200, length: "40000", digest: digestOf(small) });
    }
    expect(lost).toBeGreaterThan(0);
  });
});
