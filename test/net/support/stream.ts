import type { Connection } from "./stack.ts";

const period = 65521;
const pattern = new Uint8Array(2 * period);
for (let i = 0, x = 1; i < pattern.length; i++) {
  x = (Math.imul(x, 1103515245) + 12345) >>> 0;
  pattern[i] = i < period ? x >>> 16 : pattern[i - period]!;
}

/** The octets of a stream that any part of can be computed, so that nothing is kept. */
export function streamPart(offset: number, length: number): Uint8Array {
  const start = offset % period;
  return pattern.subarray(start, start + length);
}

const chunk = 32768;

/** The most octets that `streamPart` tells at a time. */
export const longestPart = period;

/** Writes a stream of `size` octets as fast as it is taken, `part` at a time, then calls `done`. */
export class Source {
  sent = 0;
  private readonly size: number;
  private readonly done: () => void;
  private readonly part: number;

  constructor(size: number, done: () => void, part = chunk) {
    this.size = size;
    this.done = done;
    this.part = part;
  }

  pump(connection: Connection): void {
    while (this.sent < this.size) {
      const part = streamPart(this.sent, Math.min(this.part, this.size - this.sent));
      const taken = connection.write(part);
      this.sent += taken;
      if (taken < part.length) return;
    }
    this.done();
  }
}

/** Checks that what comes is the stream, in order. */
export class Sink {
  received = 0;

  take(data: Uint8Array): void {
    for (let at = 0; at < data.length; at += chunk) {
      const part = data.subarray(at, at + chunk);
      if (Buffer.compare(part, streamPart(this.received, part.length)) !== 0) {
        throw new Error(`wrong octets after ${this.received}`);
      }
      this.received += part.length;
    }
  }
}
