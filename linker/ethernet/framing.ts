/**
 * Frames of Ethernet in a stream of bytes, as QEMU's `-netdev stream` and `socket` have them (its net/stream.c): in front of each its
 * length, 32 bits, highest first.
 */

/** Two addresses, a tag of IEEE 802.1Q, a type, and 1500 octets (IEEE 802.3, 3.2.7). */
export const longestFrame = 1518;

const prefix = 4;

/** Takes a stream apart, however it was cut into pieces. */
export class FrameReader {
  /** Of a frame that is not whole yet: its length's bytes, and its own. */
  readonly #begun = new Uint8Array(prefix + longestFrame);
  #have = 0;

  /**
   * Tells `onFrame` of every frame that is whole now; the bytes are valid during the call only.
   * False when a frame is longer than any: then this is another protocol, or the stream is out of step for good.
   */
  push(chunk: Uint8Array, onFrame: (frame: Uint8Array) => void): boolean {
    let at = 0;
    while (this.#have > 0 && at < chunk.length) {
      const needed = this.#have < prefix ? prefix : prefix + lengthAt(this.#begun, 0);
      const taken = Math.min(needed - this.#have, chunk.length - at);
      this.#begun.set(chunk.subarray(at, at + taken), this.#have);
      this.#have += taken;
      at += taken;
      if (this.#have < prefix) return true;
      const length = lengthAt(this.#begun, 0);
      if (length > longestFrame) return false;
      if (this.#have < prefix + length) continue;
      this.#have = 0;
      onFrame(this.#begun.subarray(prefix, prefix + length));
    }
    while (at + prefix <= chunk.length) {
      const length = lengthAt(chunk, at);
      if (length > longestFrame) return false;
      const end = at + prefix + length;
      if (end > chunk.length) break;
      onFrame(chunk.subarray(at + prefix, end));
      at = end;
    }
    this.#begun.set(chunk.subarray(at), this.#have);
    this.#have += chunk.length - at;
    return true;
  }
}

/** Octets that `putFrame` writes. */
export function framedLength(frame: Uint8Array): number {
  return prefix + frame.length;
}

/** Writes a frame with its length to a place; answers with what is behind it. */
export function putFrame(target: Uint8Array, at: number, frame: Uint8Array): number {
  target[at] = 0;
  target[at + 1] = frame.length >>> 16;
  target[at + 2] = frame.length >>> 8;
  target[at + 3] = frame.length;
  target.set(frame, at + prefix);
  return at + prefix + frame.length;
}

function lengthAt(bytes: Uint8Array, at: number): number {
  return bytes[at]! * 2 ** 24 + (bytes[at + 1]! << 16) + (bytes[at + 2]! << 8) + bytes[at + 3]!;
}
