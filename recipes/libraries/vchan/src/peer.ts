import {
  Channel,
  ForeignPages,
  Listener,
  load,
  NodeWatcher,
  PAGE,
  Pages,
  permitNode,
  publish,
  readNode,
  unwatchNode,
  watchNode,
  writeNode,
} from "xenbus";
import * as page from "./page";
import { Stream } from "./stream";

/** What is told of a channel. */
export interface Handler {
  /** The other side is there. */
  onOpen(peer: Peer): void;

  /** Bytes came. `data` is valid during the call only. */
  onData(peer: Peer, data: Uint8Array): void;

  /** After `write` took less than offered: there is room again. */
  onWritable(peer: Peer): void;

  /** The other side is gone; nothing more is told. Not told after `close`. */
  onClose(peer: Peer): void;
}

/** Bytes of each ring of a server: 4 pages. */
const ORDER: u32 = 14;
const RING_PAGES: i32 = 1 << (ORDER - 12);

/** One end of a channel between two domains. */
export class Peer implements Listener, NodeWatcher {
  private shared: usize = 0;
  /** Of a server. */
  private own: Pages | null = null;
  /** Of a client: the first page, then each ring's. */
  private foreign: ForeignPages[] = [];
  private channel: Channel | null = null;
  private incoming: Stream | null = null;
  private outgoing: Stream | null = null;
  private token: i32 = -1;
  private opened: bool = false;
  private blocked: bool = false;
  private buffer: Uint8Array = new Uint8Array(PAGE);

  constructor(
    private domain: i32,
    private path: string,
    private handler: Handler,
    private serves: bool,
  ) {}

  /** Takes bytes to send and says how many, from the front: fewer than offered when there is no room, then `onWritable` follows; 0 while the other side is not there. */
  write(data: Uint8Array): i32 {
    const outgoing = this.outgoing;
    if (outgoing === null || !this.opened) return 0;
    let taken = <i32>outgoing.write(data.dataStart, data.length);
    if (taken < data.length) {
      // Asked for first, tried again next: what is read in between is not missed.
      this.ask();
      taken += <i32>outgoing.write(data.dataStart + taken, data.length - taken);
      this.blocked = taken < data.length;
    }
    if (taken > 0) this.tell();
    return taken;
  }

  /** Ends the channel for both sides. What was taken and not read is lost. */
  close(): void {
    if (this.token >= 0) unwatchNode(this.token);
    this.token = -1;
    if (this.shared != 0) {
      store<u8>(this.shared + (this.serves ? page.SERVER_LIVES : page.CLIENT_LIVES), page.GONE);
      this.ask();
      this.tell();
    }
    const channel = this.channel;
    if (channel !== null) channel.close();
    this.channel = null;
    const own = this.own;
    if (own !== null) own.revoke();
    for (let index = 0; index < this.foreign.length; index++) this.foreign[index].close();
    this.foreign = [];
    this.opened = false;
    this.shared = 0;
    this.incoming = null;
    this.outgoing = null;
  }

  /** Shares pages with the other domain, and tells where: libxenvchan's init.c. */
  serve(): bool {
    const own = new Pages(1 + 2 * RING_PAGES);
    const channel = Channel.listen(this.domain, this);
    if (channel === null) return false;
    this.channel = channel;
    if (!own.give(this.domain, false)) {
      channel.close();
      return false;
    }
    this.own = own;
    const shared = own.address;
    this.shared = shared;
    store<u16>(shared + page.LEFT_ORDER, <u16>ORDER);
    store<u16>(shared + page.RIGHT_ORDER, <u16>ORDER);
    store<u8>(shared + page.CLIENT_LIVES, page.AWAITED);
    store<u8>(shared + page.SERVER_LIVES, page.CONNECTED);
    for (let index = 0; index < 2 * RING_PAGES; index++) {
      store<u32>(shared + page.REFERENCES + 4 * index, own.reference(1 + index));
    }
    this.ask();
    const left = shared + PAGE;
    this.incoming = new Stream(shared + page.LEFT, left, 1 << ORDER);
    this.outgoing = new Stream(shared + page.RIGHT, left + RING_PAGES * PAGE, 1 << ORDER);
    return (
      this.announce("ring-ref", own.reference(0)) && this.announce("event-channel", channel.port)
    );
  }

  /** Connects as soon as the server is there. */
  await(): bool {
    this.token = watchNode(this.path, this);
    return this.token >= 0;
  }

  onChange(_path: string): void {
    if (this.shared != 0) return;
    const reference = readNode(`${this.path}/ring-ref`);
    const port = readNode(`${this.path}/event-channel`);
    if (reference === null || port === null) return;
    if (!this.join(<i32>I32.parseInt(reference), <i32>I32.parseInt(port))) this.close();
  }

  onNotified(_channel: Channel): void {
    const shared = this.shared;
    if (shared == 0) return;
    // Both bytes are in one word with those that are ours.
    const word = load(shared + page.CLIENT_LIVES);
    const lives = <u8>(this.serves ? word : word >> 8);
    if (!this.opened) {
      if (lives != page.CONNECTED) return;
      this.opened = true;
      this.handler.onOpen(this);
    }
    this.receive();
    const outgoing = this.outgoing;
    if (outgoing !== null && this.blocked && outgoing.waiting < outgoing.size) {
      this.blocked = false;
      this.handler.onWritable(this);
    }
    const incoming = this.incoming;
    if (incoming === null || outgoing === null) return;
    if (lives == page.GONE || incoming.broken || outgoing.broken) {
      this.close();
      this.handler.onClose(this);
    }
  }

  /** Maps what the server shares: libxenvchan's init.c. False when that makes no sense. */
  private join(reference: i32, port: i32): bool {
    const first = ForeignPages.map(this.domain, [reference]);
    if (first === null) return false;
    this.foreign.push(first);
    const shared = first.address;
    const orders = load(shared + page.LEFT_ORDER);
    const left = this.ring(shared, page.LEFT, orders & 0xffff, 0);
    const skipped = (orders & 0xffff) >= 12 ? 1 << ((orders & 0xffff) - 12) : 0;
    const right = this.ring(shared, page.RIGHT, orders >> 16, skipped);
    if (left === null || right === null) return false;
    const channel = Channel.connect(this.domain, port, this);
    if (channel === null) return false;
    this.channel = channel;
    this.shared = shared;
    this.outgoing = left;
    this.incoming = right;
    store<u8>(shared + page.CLIENT_LIVES, page.CONNECTED);
    this.ask();
    this.opened = true;
    this.handler.onOpen(this);
    this.tell();
    this.receive();
    return true;
  }

  /** @param skipped references of the ring before */
  private ring(shared: usize, counters: usize, order: u32, skipped: i32): Stream | null {
    if (order == 10 || order == 11) {
      return new Stream(shared + counters, shared + (1 << order), 1 << order);
    }
    if (order < 12 || order > MOST_ORDER) return null;
    const references: i32[] = [];
    for (let index = 0; index < 1 << (order - 12); index++) {
      references.push(load(shared + page.REFERENCES + 4 * (skipped + index)));
    }
    const pages = ForeignPages.map(this.domain, references);
    if (pages === null) return null;
    this.foreign.push(pages);
    return new Stream(shared + counters, pages.address, 1 << order);
  }

  private receive(): void {
    for (;;) {
      const incoming = this.incoming;
      if (incoming === null || !this.opened) return;
      if (incoming.waiting == 0) {
        this.ask();
        if (incoming.waiting == 0) return;
      }
      const count = incoming.read(this.buffer.dataStart, this.buffer.length);
      this.tell();
      this.handler.onData(this, this.buffer.subarray(0, count));
    }
  }

  /** Writes a node that the other domain may read. */
  private announce(name: string, value: i32): bool {
    const own = readNode("domid");
    const node = `${this.path}/${name}`;
    if (own === null || !writeNode(node, value.toString())) return false;
    return permitNode(node, [`n${own}`, `r${this.domain}`]);
  }

  /**
   * Asks the other side to notify us of whatever it does next. It takes its bits out as it does so; all of them are set each time, so
   * that a plain store serves.
   */
  private ask(): void {
    const place = this.serves ? page.CLIENT_NOTIFIES : page.SERVER_NOTIFIES;
    store<u8>(this.shared + place, page.NOTIFY_ALWAYS);
    // In force before what is looked at next.
    const orders = this.shared + page.LEFT_ORDER;
    publish(orders, load(orders));
  }

  private tell(): void {
    const channel = this.channel;
    if (channel !== null) channel.notify();
  }
}

/** 32 pages each way, of 64 that can be mapped. */
const MOST_ORDER: u32 = 16;
