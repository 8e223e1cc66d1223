import { load, publish } from "./channel";

/*
 *   0          4           8          12          16        64
 *   ├──────────┼───────────┼──────────┼───────────┼─────────┼─ entries ──
 *   │ requests │ next that │ responses│ next that │         │ a request,
 *   │ made     │ notifies  │ made     │ notifies  │         │ then its response
 */
const REQUESTS_MADE: usize = 0;
const NOTIFY_OF_REQUEST: usize = 4;
const RESPONSES_MADE: usize = 8;
const NOTIFY_OF_RESPONSE: usize = 12;
const HEADER: usize = 64;

/** Our side of a ring of requests and responses in one shared page (io/ring.h, FRONT_RING). Counters go on for ever, modulo 2^32. */
export class FrontRing {
  /** Requests that are written, not all of them published. */
  private written: u32 = 0;
  private published: u32 = 0;
  private consumed: u32 = 0;

  /**
   * @param entries a power of two
   * @param size bytes of the larger of request and response
   */
  constructor(
    private address: usize,
    readonly entries: i32,
    private size: i32,
  ) {}

  /** Empties it, for a back end that does not know it yet. */
  reset(): void {
    memory.fill(this.address, 0, HEADER);
    store<u32>(this.address + NOTIFY_OF_REQUEST, 1);
    store<u32>(this.address + NOTIFY_OF_RESPONSE, 1);
    this.written = 0;
    this.published = 0;
    this.consumed = 0;
  }

  /** Requests that there is room for. */
  get room(): i32 {
    return this.entries - <i32>(this.written - this.consumed);
  }

  /** Where the next request is to be written. There is room for it. */
  request(): usize {
    return this.entry(this.written++);
  }

  /** Shows the back end what was written; whether it is to be notified. */
  publish(): bool {
    const before = this.published;
    if (before == this.written) return false;
    this.published = this.written;
    publish(this.address + REQUESTS_MADE, this.written);
    const asked = load(this.address + NOTIFY_OF_REQUEST);
    return this.written - asked < this.written - before;
  }

  /** Responses that wait; below 0 when the back end claims more than it was asked for. */
  get responses(): i32 {
    const count = load(this.address + RESPONSES_MADE) - this.consumed;
    return count <= this.published - this.consumed ? <i32>count : -1;
  }

  /** Where the next response is; one waits. It may be overwritten once another request is. */
  response(): usize {
    return this.entry(this.consumed++);
  }

  /** Asks to be notified of the response that is `ahead` from now, 1 for the next. What waits now must be looked for afterwards. */
  notifyAfter(ahead: i32): void {
    publish(this.address + NOTIFY_OF_RESPONSE, this.consumed + ahead);
  }

  /** Which entry of the ring an address is, that of a request or of a response in its place. */
  placeOf(entry: usize): i32 {
    return <i32>((entry - this.address - HEADER) / this.size);
  }

  private entry(index: u32): usize {
    return this.address + HEADER + (index & (this.entries - 1)) * this.size;
  }
}
