// http1 as data: request bytes in, response bytes out, under the virtual host. The snapshots are the whole output.
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { ImageParts } from "../../linker/node-host/image.ts";
import { VirtualHost } from "../../linker/node-host/virtual.ts";
import { projectRoot } from "../support/unipkg.ts";
import { link } from "./link.ts";

/** 2026-11-21T12:00:00Z. */
const wall = 1_795_262_400_000_000_000n;

let image: ImageParts;
beforeAll(async () => {
  image = await link(join(projectRoot, "test/recipes/apps/http-probe"), {
    http1: { headerBytes: 1024, bodyBytes: 4096, connections: 4, pipelined: 3, ranges: 4 },
  });
}, 60_000);

/** Lines as they stand, each with CRLF, and what follows the last `|` as it is. */
function lines(...text: readonly string[]): string {
  return text.map((line) => `${line}\r\n`).join("");
}

function get(target: string, ...fields: readonly string[]): string {
  return lines(`GET ${target} HTTP/1.1`, "Host: a", ...fields, "");
}

/** What comes back, control characters made visible, and how the connection stands then. */
async function exchange(request: string): Promise<string> {
  const host = await VirtualHost.start(image, { wall });
  const peer = host.connect(80).send(Buffer.from(request, "latin1"));
  host.advance(1000);
  const state = peer.isReset ? "reset" : peer.hasEnd ? "ended" : "open";
  if (host.trap !== null) throw new Error(host.trap);
  return `${visible(peer.received)}[${state}]`;
}

function visible(bytes: Buffer): string {
  return (
    bytes
      .toString()
      .replaceAll("\r\n", "\n")
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is to be seen
      .replaceAll(/[\0-\x08\x0b-\x1f\x7f]/g, (unit) => `\\x${unit.charCodeAt(0).toString(16)}`)
      .replace(/([a-z]{26}){4,}[a-z]*/, (run) => `<${run.length} letters>`)
  );
}

const answered: Readonly<Record<string, string>> = {
  "a request": get("/hello?a=b&c", "X: y"),
  "fields of any case, several of one name, blanks around values": lines(
    "GET / HTTP/1.1",
    "hOsT:a",
    "x:\t one \t",
    "X: two",
    "x:",
    "",
  ),
  "HEAD sends the fields of GET alone": lines("HEAD /entity HTTP/1.1", "Host: a", "", ""),
  "a body by length": `${lines("POST /p HTTP/1.1", "Host: a", "Content-Length: 5", "")}hello`,
  "a chunked body with extension and trailer": `${lines("POST /p HTTP/1.1", "Host: a", "Transfer-Encoding: Chunked", "")}5;a="b"\r\nhello\r\n00C\r\n, wide world\r\n0\r\nT: 1\r\n\r\n`,
  "HTTP/1.0 ends the connection": lines("GET / HTTP/1.0", ""),
  "HTTP/1.0 with keep-alive": lines("GET / HTTP/1.0", "Connection: keep-alive", ""),
  "HTTP/1.2 is read as 1.1": lines("GET / HTTP/1.2", "Host: a", ""),
  "Connection: close": get("/", "Connection: x, Close"),
  "empty lines before a request": `\r\n\r\n${get("/")}`,
  "two requests, the second after the first": get("/one") + get("/two"),
  "absolute form goes before Host": lines("GET http://b:81/x?y HTTP/1.1", "Host: a", ""),
  "absolute form without a path": lines("GET HTTP://b?y HTTP/1.1", "Host: a", ""),
  "OPTIONS * is for the server": lines("OPTIONS * HTTP/1.1", "Host: a", ""),
  "escapes and dot segments": get("/a%20b/./c/../%C3%A9/%2e%2E/d/"),
  "a path that climbs above the root has no text": get("/a/../../b"),
  "a path that is not UTF-8 has no text": get("/%C0%AF"),
  "a broken escape has no text": get("/%4"),
  "an encoded slash is a slash": get("/a%2F..%2fb"),
  "an unknown method is the handler's": lines("BREW / HTTP/1.1", "Host: a", ""),
  "an empty Host": lines("GET / HTTP/1.1", "Host:", ""),
  "answers keep the order of requests": get("/later") + get("/one") + get("/later") + get("/two"),
  "more requests than may wait": Array.from({ length: 8 }, (_, n) => get(`/later?${n}`)).join(""),
  "an answer that never comes holds those behind it": get("/never") + get("/one"),
  "Expect: 100-continue": lines(
    "POST / HTTP/1.1",
    "Host: a",
    "Expect: 100-Continue",
    "Content-Length: 5",
    "",
  ),
  "Expect: 100-continue with the body there already": `${lines("POST / HTTP/1.1", "Host: a", "Expect: 100-continue", "Content-Length: 2", "")}hi`,
  "fields that would break the answer": get("/fields"),
  "204 has no body": get("/204"),
  "only the first end counts": get("/twice"),
  "an entity": get("/small"),
  "an empty entity": get("/empty"),
  "If-None-Match with the tag": get("/small", 'If-None-Match: "x", W/"small-1"'),
  "If-None-Match with another tag": get("/small", 'If-None-Match: "small-2"'),
  "If-None-Match: *": get("/small", "If-None-Match: *"),
  "If-None-Match for another method": lines(
    "PUT /small HTTP/1.1",
    "Host: a",
    "If-None-Match: *",
    "",
  ),
  "If-Match with the tag": get("/small", 'If-Match: "small-1"'),
  "If-Match with the weak tag": get("/small", 'If-Match: W/"small-1"'),
  "If-Match goes before If-None-Match": get("/small", "If-Match: x", 'If-None-Match: "small-1"'),
  "If-Modified-Since is ignored": get("/small", "If-Modified-Since: Sat, 21 Nov 2026 12:00:00 GMT"),
  "a range": get("/small", "Range: bytes=2-4"),
  "a range from the end": get("/small", "Range: bytes=-3"),
  "a range that cannot be satisfied": get("/small", "Range: bytes=26-"),
  "a range of another unit": get("/small", "Range: lines=1-2"),
  "a range of an empty entity": get("/empty", "Range: bytes=0-"),
  "several ranges": get("/entity", "Range: bytes=0-1, 30-32, -1"),
  "overlapping ranges are ignored": get("/small", "Range: bytes=0-5,3-7"),
  "too many ranges are ignored": get("/small", "Range: bytes=0-0,2-2,4-4,6-6,8-8"),
  "a range under If-Range": get("/small", "Range: bytes=0-1", 'If-Range: "small-1"'),
  "a range under If-Range with another tag": get("/small", "Range: bytes=0-1", 'If-Range: "x"'),
  "a range under If-Range with a date": get(
    "/small",
    "Range: bytes=0-1",
    "If-Range: Sat, 21 Nov 2026 12:00:00 GMT",
  ),
  "a range of HEAD is ignored": lines("HEAD /small HTTP/1.1", "Host: a", "Range: bytes=0-1", ""),
};

/** Each is answered by an error and the end of the connection, and what follows it is not read. */
const refused: Readonly<Record<string, string>> = {
  "400 no request at all": "hello\r\n\r\n",
  "400 HTTP/0.9": "GET /\r\n\r\n",
  "400 two blanks": lines("GET  / HTTP/1.1", "Host: a", ""),
  "400 blank at the end of the line": lines("GET / HTTP/1.1 ", "Host: a", ""),
  "400 method with a bad character": lines("GE(T / HTTP/1.1", "Host: a", ""),
  "400 target without a slash": lines("GET a HTTP/1.1", "Host: a", ""),
  "400 target with a fragment": lines("GET /#a HTTP/1.1", "Host: a", ""),
  "400 target with a raw octet": lines("GET /\xe9 HTTP/1.1", "Host: a", ""),
  "400 absolute form without a host": lines("GET http:///x HTTP/1.1", "Host: a", ""),
  "400 absolute form with user": lines("GET http://u@b/ HTTP/1.1", "Host: a", ""),
  "400 * for GET": lines("GET * HTTP/1.1", "Host: a", ""),
  "400 version in small letters": lines("GET / http/1.1", "Host: a", ""),
  "400 version with two digits": lines("GET / HTTP/1.10", "Host: a", ""),
  "505 version 2": lines("PRI * HTTP/2.0", "", "SM", ""),
  "501 CONNECT": lines("CONNECT a:443 HTTP/1.1", "Host: a", ""),
  "400 lone LF after the line": "GET / HTTP/1.1\nHost: a\r\n\r\n",
  "400 lone LF after a field": "GET / HTTP/1.1\r\nHost: a\n\r\n",
  "400 lone CR": "GET / HTTP/1.1\r\nHost: a\rX: y\r\n\r\n",
  "400 NUL in a value": get("/", "X: a\0b"),
  "400 folded line": get("/", "X: a", " b"),
  "400 blank before the first field": lines("GET / HTTP/1.1", " Host: a", ""),
  "400 blank before the colon": get("/", "X : a"),
  "400 line without a colon": get("/", "X"),
  "400 field without a name": get("/", ": a"),
  "400 no Host": lines("GET / HTTP/1.1", ""),
  "400 two Hosts": get("/", "Host: a"),
  "400 Host with a slash": lines("GET / HTTP/1.1", "Host: a/b", ""),
  "400 two Content-Lengths": `${get("/", "Content-Length: 3", "Content-Length: 4")}abcd`,
  "400 two equal Content-Lengths": `${get("/", "Content-Length: 3", "Content-Length: 3")}abc`,
  "400 list of Content-Lengths": `${get("/", "Content-Length: 3, 3")}abc`,
  "400 signed Content-Length": `${get("/", "Content-Length: +3")}abc`,
  "400 Content-Length in hex": `${get("/", "Content-Length: 0x3")}abc`,
  "400 empty Content-Length": get("/", "Content-Length:"),
  "400 both lengths": `${get("/", "Content-Length: 3", "Transfer-Encoding: chunked")}0\r\n\r\n`,
  "400 chunked in HTTP/1.0": `${lines("POST / HTTP/1.0", "Transfer-Encoding: chunked", "")}0\r\n\r\n`,
  "400 chunked twice": get("/", "Transfer-Encoding: chunked, chunked"),
  "400 empty Transfer-Encoding": get("/", "Transfer-Encoding:"),
  "501 unknown coding": get("/", "Transfer-Encoding: gzip, chunked"),
  "501 almost chunked": get("/", "Transfer-Encoding: xchunked"),
  "417 unknown expectation": get("/", "Expect: a-miracle"),
  "413 body too long": get("/", "Content-Length: 4097"),
  "413 body longer than any number": get("/", "Content-Length: 99999999999999999999"),
  "413 chunk too long": `${get("/", "Transfer-Encoding: chunked")}FFFFFFFFFF\r\n`,
  "413 chunks too long": `${get("/", "Transfer-Encoding: chunked")}${`800\r\n${"a".repeat(2048)}\r\n`.repeat(3)}0\r\n\r\n`,
  "400 chunk without a size": `${get("/", "Transfer-Encoding: chunked")}\r\n`,
  "400 chunk with a bad size": `${get("/", "Transfer-Encoding: chunked")}5g\r\nhello\r\n0\r\n\r\n`,
  "400 chunk line with a lone LF": `${get("/", "Transfer-Encoding: chunked")}5\nhello\r\n0\r\n\r\n`,
  "400 extension with a lone LF": `${get("/", "Transfer-Encoding: chunked")}5;a\nb\r\nhello\r\n0\r\n\r\n`,
  "400 chunk longer than its size": `${get("/", "Transfer-Encoding: chunked")}5\r\nhello!\r\n0\r\n\r\n`,
  "431 trailer too long": `${get("/", "Transfer-Encoding: chunked")}0\r\nT: ${"a".repeat(2000)}\r\n\r\n`,
  "414 line too long": get(`/${"a".repeat(1024)}`),
  "431 fields too long": get("/", `X: ${"a".repeat(1024)}`),
  "431 fields without end": `GET / HTTP/1.1\r\n${"a: b\r\n".repeat(500)}`,
};

describe("http1 answers", () => {
  test.each(Object.keys(answered))("%s", async (name) => {
    expect(await exchange(answered[name]!)).toMatchSnapshot();
  });
});

describe("http1 refuses", () => {
  test.each(Object.keys(refused))("%s", async (name) => {
    const answer = await exchange(refused[name]! + get("/smuggled"));
    expect(answer).toContain(`HTTP/1.1 ${name.slice(0, 3)} `);
    expect(answer).toMatch(/^HTTP\/1\.1 \d{3} [^\n]+\nDate: Sat, 21 Nov 2026 12:00:00 GMT\n/);
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(answer).toContain("Connection: close\n");
    expect(answer).toMatch(/\[ended\]$/);
  });
});
