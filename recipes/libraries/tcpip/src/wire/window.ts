/**
 * A `Uint8Array` that can be aimed at other bytes, so that what is passed to a handler for the time of a call costs no
 * allocation. Its users know that it is valid during the call only.
 */
export class Window {
  readonly bytes: Uint8Array = new Uint8Array(0);

  /** Shows `length` octets at `start`, which are inside `owner`. */
  aim(owner: ArrayBuffer, start: usize, length: i32): Uint8Array {
    const view = changetype<usize>(this.bytes);
    store<usize>(view, changetype<usize>(owner), offsetof<Uint8Array>("buffer"));
    __link(view, changetype<usize>(owner), false);
    store<usize>(view, start, offsetof<Uint8Array>("dataStart"));
    store<i32>(view, length, offsetof<Uint8Array>("byteLength"));
    return this.bytes;
  }

  /** Shows nothing, and lets go of what was shown. */
  release(): void {
    this.aim(nothing, changetype<usize>(nothing), 0);
  }
}

/** Address of the first octet of a buffer. */
export function startOf(buffer: ArrayBuffer): usize {
  return changetype<usize>(buffer);
}

const nothing = new ArrayBuffer(0);
