// Properties of http1 under the virtual host: segmentation does not matter, ranges agree with an oracle, limits of time
// and number hold, and no bytes whatever make it trap or grow.
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import type { ImageParts } from "../../linker/node-host/image.ts";
import { VirtualHost, type VirtualOptions } from "../../linker/node-host/virtual.ts";
import { projectRoot } from "../support/unipkg.ts";
import { link } from "./link.ts";

let image: ImageParts;
beforeAll(async () => {
  image = await link(join(projectRoot, "test/recipes/apps/http-probe"), {
    http1: { headerBytes: 1024, bodyBytes: 4096, connections: 4, pipelined: 3, ranges: 4 },
  });
}, 60_000);

function get(target: string, ...fields: readonly string[]): string {
  return [`GET ${target} HTTP/1.1`, "Host: a", ...fields, "", ""].join("\r\n");
}

const whole = Array.from(
  { length: 100_000 },
  (_, index) => "abcdefghijklmnopqrstuvwxyz"[index % 26],
).join("");

/** Requests that keep the connection, each with what it is answered by. */
const requests: readonly string[] = [
  get("/one?x", "X: y"),
  `\r\n${get("/small")}`,
  get("/entity"),
  get("/entity", "Range: bytes=5-99990"),
  get("/entity", "Range: bytes=0-9,50000-50009"),
  get("/later"),
  `POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\nhello\r\n\r\nGET`,
  "POST /q HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n00a\r\n0123456789\r\n0\r\nA: b\r\n\r\n",
  "HEAD /entity HTTP/1.1\r\nHost: a\r\n\r\n",
];

/** Requests after which nothing is read any more. */
const lasts: readonly string[] = [
  "",
  get("/bye", "Connection: close"),
  "GET / HTTP/1.0\r\n\r\n",
  "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
  "GET / HTTP/1.1\r\n\r\n",
  `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n${"x".repeat(5000)}`,
  "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX\r\n",
];

/** The whole output on one connection, and how it stands after it. Without a time of day there is no Date. */
async function talk(
  stream: string,
  lengths: readonly number[],
  options: VirtualOptions = {},
): Promise<{ output: string; state: string }> {
  const host = await VirtualHost.start(image, options);
  const peer = host.connect(80).sendIn(Buffer.from(stream), lengths);
  host.advance(5000);
  expect(host.trap).toBe(null);
  return {
    output: peer.received.toString("latin1"),
    state: peer.isReset ? "reset" : peer.hasEnd ? "ended" : "open",
  };
}

describe("segmentation", () => {
  test("byte by byte is the same as at once", async () => {
    for (const last of lasts) {
      const stream = requests.join("") + last;
      const answer = await talk(stream, [1]);
      expect(answer).toEqual(await talk(stream, [stream.length]));
      const count = requests.length + (last === "" ? 0 : 1);
      expect(answer.output.match(/HTTP\/1\.1 \d{3} /g)).toHaveLength(count);
    }
  });

  test("any segmentation, any pipeline and any send buffer give the same answers", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...requests), { maxLength: 6 }),
        fc.constantFrom(...lasts),
        fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 100, max: 70_000 }),
        async (list, last, lengths, sendBuffer) => {
          const stream = list.join("") + last;
          expect(await talk(stream, lengths, { sendBuffer })).toEqual(
            await talk(stream, [stream.length || 1]),
          );
        },
      ),
      { numRuns: 40, seed: 1 },
    );
  });
});

describe("ranges", () => {
  const bound = fc.oneof(fc.integer({ min: 0, max: 100_100 }), fc.integer({ min: 0, max: 9 }));
  const item = fc.oneof(
    fc.tuple(bound, bound).map(([first, last]) => `${first}-${last}`),
    bound.map((first) => `${first}-`),
    bound.map((suffix) => `-${suffix}`),
    fc.constantFrom("", "-", "a-b", "1 - 2", "99999999999999999999-", "0-99999999999999999999"),
  );

  test("agree with an oracle", async () => {
    const host = await VirtualHost.start(image, { sendBuffer: 1 << 20 });
    fc.assert(
      fc.property(fc.array(item, { minLength: 1, maxLength: 5 }), (items) => {
        const value = items.join(", ");
        const peer = host.connect(80).send(get("/entity", `Range: bytes=${value}`));
        host.settle();
        const [head, body] = split(peer.received.toString("latin1"));
        const wanted = oracle(value);
        expect(head).toContain(`HTTP/1.1 ${wanted.status} `);
        expect(head).toContain(`Content-Length: ${body.length}\r\n`);
        expect(body).toBe(wanted.body);
        if (wanted.field !== null) expect(head).toContain(`Content-Range: ${wanted.field}\r\n`);
        peer.end();
        host.settle();
      }),
      { numRuns: 400, seed: 2 },
    );
  });
});

/** RFC 9110, 14.1.2 and 15.3.7 by the book, with our choice to ignore overlaps and more than 4 ranges. */
function oracle(value: string): { status: number; field: string | null; body: string } {
  const ignored = { status: 200, field: null, body: whole };
  const size = BigInt(whole.length);
  const items = value
    .split(",")
    .map((text) => text.trim())
    .filter((text) => text !== "");
  if (items.length === 0 || items.length > 4) return ignored;
  const found: [number, number][] = [];
  for (const text of items) {
    const match = /^(\d*)-(\d*)$/.exec(text);
    if (match === null || text === "-") return ignored;
    const [, first, last] = match as unknown as [string, string, string];
    if (first !== "" && last !== "" && BigInt(last) < BigInt(first)) return ignored;
    const start = first === "" ? max(size - BigInt(last), 0n) : BigInt(first);
    const end = first === "" || last === "" ? size : min(BigInt(last) + 1n, size);
    if (start < end) found.push([Number(start), Number(end)]);
  }
  const overlaps = found.some(([start, end], index) =>
    found.slice(0, index).some(([otherStart, otherEnd]) => start < otherEnd && otherStart < end),
  );
  if (overlaps) return ignored;
  if (found.length === 0) return { status: 416, field: `bytes */${size}`, body: "" };
  if (found.length === 1) {
    const [[start, end]] = found as [[number, number]];
    return {
      status: 206,
      field: `bytes ${start}-${end - 1}/${size}`,
      body: whole.slice(start, end),
    };
  }
  const parts = found.map(
    ([start, end]) =>
      `--unipkg-v1\r\nContent-Type: text/plain\r\nContent-Range: bytes ${start}-${end - 1}/${size}\r\n\r\n${whole.slice(start, end)}\r\n`,
  );
  return { status: 206, field: null, body: `${parts.join("")}--unipkg-v1--\r\n` };
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function split(message: string): [head: string, body: string] {
  const end = message.indexOf("\r\n\r\n") + 4;
  return [message.slice(0, end), message.slice(end)];
}

describe("limits", () => {
  test("a connection without a request is closed", async () => {
    const host = await VirtualHost.start(image);
    const peer = host.connect(80);
    host.advance(9_999);
    expect(peer.hasEnd).toBe(false);
    host.advance(1);
    expect({ end: peer.hasEnd, received: peer.received.length }).toEqual({
      end: true,
      received: 0,
    });
  });

  test("a head that does not end is answered by 408, however its bytes trickle", async () => {
    const host = await VirtualHost.start(image);
    const peer = host.connect(80).send("GET / HTTP/1.1\r\n");
    for (let second = 0; second < 9; second++) {
      peer.send("X: y\r\n");
      host.advance(1000);
    }
    expect(peer.received.toString()).toBe("");
    host.advance(1000);
    expect(peer.received.toString()).toContain("HTTP/1.1 408 Request Timeout\r\n");
    expect(peer.hasEnd).toBe(true);
  });

  test("a connection that is idle after an answer is closed after its time", async () => {
    const host = await VirtualHost.start(image);
    const peer = host.connect(80).send(get("/one"));
    host.advance(59_000);
    peer.take();
    peer.send(get("/two"));
    host.advance(59_999);
    expect(peer.hasEnd).toBe(false);
    host.advance(1);
    expect(peer.hasEnd).toBe(true);
    expect(peer.isReset).toBe(false);
  });

  test("a body that stops is answered by 408", async () => {
    const host = await VirtualHost.start(image);
    const peer = host
      .connect(80)
      .send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc");
    host.advance(60_000);
    expect(peer.received.toString()).toContain("HTTP/1.1 408 ");
  });

  test("a client that takes nothing is broken off", async () => {
    const host = await VirtualHost.start(image, { sendBuffer: 1000 });
    const peer = host.connect(80).send(get("/entity"));
    peer.isStalled = true;
    host.advance(59_999);
    expect(peer.isReset).toBe(false);
    host.advance(1);
    expect(peer.isReset).toBe(true);
  });

  test("a slow client gets all, and slows its own requests down", async () => {
    const host = await VirtualHost.start(image, { sendBuffer: 1000 });
    const peer = host.connect(80).send(get("/entity").repeat(50));
    peer.isStalled = true;
    host.settle();
    peer.isStalled = false;
    host.settle();
    const answers = peer.received.toString().split("HTTP/1.1 200 OK").slice(1);
    expect(answers).toHaveLength(50);
    expect(answers.every((answer) => split(answer)[1] === whole)).toBe(true);
  });

  test("more connections than are allowed are broken off, until one ends", async () => {
    const host = await VirtualHost.start(image);
    const peers = Array.from({ length: 5 }, () => host.connect(80).send(get("/one")));
    host.settle();
    expect(peers.map((peer) => peer.isReset)).toEqual([false, false, false, false, true]);
    peers[0]!.end();
    peers[1]!.reset();
    host.settle();
    const more = Array.from({ length: 3 }, () => host.connect(80).send(get("/one")));
    host.settle();
    expect(more.map((peer) => peer.isReset)).toEqual([false, false, true]);
  });

  test("a client that ends its side gets what it asked for", async () => {
    const host = await VirtualHost.start(image);
    const peer = host
      .connect(80)
      .send(get("/later") + get("/one"))
      .end();
    host.advance(50);
    expect(peer.hasEnd).toBe(false);
    host.advance(50);
    expect(peer.received.toString().match(/200 OK/g)).toHaveLength(2);
    expect(peer.hasEnd).toBe(true);
  });

  test("an answer to a client that has gone goes nowhere", async () => {
    const host = await VirtualHost.start(image);
    host.connect(80).send(get("/later")).reset();
    host.advance(200);
    expect({ trap: host.trap, open: host.openHandles }).toEqual({ trap: null, open: 1 });
  });
});

describe("fuzz", () => {
  const octets = fc.uint8Array({ maxLength: 400 });
  const fragment = fc.constantFrom(
    ...[
      "GET ",
      "/",
      " HTTP/1.1\r\n",
      "Host: a\r\n",
      "\r\n",
      "\r",
      "\n",
      ":",
      " ",
      "\0",
      "%",
      "\xff",
    ],
    ...["Content-Length: ", "Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n", "0\r\n\r\n", ";"],
    ...[
      "Range: bytes=",
      "0-",
      "-",
      ",",
      "If-Match: ",
      '"',
      "W/",
      "/entity",
      "/../",
      "-1",
      "9999999999",
    ],
    ...[
      "Expect: 100-continue\r\n",
      "Connection: close\r\n",
      "HEAD ",
      "POST ",
      "HTTP/1.0",
      "/small",
    ],
  );
  const built = fc
    .array(fragment, { maxLength: 40 })
    .map((parts) => new Uint8Array(Buffer.from(parts.join(""), "latin1")));
  const mutated = fc
    .tuple(
      fc.array(fc.constantFrom(...requests, ...lasts), { minLength: 1, maxLength: 3 }),
      fc.array(fc.tuple(fc.nat(2000), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }),
    )
    .map(([list, changes]) => {
      const bytes = new Uint8Array(Buffer.from(list.join(""), "latin1"));
      for (const [at, octet] of changes) bytes[at % bytes.length] = octet;
      return bytes;
    });

  test("no bytes make it trap, hang, leak a connection or grow", async () => {
    const host = await VirtualHost.start(image);
    const attack = (numRuns: number, seed: number) =>
      fc.assert(
        fc.property(
          fc.oneof(octets, built, mutated),
          fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 4 }),
          fc.boolean(),
          (bytes, lengths, ends) => {
            const peer = host.connect(80).sendIn(bytes, lengths);
            if (ends) peer.end();
            host.advance(200);
            peer.reset();
            host.settle();
            expect({ trap: host.trap, open: host.openHandles }).toEqual({ trap: null, open: 1 });
          },
        ),
        { numRuns, seed },
      );
    attack(1000, 3);
    const size = host.memorySize;
    attack(2000, 4);
    expect(host.memorySize).toBe(size);
    const peer = host.connect(80).send(get("/small"));
    host.settle();
    expect(split(peer.received.toString())[1]).toBe("abcdefghijklmnopqrstuvwxyz");
  });

  test("many requests do not make it grow", async () => {
    const host = await VirtualHost.start(image);
    const peer = host.connect(80);
    const serve = (count: number) => {
      for (let index = 0; index < count; index++) {
        peer.send(get("/one", "X: y").repeat(3));
        host.settle();
        peer.take();
      }
    };
    serve(3000);
    const size = host.memorySize;
    serve(10_000);
    expect({ trap: host.trap, size: host.memorySize }).toEqual({ trap: null, size });
    expect(size).toBeLessThan(8 << 20);
  });
});
