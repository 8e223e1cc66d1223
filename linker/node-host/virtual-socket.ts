import {
  CLOSED,
  HANGUP,
  type HostModule,
  IN_USE,
  INVALID,
  type Memory,
  READABLE,
  REFUSED,
  WOULD_BLOCK,
  WRITABLE,
} from "./abi.ts";
import { Handles } from "./handles.ts";
import type { Ready } from "./ready.ts";

/** The other side of a connection, in the hands of a test. */
export class VirtualPeer {
  /** What the image sent and this side has had. */
  received = Buffer.alloc(0);
  /** The image ended its side. */
  hasEnd = false;
  /** The image broke the connection off, or refused it. */
  isReset = false;
  /** The image freed the connection: it hears nothing any more. */
  isReleased = false;
  /** While true, nothing is taken of what the image sends. */
  isStalled = false;
  readonly arrivals: (Buffer | "end" | "reset")[] = [];

  /** Sends bytes that arrive as one segment, which is at most what one read of the image gives. */
  send(bytes: Uint8Array | string): this {
    if (bytes.length > 0) this.arrivals.push(Buffer.from(bytes as string));
    return this;
  }

  /** Sends bytes as segments of these lengths, in turn and again from the first on. */
  sendIn(bytes: Uint8Array, lengths: readonly number[]): this {
    let start = 0;
    for (let index = 0; start < bytes.length; index++) {
      const length = Math.max(1, lengths[index % lengths.length]!);
      this.send(bytes.subarray(start, start + length));
      start += length;
    }
    return this;
  }

  /** Says that nothing more will be sent. */
  end(): this {
    this.arrivals.push("end");
    return this;
  }

  /** Breaks the connection off. */
  reset(): this {
    this.arrivals.push("reset");
    return this;
  }

  /** Takes what was received so far. */
  take(): Buffer {
    const taken = this.received;
    this.received = Buffer.alloc(0);
    return taken;
  }
}

class Listener {
  readonly port: number;
  readonly waiting: VirtualPeer[] = [];
  wantsAccept = true;

  constructor(port: number) {
    this.port = port;
  }
}

class Connection {
  readonly peer: VirtualPeer;
  readonly port: number;
  inbox: Buffer[] = [];
  outbox: Buffer[] = [];
  outboxLength = 0;
  isOpen: boolean;
  isEnded = false;
  failure: number | null = null;
  wantsRead = true;
  wantsWrite = true;
  isShut = false;

  constructor(peer: VirtualPeer, port: number, isOpen: boolean) {
    this.peer = peer;
    this.port = port;
    this.isOpen = isOpen;
  }
}

class Bound {
  readonly port: number;
  readonly waiting: { address: Uint8Array; port: number; data: Uint8Array }[] = [];
  last: { address: Uint8Array; port: number } | null = null;
  wantsRead = true;

  constructor(port: number) {
    this.port = port;
  }
}

/** Module `socket` of docs/abi.md in memory. */
export class VirtualSockets {
  readonly sent: { from: number; address: Uint8Array; port: number; data: Uint8Array }[] = [];
  readonly #memory: Memory;
  readonly #ready: Ready;
  readonly #sendBuffer: number;
  readonly #handles = new Handles<Listener | Connection | Bound>();
  readonly #open = new Map<number, Listener | Connection | Bound>();
  readonly #expected = new Map<number, VirtualPeer[]>();

  constructor(memory: Memory, ready: Ready, sendBuffer: number) {
    this.#memory = memory;
    this.#ready = ready;
    this.#sendBuffer = sendBuffer;
  }

  get count(): number {
    return this.#open.size;
  }

  connect(port: number): VirtualPeer {
    const peer = new VirtualPeer();
    for (const [handle, thing] of this.#open) {
      if (!(thing instanceof Listener) || thing.port !== port) continue;
      thing.waiting.push(peer);
      if (thing.wantsAccept) this.#ready.add(handle, READABLE);
      thing.wantsAccept = false;
      return peer;
    }
    peer.isReset = true;
    return peer;
  }

  expectConnection(port: number): VirtualPeer {
    const peer = new VirtualPeer();
    this.#expected.set(port, [...(this.#expected.get(port) ?? []), peer]);
    return peer;
  }

  datagram(to: number, from: { address: Uint8Array; port: number }, data: Uint8Array): void {
    for (const [handle, thing] of this.#open) {
      if (!(thing instanceof Bound) || thing.port !== to) continue;
      thing.waiting.push({ ...from, data });
      if (thing.wantsRead) this.#ready.add(handle, READABLE);
      thing.wantsRead = false;
    }
  }

  /** One step of the network: every peer has what was sent to it, and the next of its segments arrives. */
  step(): void {
    for (const [handle, thing] of this.#open) {
      if (thing instanceof Connection) this.#stepConnection(handle, thing);
    }
  }

  module(): HostModule {
    const bytes = (address: number, length: number) =>
      this.#memory().subarray(address >>> 0, (address >>> 0) + length);
    const connection = (handle: number) => {
      const thing = this.#handles.get(handle);
      return thing instanceof Connection ? thing : null;
    };
    return {
      tcpListen: (port: number) => {
        for (const thing of this.#open.values()) {
          if (thing instanceof Listener && thing.port === port) return IN_USE;
        }
        return this.#add(new Listener(port === 0 ? 49152 + this.count : port));
      },
      tcpAccept: (handle: number) => {
        const listener = this.#handles.get(handle);
        if (!(listener instanceof Listener)) return INVALID;
        const peer = listener.waiting.shift();
        if (peer !== undefined) return this.#add(new Connection(peer, listener.port, true));
        listener.wantsAccept = true;
        return WOULD_BLOCK;
      },
      tcpConnect: (_address: number, _length: number, port: number) => {
        const peer = this.#expected.get(port)?.shift();
        const opened = new Connection(peer ?? new VirtualPeer(), 49152, false);
        if (peer === undefined) opened.failure = REFUSED;
        const handle = this.#add(opened);
        opened.wantsRead = peer !== undefined;
        this.#ready.add(handle, peer === undefined ? READABLE | HANGUP : WRITABLE);
        opened.isOpen = peer !== undefined;
        return handle;
      },
      tcpRead: (handle: number, address: number, capacity: number) => {
        const thing = connection(handle);
        return thing === null ? INVALID : read(thing, bytes(address, capacity));
      },
      tcpWrite: (handle: number, address: number, length: number) => {
        const thing = connection(handle);
        return thing === null ? INVALID : this.#write(thing, Buffer.from(bytes(address, length)));
      },
      tcpShutdown: (handle: number) => {
        const thing = connection(handle);
        if (thing !== null) thing.isShut = true;
      },
      udpOpen: (port: number) => this.#add(new Bound(port === 0 ? 49152 + this.count : port)),
      udpSend: (
        handle: number,
        address: number,
        length: number,
        port: number,
        data: number,
        dataLength: number,
      ) => {
        const bound = this.#handles.get(handle);
        if (!(bound instanceof Bound)) return INVALID;
        this.sent.push({
          from: bound.port,
          address: bytes(address, length).slice(),
          port,
          data: bytes(data, dataLength).slice(),
        });
        return dataLength;
      },
      udpReceive: (handle: number, data: number, capacity: number) => {
        const bound = this.#handles.get(handle);
        if (!(bound instanceof Bound)) return INVALID;
        const datagram = bound.waiting.shift();
        bound.wantsRead = datagram === undefined;
        if (datagram === undefined) return WOULD_BLOCK;
        bound.last = datagram;
        const part = datagram.data.subarray(0, capacity);
        bytes(data, capacity).set(part);
        return part.length;
      },
      peer: (handle: number, address: number) => {
        const thing = this.#handles.get(handle);
        const octets = thing instanceof Bound ? thing.last?.address : [192, 0, 2, 1];
        if (octets === undefined) return INVALID;
        bytes(address, octets.length).set(octets);
        return octets.length;
      },
      peerPort: (handle: number) => {
        const thing = this.#handles.get(handle);
        return thing instanceof Bound ? (thing.last?.port ?? INVALID) : 50000;
      },
      localPort: (handle: number) => this.#handles.get(handle)?.port ?? INVALID,
      close: (handle: number) => {
        const thing = this.#drop(handle);
        if (thing instanceof Listener) for (const peer of thing.waiting) peer.isReset = true;
        if (!(thing instanceof Connection)) return;
        deliver(thing);
        thing.peer.isReleased = true;
        // A kernel resets the connection when bytes were not read.
        if (thing.inbox.length > 0) thing.peer.isReset = true;
        else thing.peer.hasEnd = true;
      },
      reset: (handle: number) => {
        const thing = this.#drop(handle);
        if (!(thing instanceof Connection)) return;
        thing.peer.isReset = true;
        thing.peer.isReleased = true;
      },
    };
  }

  #add(thing: Listener | Connection | Bound): number {
    const handle = this.#handles.add(thing);
    this.#open.set(handle, thing);
    return handle;
  }

  #drop(handle: number): Listener | Connection | Bound | null {
    const thing = this.#handles.get(handle);
    this.#handles.remove(handle);
    this.#open.delete(handle);
    this.#ready.forget(handle);
    return thing;
  }

  #write(thing: Connection, data: Buffer): number {
    if (thing.failure !== null) return thing.failure;
    if (thing.isShut) return CLOSED;
    const room = thing.isOpen ? this.#sendBuffer - thing.outboxLength : 0;
    const taken = Math.min(room, data.length);
    if (taken < data.length) thing.wantsWrite = true;
    if (taken === 0) return data.length === 0 ? 0 : WOULD_BLOCK;
    thing.outbox.push(data.subarray(0, taken));
    thing.outboxLength += taken;
    return taken;
  }

  #stepConnection(handle: number, thing: Connection): void {
    const { peer } = thing;
    if (!peer.isStalled && !peer.hasEnd) {
      deliver(thing);
      if (thing.isShut) peer.hasEnd = true;
      if (thing.wantsWrite) {
        thing.wantsWrite = false;
        this.#ready.add(handle, WRITABLE);
      }
    }
    // As long as the image has not read what is there, the next segment waits.
    if (!thing.isOpen || !thing.wantsRead) return;
    const arrival = peer.arrivals.shift();
    if (arrival === undefined) return;
    thing.wantsRead = false;
    if (arrival === "end") thing.isEnded = true;
    else if (arrival === "reset") thing.failure = CLOSED;
    else thing.inbox.push(arrival);
    this.#ready.add(handle, typeof arrival === "string" ? READABLE | HANGUP : READABLE);
  }
}

function deliver(thing: Connection): void {
  if (thing.outbox.length === 0) return;
  thing.peer.received = Buffer.concat([thing.peer.received, ...thing.outbox]);
  thing.outbox = [];
  thing.outboxLength = 0;
}

function read(thing: Connection, target: Uint8Array): number {
  if (thing.failure !== null) return thing.failure;
  const data = Buffer.concat(thing.inbox);
  const part = data.subarray(0, target.length);
  target.set(part);
  thing.inbox = part.length < data.length ? [data.subarray(part.length)] : [];
  if (part.length < target.length) thing.wantsRead = true;
  if (part.length > 0) return part.length;
  return thing.isEnded ? 0 : WOULD_BLOCK;
}
