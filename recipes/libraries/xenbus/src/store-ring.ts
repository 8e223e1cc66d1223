// @seldom
import * as event from "event";
import { close, load, notify, store as openStore, publish, wait } from "./host/channel";
import { PAGE } from "./pages";

/*
 * The page that xenstored has in common with us (io/xs_wire.h, struct xenstore_domain_interface):
 *
 *   0            1024           2048     2052     2056     2060     2064
 *   ├─ requests ─┼─ responses ──┼────────┼────────┼────────┼────────┤
 *                               │ read   │ written│ read   │ written│
 *                               │ of requests     │ of responses    │
 */
const SIZE: u32 = 1024;
const RESPONSES: usize = 1024;
const REQUESTS_READ: usize = 2048;
const REQUESTS_WRITTEN: usize = 2052;
const RESPONSES_READ: usize = 2056;
const RESPONSES_WRITTEN: usize = 2060;

/** struct xsd_sockmsg: type, request, transaction, length of the payload; then the payload. */
const HEADER: i32 = 16;
/** XENSTORE_PAYLOAD_MAX. */
const LONGEST: u32 = 4096;

/** How long xenstored may be silent before it counts as gone. */
const PATIENCE: u64 = 5_000_000_000;

/** Messages to and from xenstored. */
export class StoreRing {
  /** Of the message received last. */
  type: u32 = 0;
  id: u32 = 0;
  payload: string = "";
  /** xenstored does not answer, or answers nonsense: nothing is sent any more. */
  broken: bool = false;

  private page: usize;
  private header: Uint8Array = new Uint8Array(HEADER);

  /** @param memory two pages, one of which is whole; kept, since nothing else refers to it */
  private constructor(
    readonly memory: Uint8Array,
    readonly handle: i32,
  ) {
    this.page = wholePage(memory);
  }

  /** Null when the image does not run on Xen. */
  static open(): StoreRing | null {
    const memory = new Uint8Array(2 * PAGE);
    const handle = openStore(wholePage(memory));
    return handle < 0 ? null : new StoreRing(memory, handle);
  }

  send(type: u32, id: u32, transaction: u32, payload: string): void {
    const bytes = Uint8Array.wrap(String.UTF8.encode(payload, false));
    const header = this.header.dataStart;
    store<u32>(header, type);
    store<u32>(header + 4, id);
    store<u32>(header + 8, transaction);
    store<u32>(header + 12, bytes.length);
    this.write(header, HEADER);
    this.write(bytes.dataStart, bytes.length);
  }

  /** Whether something has come. */
  get waiting(): bool {
    return load(this.page + RESPONSES_WRITTEN) != load(this.page + RESPONSES_READ);
  }

  /** Waits until something has come; false when nothing does. */
  awaitMessage(): bool {
    while (!this.waiting) {
      if (wait(this.handle, PATIENCE) < 0) return false;
    }
    return true;
  }

  /** Waits for the next message. */
  receive(): void {
    const header = this.header.dataStart;
    this.read(header, HEADER);
    const length = load(header + 12);
    if (length > LONGEST) this.broken = true;
    if (this.broken) return;
    this.type = load(header);
    this.id = load(header + 4);
    const bytes = new ArrayBuffer(<i32>length);
    this.read(changetype<usize>(bytes), length);
    this.payload = String.UTF8.decode(bytes);
  }

  private write(from: usize, length: i32): void {
    const page = this.page;
    let left = <u32>length;
    while (left > 0 && !this.broken) {
      const written = load(page + REQUESTS_WRITTEN);
      const room = SIZE - (written - load(page + REQUESTS_READ));
      if (room > SIZE) this.broken = true;
      else if (room == 0) this.sleep();
      else {
        const place = written % SIZE;
        const count = min<u32>(min<u32>(room, SIZE - place), left);
        memory.copy(page + place, from, count);
        publish(page + REQUESTS_WRITTEN, written + count);
        notify(this.handle);
        from += count;
        left -= count;
      }
    }
  }

  private read(to: usize, length: u32): void {
    const page = this.page;
    let left = length;
    while (left > 0 && !this.broken) {
      const read = load(page + RESPONSES_READ);
      const there = load(page + RESPONSES_WRITTEN) - read;
      if (there > SIZE) this.broken = true;
      else if (there == 0) this.sleep();
      else {
        const place = read % SIZE;
        const count = min<u32>(min<u32>(there, SIZE - place), left);
        memory.copy(to, page + RESPONSES + place, count);
        publish(page + RESPONSES_READ, read + count);
        // It waits for room only when there was none.
        if (there == SIZE) notify(this.handle);
        to += count;
        left -= count;
      }
    }
  }

  private sleep(): void {
    if (wait(this.handle, PATIENCE) >= 0) return;
    this.broken = true;
    event.unwatch(this.handle);
    close(this.handle);
  }
}

function wholePage(memory: Uint8Array): usize {
  return (memory.dataStart + PAGE - 1) & ~(<usize>(PAGE - 1));
}
