/** A client of HTTP/1.1 (RFC 9112) for the image's own web server: one request, one connection. */
import type { HttpAnswer, HttpRequest } from "../message.ts";
import type { Neighbour } from "./neighbour.ts";
import type { Stream } from "./tcp.ts";

/** Octets of an answer's head at most. */
const headLimit = 65536;

type Header = readonly [name: string, value: string];

/** Fields for this connection alone (RFC 9110, 7.6.1). */
const hopByHop = new Set([
  ...["connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer"],
  ...["transfer-encoding", "upgrade"],
]);

/** Asks the web server behind a port of the image. */
export function ask(
  neighbour: Neighbour,
  port: number,
  request: HttpRequest,
  tell: (answer: HttpAnswer) => void,
): { took(bytes: number): void; cancel(): void } {
  let stream: Stream | null = null;
  let isCancelled = false;
  const reader = new AnswerReader(request.method, tell);
  const listener = {
    onOpen: () => {},
    onData: (bytes: Uint8Array) => {
      const inBody = reader.read(bytes);
      stream?.took(bytes.length - inBody);
      // We have nothing more to ask; what the server says on is not listened to.
      if (reader.isOver) stream?.end();
    },
    onEnd: () => {
      reader.end();
      stream?.end();
    },
    onFailure: (reason: "refused" | "reset" | "no answer") => {
      const why = {
        refused: `nothing listens on port ${port} of the image`,
        reset: "the image broke the connection off",
        "no answer": `port ${port} of the image does not answer`,
      };
      reader.fail(why[reason]);
    },
  };
  neighbour.connect(port, listener, (opened) => {
    stream = opened;
    if (isCancelled) opened.reset();
    else opened.write(writeRequest(request));
  });
  return {
    took: (bytes) => stream?.took(bytes),
    cancel: () => {
      isCancelled = true;
      stream?.reset();
    },
  };
}

function writeRequest({ method, target, headers, body }: HttpRequest): Uint8Array {
  const own = headers.filter(([name]) => !hopByHop.has(name) && name !== "content-length");
  const lines = [
    `${method} ${target} HTTP/1.1`,
    ...own.map(([name, value]) => `${name}: ${value}`),
    ...(body === null ? [] : [`content-length: ${body.length}`]),
    "connection: close",
  ];
  const head = latin1(`${lines.join("\r\n")}\r\n\r\n`);
  const bytes = new Uint8Array(head.length + (body?.length ?? 0));
  bytes.set(head);
  if (body !== null) bytes.set(body, head.length);
  return bytes;
}

/** Header values are bytes: each of a string's is one. */
function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0) & 255);
}

function fromLatin1(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** How the end of a body is known. */
type Framing =
  | { readonly kind: "length"; left: number }
  | { readonly kind: "chunks"; left: number; line: string; isTrailer: boolean }
  | { readonly kind: "close" };

/** Takes an answer apart as its bytes come. */
export class AnswerReader {
  readonly #method: string;
  readonly #tell: (answer: HttpAnswer) => void;
  #head: Uint8Array | null = new Uint8Array(0);
  #framing: Framing = { kind: "close" };
  #isOver = false;

  /** @param method of the request: an answer to HEAD has no body */
  constructor(method: string, tell: (answer: HttpAnswer) => void) {
    this.#method = method;
    this.#tell = tell;
  }

  /** The whole answer was told, or that there is none. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Reads on; answers how many octets were told as the body's. */
  read(bytes: Uint8Array): number {
    let told = 0;
    let rest: Uint8Array | null = bytes;
    while (rest !== null && rest.length > 0 && !this.#isOver) {
      if (this.#head === null) {
        told += this.#body(rest);
        rest = null;
      } else {
        rest = this.#readHead(this.#head, rest);
      }
    }
    return told;
  }

  /** The server has ended its side. */
  end(): void {
    if (this.#isOver) return;
    if (this.#head === null && this.#framing.kind === "close") this.#finish();
    else this.fail("the image ended the connection in the middle of its answer");
  }

  fail(message: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#tell({ kind: "failure", message });
  }

  /** Answers what follows the head; null when the head is not whole yet. */
  #readHead(before: Uint8Array, bytes: Uint8Array): Uint8Array | null {
    const joined = new Uint8Array(before.length + bytes.length);
    joined.set(before);
    joined.set(bytes, before.length);
    const end = endOfHead(joined);
    if (end === -1) {
      if (joined.length > headLimit) this.fail("the head of the image's answer is too long");
      this.#head = joined;
      return null;
    }
    const head = parseHead(fromLatin1(joined.subarray(0, end)));
    if (head === null) {
      this.fail("the image's answer is not HTTP/1.1");
      return null;
    }
    this.#head = new Uint8Array(0);
    // RFC 9110, 15.2: interim answers come before the one that counts.
    if (head.status < 200) return joined.subarray(end);
    this.#head = null;
    this.#begin(head);
    return joined.subarray(end);
  }

  #begin({ status, reason, headers }: Head): void {
    const value = (name: string) => headers.find((header) => header[0] === name)?.[1];
    const hasBody = this.#method !== "HEAD" && status !== 204 && status !== 304;
    const length = value("content-length");
    const codings = value("transfer-encoding")?.toLowerCase();
    // RFC 9112, 6.3: the transfer coding goes before the length.
    if (!hasBody) this.#framing = { kind: "length", left: 0 };
    else if (codings !== undefined && codings.endsWith("chunked")) {
      this.#framing = { kind: "chunks", left: 0, line: "", isTrailer: false };
    } else if (length !== undefined) {
      if (!/^\d{1,15}$/.test(length)) {
        this.fail("the length of the image's answer is no number");
        return;
      }
      this.#framing = { kind: "length", left: Number(length) };
    }
    const kept = headers.filter(([name]) => !hopByHop.has(name));
    this.#tell({ kind: "head", status, reason, headers: kept, hasBody });
    if (this.#framing.kind === "length" && this.#framing.left === 0) this.#finish();
  }

  #body(bytes: Uint8Array): number {
    const framing = this.#framing;
    switch (framing.kind) {
      case "close":
        this.#tell({ kind: "body", bytes });
        return bytes.length;
      case "length": {
        const own = bytes.subarray(0, framing.left);
        framing.left -= own.length;
        this.#tell({ kind: "body", bytes: own });
        if (framing.left === 0) this.#finish();
        return own.length;
      }
      case "chunks":
        return this.#chunks(framing, bytes);
    }
  }

  /** RFC 9112, 7.1. Between chunks `left` is 0, and `line` what is there of the next line. */
  #chunks(framing: Extract<Framing, { kind: "chunks" }>, bytes: Uint8Array): number {
    let told = 0;
    let at = 0;
    while (at < bytes.length && !this.#isOver) {
      if (framing.left > 0) {
        const own = bytes.subarray(at, at + framing.left);
        framing.left -= own.length;
        at += own.length;
        told += own.length;
        this.#tell({ kind: "body", bytes: own });
        continue;
      }
      framing.line += String.fromCharCode(bytes[at++]!);
      if (!framing.line.endsWith("\r\n")) {
        if (framing.line.length > 1024) this.fail("a chunk of the image's answer has no size");
        continue;
      }
      const line = framing.line.slice(0, -2);
      framing.line = "";
      this.#chunkLine(framing, line);
    }
    return told;
  }

  #chunkLine(framing: Extract<Framing, { kind: "chunks" }>, line: string): void {
    if (framing.isTrailer) {
      if (line === "") this.#finish();
      return;
    }
    // The line end after a chunk.
    if (line === "") return;
    const size = /^([0-9a-f]{1,8})(?:[ \t]*;.*)?$/i.exec(line)?.[1];
    if (size === undefined) {
      this.fail("a chunk of the image's answer has no size");
      return;
    }
    framing.left = Number.parseInt(size, 16);
    framing.isTrailer = framing.left === 0;
  }

  #finish(): void {
    this.#isOver = true;
    this.#tell({ kind: "end" });
  }
}

interface Head {
  readonly status: number;
  readonly reason: string;
  /** Names in lower case. */
  readonly headers: readonly Header[];
}

function endOfHead(bytes: Uint8Array): number {
  for (let at = 3; at < bytes.length; at++) {
    const isEnd =
      bytes[at] === 10 && bytes[at - 1] === 13 && bytes[at - 2] === 10 && bytes[at - 3] === 13;
    if (isEnd) return at + 1;
  }
  return -1;
}

function parseHead(text: string): Head | null {
  const [first = "", ...lines] = text.split("\r\n");
  const match = /^HTTP\/1\.\d (\d{3})(?: (.*))?$/.exec(first);
  if (match === null) return null;
  const headers: Header[] = [];
  for (const line of lines) {
    if (line === "") break;
    const field = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line);
    if (field === null) return null;
    headers.push([field[1]!.toLowerCase(), field[2]!]);
  }
  return { status: Number(match[1]), reason: match[2] ?? "", headers };
}
