/**
 * The client's side of TCP (RFC 9293) towards the image of the same tab. What lies between is a function call: segments come whole
 * and in order, so that all of TCP that is for lossy networks is left out but for one thing: what the image did not take (it had no
 * address yet, or no memory) is sent again after a while.
 */
import { view } from "../../../../../linker/ethernet/frame.ts";

const FIN = 1;
const SYN = 2;
const RST = 4;
const PSH = 8;
const ACK = 16;

const headerLength = 20;
const segmentSize = 1460;
/** Octets that we take before the reader has had them. Fits a window field without scaling. */
const receiveLimit = 0xffff;
/** Milliseconds between attempts to open, and those to have data acknowledged; how long both go on at most. */
const openingPause = 50;
const sendingPause = 1000;
const patience = 15_000;

/** What is told of a connection. */
export interface StreamListener {
  onOpen(): void;
  /** Bytes arrived, the receiver's own; `took` says when they are dealt with. */
  onData(bytes: Uint8Array): void;
  /** The image will send no more. */
  onEnd(): void;
  /** It is over: refused, broken off, or not answered. */
  onFailure(reason: "refused" | "reset" | "no answer"): void;
}

/** Where a segment has its checksum (RFC 9293, 3.1). */
export const checksumAt = 16;

export class Stream {
  readonly localPort: number;
  readonly remotePort: number;
  readonly #transmit: (segment: Uint8Array) => void;
  readonly #listener: StreamListener;
  #state: "opening" | "open" | "closed" = "opening";
  /** What is not acknowledged yet, beginning at #unacknowledged. */
  #outbox = new Uint8Array(0);
  #unacknowledged: number;
  #next: number;
  #window = 0;
  #expected = 0;
  /** Octets that the listener has and has not dealt with. */
  #held = 0;
  #hasPeerEnded = false;
  /** We have nothing more to send after the outbox; then, that this was said. */
  #isEnding = false;
  #isEndSent = false;
  #silentFor = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param initial our first sequence number */
  constructor(
    ports: { readonly local: number; readonly remote: number; readonly initial: number },
    transmit: (segment: Uint8Array) => void,
    listener: StreamListener,
  ) {
    this.localPort = ports.local;
    this.remotePort = ports.remote;
    this.#unacknowledged = ports.initial >>> 0;
    this.#next = (ports.initial + 1) >>> 0;
    this.#transmit = transmit;
    this.#listener = listener;
    this.#open();
  }

  get isClosed(): boolean {
    return this.#state === "closed";
  }

  /** Sends these bytes when there is room. */
  write(bytes: Uint8Array): void {
    const joined = new Uint8Array(this.#outbox.length + bytes.length);
    joined.set(this.#outbox);
    joined.set(bytes, this.#outbox.length);
    this.#outbox = joined;
    this.#send();
  }

  /** Says that so many of the bytes told are dealt with: the image may send more. */
  took(bytes: number): void {
    const wasShut = receiveLimit - this.#held < segmentSize;
    this.#held -= bytes;
    if (wasShut && this.#state === "open" && receiveLimit - this.#held >= segmentSize)
      this.#acknowledge();
  }

  /** Nothing more will be sent. */
  end(): void {
    this.#isEnding = true;
    this.#send();
  }

  /** Breaks it off. Nothing more is told. */
  reset(): void {
    if (this.#state === "closed") return;
    if (this.#state === "open") this.#emit(RST | ACK, this.#next);
    this.#close();
  }

  /** A segment from the image. */
  receive(bytes: Uint8Array): void {
    if (bytes.length < headerLength || this.#state === "closed") return;
    const segment = view(bytes);
    const header = (segment.getUint8(12) >> 4) * 4;
    if (header < headerLength || header > bytes.length) return;
    const flags = segment.getUint8(13);
    const sequence = segment.getUint32(4);
    const acknowledged = segment.getUint32(8);
    if ((flags & RST) !== 0) {
      // RFC 9293, 3.10.7.3: a refusal answers our SYN; later ones are where we expect data.
      const isOurs =
        this.#state === "opening" ? acknowledged === this.#next : sequence === this.#expected;
      if (isOurs) this.#fail(this.#state === "opening" ? "refused" : "reset");
      return;
    }
    if ((flags & ACK) === 0) return;
    if (this.#state === "opening") {
      if ((flags & SYN) === 0 || acknowledged !== this.#next) return;
      this.#state = "open";
      this.#unacknowledged = acknowledged;
      this.#expected = (sequence + 1) >>> 0;
      this.#window = segment.getUint16(14);
      this.#restart();
      this.#acknowledge();
      this.#listener.onOpen();
      this.#send();
      return;
    }
    this.#take(acknowledged, segment.getUint16(14));
    this.#deliver(sequence, bytes.subarray(header), (flags & FIN) !== 0);
    this.#send();
    if (this.#hasPeerEnded && this.#isEndSent && this.#outbox.length === 0) this.#close();
  }

  #take(acknowledged: number, window: number): void {
    this.#window = window;
    const count = (acknowledged - this.#unacknowledged) >>> 0;
    if (count === 0 || count > (this.#next - this.#unacknowledged) >>> 0) return;
    // The end counts as an octet.
    this.#outbox = this.#outbox.slice(Math.min(count, this.#outbox.length));
    this.#unacknowledged = acknowledged;
    this.#restart();
  }

  #deliver(sequence: number, data: Uint8Array, isEnd: boolean): void {
    const length = data.length + (isEnd ? 1 : 0);
    if (length === 0) return;
    const old = (this.#expected - sequence) >>> 0;
    const isNew = old < length && !this.#hasPeerEnded;
    const room = receiveLimit - this.#held;
    if (isNew && data.length - old <= room) {
      this.#expected = (sequence + length) >>> 0;
      const bytes = data.slice(old);
      this.#held += bytes.length;
      this.#acknowledge();
      if (bytes.length > 0) this.#listener.onData(bytes);
      if (isEnd) {
        this.#hasPeerEnded = true;
        this.#listener.onEnd();
      }
    } else {
      this.#acknowledge();
    }
  }

  /** Sends what the image's window has room for. */
  #send(): void {
    if (this.#state !== "open") return;
    for (;;) {
      const sent = (this.#next - this.#unacknowledged) >>> 0;
      if (this.#isEndSent) break;
      const rest = this.#outbox.length - sent;
      const size = Math.min(rest, segmentSize, this.#window - sent);
      if (size > 0) {
        this.#emit(ACK | PSH, this.#next, this.#outbox.subarray(sent, sent + size));
        this.#next = (this.#next + size) >>> 0;
      } else if (rest === 0 && this.#isEnding) {
        this.#emit(ACK | FIN, this.#next);
        this.#next = (this.#next + 1) >>> 0;
        this.#isEndSent = true;
      } else {
        break;
      }
    }
    this.#await();
  }

  #open(): void {
    const options = new Uint8Array([2, 4, segmentSize >> 8, segmentSize & 255]);
    this.#emit(SYN, this.#unacknowledged, options);
    this.#await();
  }

  /** As long as something is not acknowledged, sees to it that it is sent again. */
  #await(): void {
    if (this.#timer !== undefined || this.#state === "closed") return;
    const isWaiting = this.#state === "opening" || this.#outbox.length > 0 || this.#isEndSent;
    if (!isWaiting) return;
    const pause = this.#state === "opening" ? openingPause : sendingPause;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#silentFor += pause;
      if (this.#silentFor >= patience) {
        this.#fail("no answer");
      } else if (this.#state === "opening") {
        this.#open();
      } else {
        // Go back to what is not acknowledged; one octet asks for a window that is shut.
        this.#next = this.#unacknowledged;
        this.#isEndSent = false;
        if (this.#window === 0) this.#window = 1;
        this.#send();
      }
    }, pause);
  }

  #restart(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#silentFor = 0;
  }

  #acknowledge(): void {
    this.#emit(ACK, this.#next);
  }

  /** @param data of a SYN: its options */
  #emit(flags: number, sequence: number, data: Uint8Array = new Uint8Array(0)): void {
    const bytes = new Uint8Array(headerLength + data.length);
    const segment = view(bytes);
    segment.setUint16(0, this.localPort);
    segment.setUint16(2, this.remotePort);
    segment.setUint32(4, sequence);
    segment.setUint32(8, (flags & ACK) === 0 ? 0 : this.#expected);
    const header = (flags & SYN) === 0 ? headerLength : bytes.length;
    segment.setUint8(12, (header / 4) << 4);
    segment.setUint8(13, flags);
    segment.setUint16(14, Math.max(0, receiveLimit - this.#held));
    bytes.set(data, headerLength);
    this.#transmit(bytes);
  }

  #fail(reason: Parameters<StreamListener["onFailure"]>[0]): void {
    const wasOpen = this.#state === "open";
    if (wasOpen && reason === "no answer") this.#emit(RST | ACK, this.#next);
    this.#close();
    this.#listener.onFailure(reason);
  }

  #close(): void {
    this.#state = "closed";
    this.#restart();
  }
}
