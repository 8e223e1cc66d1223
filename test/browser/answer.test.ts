// The service worker's client of HTTP, as far as it reads: whole answers in any pieces, and bytes that mean nothing.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { HttpAnswer } from "../../recipes/targets/browser/runtime/message.ts";
import { AnswerReader } from "../../recipes/targets/browser/runtime/neighbour/http.ts";

interface Heard {
  readonly heads: Extract<HttpAnswer, { kind: "head" }>[];
  readonly body: Buffer;
  readonly ends: number;
  readonly failures: string[];
  /** Octets that `read` said were the body's. */
  readonly counted: number;
}

function hear(method: string, pieces: readonly Uint8Array[], ended: boolean): Heard {
  const told: HttpAnswer[] = [];
  const reader = new AnswerReader(method, (answer) => told.push(answer));
  let counted = 0;
  for (const piece of pieces) counted += reader.read(piece);
  if (ended) reader.end();
  const of = <K extends HttpAnswer["kind"]>(kind: K) =>
    told.filter((answer): answer is Extract<HttpAnswer, { kind: K }> => answer.kind === kind);
  return {
    heads: of("head"),
    body: Buffer.concat(of("body").map(({ bytes }) => bytes)),
    ends: of("end").length,
    failures: of("failure").map(({ message }) => message),
    counted,
  };
}

function cut(bytes: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0, index = 0; at < bytes.length; index++) {
    const length = lengths.length === 0 ? bytes.length : lengths[index % lengths.length]!;
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return pieces;
}

const bodies = fc.uint8Array({ maxLength: 300 });
const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 8 });

test("a body is the same in any pieces, by its length, in chunks, or to the end", () => {
  fc.assert(
    fc.property(
      bodies,
      cuts,
      fc.constantFrom("length", "chunks", "close"),
      fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 5 }),
      fc.boolean(),
      (body, lengths, framing, chunks, hasInterim) => {
        const interim = hasInterim ? "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" : "";
        const field = {
          length: `Content-Length: ${body.length}\r\n`,
          chunks: "Transfer-Encoding: chunked\r\n",
          close: "",
        }[framing];
        const head = `${interim}HTTP/1.1 200 OK\r\nX-A:  b c \r\nConnection: close\r\n${field}\r\n`;
        const parts: Uint8Array[] = [Buffer.from(head)];
        if (framing === "chunks") {
          for (const chunk of cut(body, chunks)) {
            parts.push(Buffer.from(`${chunk.length.toString(16)};x=y\r\n`), chunk);
            parts.push(Buffer.from("\r\n"));
          }
          parts.push(Buffer.from("0\r\nTrailer: x\r\n\r\n"));
        } else {
          parts.push(body);
        }
        const heard = hear("GET", cut(Buffer.concat(parts), lengths), framing === "close");
        expect(heard.failures).toEqual([]);
        expect(heard.ends).toBe(1);
        expect(heard.heads).toHaveLength(1);
        expect(heard.heads[0]).toMatchObject({ status: 200, reason: "OK", hasBody: true });
        const kept = [["x-a", "b c"]];
        if (framing === "length") kept.push(["content-length", String(body.length)]);
        expect(heard.heads[0]!.headers).toEqual(kept);
        expect(heard.body.equals(body)).toBe(true);
        expect(heard.counted).toBe(body.length);
      },
    ),
    { seed: 6, numRuns: 500 },
  );
});

test("HEAD, 204 and 304 have no body, whatever the head says of one", () => {
  for (const [method, status] of [
    ["HEAD", "200 OK"],
    ["GET", "204 No Content"],
    ["GET", "304 Not Modified"],
  ] as const) {
    const answer = Buffer.from(`HTTP/1.1 ${status}\r\nContent-Length: 5\r\n\r\n`);
    const heard = hear(method, [answer], false);
    expect(heard).toMatchObject({ ends: 1, failures: [], counted: 0 });
    expect(heard.heads[0]).toMatchObject({ hasBody: false, headers: [["content-length", "5"]] });
  }
});

test.each([
  ["nothing", "", "the image ended the connection in the middle of its answer"],
  ["half a head", "HTTP/1.1 200 OK\r\nX", "in the middle of its answer"],
  ["half a body", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", "in the middle of its answer"],
  ["no HTTP", "SSH-2.0-x\r\n\r\n", "is not HTTP/1.1"],
  ["a bad field", "HTTP/1.1 200 OK\r\nX Y: z\r\n\r\n", "is not HTTP/1.1"],
  ["a bad length", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "is no number"],
  ["a bad chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxy\r\n", "has no size"],
  ["a head without end", `HTTP/1.1 200 OK\r\nX: ${"y".repeat(70_000)}`, "is too long"],
])("%s is a failure, told once", (_, answer, message) => {
  const { failures, ends } = hear("GET", [Buffer.from(answer, "latin1")], true);
  expect(failures).toHaveLength(1);
  expect(failures[0]).toContain(message);
  expect(ends).toBe(0);
});

test("any bytes come to one end", () => {
  const words = fc.constantFrom(
    ...["HTTP/1.1 ", "200 OK", "\r\n", "\r\n\r\n", "Content-Length: ", "3", "0", "a", ":", "\n"],
    "Transfer-Encoding: chunked",
  );
  const streams = fc.array(
    fc.oneof(
      words.map((word) => Buffer.from(word)),
      fc.uint8Array(),
    ),
  );
  fc.assert(
    fc.property(streams, (pieces) => {
      const { ends, failures } = hear("GET", pieces, true);
      expect(ends + failures.length).toBe(1);
    }),
    { seed: 8, numRuns: 2000 },
  );
});
