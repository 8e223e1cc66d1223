import type { Domain } from "./domain.ts";

/** NETTXF_*, NETRXF_* and netif_extra_info of io/netif.h. */
const transmitFlags = { blank: 1, validated: 2, more: 4, extra: 8 } as const;
const receiveFlags = { blank: 2, more: 4, extra: 8 } as const;
const extraGso = 1;

/** A frame that the image has sent. */
export interface Sent {
  readonly bytes: Buffer;
  /** Its checksum is to be made. */
  readonly blank: boolean;
  /** What its extra information says, when it is several segments. */
  readonly segments: { readonly size: number; readonly type: number } | null;
  /** Requests that it took. */
  readonly parts: number;
}

/** The back end of a network card, in domain 0 (io/netif.h, io/ring.h). Written from the headers alone. */
export class Netback {
  readonly #domain: Domain;
  /** Frames that the image has sent, not those that are still held back. */
  readonly sent: Buffer[] = [];
  /** The same, with all that is told of them. */
  readonly details: Sent[] = [];
  /** Notifications by the image. */
  notified = 0;
  /** Sent frames are seen, but not told to be done. */
  stalled = false;
  #transmit = { ring: 0, consumed: 0, responses: 0 };
  #receive = { ring: 0, consumed: 0, responses: 0 };
  #port = 0;

  constructor(domain: Domain) {
    this.#domain = domain;
  }

  static readonly front = "device/vif/0";
  static readonly back = "/local/domain/0/backend/vif/7/0";

  /** What the tool stack writes before the domain starts. */
  static prepare({ store }: Domain, mac = "00:16:3e:01:02:ff"): void {
    store.set(`${Netback.front}/backend`, Netback.back);
    store.set(`${Netback.front}/backend-id`, "0");
    store.set(`${Netback.front}/mac`, mac);
    store.set(`${Netback.front}/state`, "1");
    store.set(`${Netback.back}/online`, "1");
    store.set(`${Netback.back}/state`, "2");
  }

  /** Says whether it takes several segments as one frame. */
  static offload({ store }: Domain, takes: boolean): void {
    for (const feature of ["feature-sg", "feature-gso-tcpv4", "feature-gso-tcpv6"]) {
      store.set(`${Netback.back}/${feature}`, takes ? "1" : "0");
    }
  }

  node(name: string): number {
    return Number(this.#domain.store.get(`${Netback.front}/${name}`));
  }

  /** Says how far it is, and lets the image answer. */
  enter(state: number): void {
    this.#domain.store.set(`${Netback.back}/state`, String(state));
    this.#domain.run();
  }

  /** Maps the rings that the image has written of, and says that it is connected. */
  connect(): void {
    const address = (name: string) => this.#page(this.node(name));
    this.#transmit = { ring: address("tx-ring-ref"), consumed: 0, responses: 0 };
    this.#receive = { ring: address("rx-ring-ref"), consumed: 0, responses: 0 };
    this.#port = this.node("event-channel");
    this.#domain.ports.get(this.#port)!.told = () => {
      this.notified++;
      this.#collect();
    };
    this.enter(4);
  }

  /** Puts a frame into the next page that it was given. */
  deliver(frame: Uint8Array, { flags = 0, id = -1 }: { flags?: number; id?: number } = {}): void {
    const { memory } = this.#domain;
    const ring = this.#receive;
    const [request, response] = this.#nextEntry();
    const page = this.#page(memory.getUint32(request + 4, true));
    const own = memory.getUint16(request, true);
    this.#domain.bytes(page, frame.length).set(frame);
    memory.setUint16(response, id < 0 ? own : id, true);
    memory.setUint16(response + 2, 0, true);
    memory.setUint16(response + 4, flags, true);
    memory.setInt16(response + 6, frame.length, true);
    memory.setUint32(ring.ring + 8, ring.responses, true);
  }

  /**
   * Puts several segments, as one frame whose checksum is not made, into as many pages as it takes; `part` bytes into each. Extra
   * information of type `extra` tells the text of each segment.
   */
  deliverSegments(frame: Uint8Array, size: number, type: number, part = 4096, extra = extraGso) {
    const { memory } = this.#domain;
    const more = (from: number) => (from + part < frame.length ? receiveFlags.more : 0);
    const flags = receiveFlags.blank | receiveFlags.extra | more(0);
    this.deliver(frame.subarray(0, part), { flags });
    const [, entry] = this.#nextEntry();
    this.#domain.bytes(entry, 8).fill(0);
    memory.setUint8(entry, extra);
    memory.setUint16(entry + 2, size, true);
    memory.setUint8(entry + 4, type);
    memory.setUint32(this.#receive.ring + 8, this.#receive.responses, true);
    for (let from = part; from < frame.length; from += part) {
      this.deliver(frame.subarray(from, from + part), { flags: more(from) });
    }
  }

  /** Claims to have answered so many requests of the receive ring. */
  claim(responses: number): void {
    this.#domain.memory.setUint32(this.#receive.ring + 8, responses, true);
  }

  /** Pages that it has to deliver into. */
  get pages(): number {
    return this.#domain.memory.getUint32(this.#receive.ring, true) - this.#receive.consumed;
  }

  /** Notifies the image, and lets it do all that it does. */
  ring(): void {
    this.#domain.notify(this.#port);
    this.#domain.run();
  }

  /** Takes the frames that wait, and tells that they are done. */
  resume(): void {
    this.stalled = false;
    this.#collect();
    this.#domain.run();
  }

  #nextEntry(): [request: number, response: number] {
    const ring = this.#receive;
    const asked = this.#domain.memory.getUint32(ring.ring, true);
    if (ring.consumed === asked) throw new Error("there is no page for a frame");
    const entry = (index: number) => ring.ring + 64 + (index % 256) * 8;
    return [entry(ring.consumed++), entry(ring.responses++)];
  }

  #collect(): void {
    if (this.stalled) return;
    const { memory } = this.#domain;
    const { ring } = this.#transmit;
    const before = this.#transmit.responses;
    const made = memory.getUint32(ring, true);
    /** An entry of the ring is taken before its response is written in its place. */
    const take = () => {
      if (this.#transmit.consumed === made) throw new Error("a frame is not all there");
      return ring + 64 + (this.#transmit.consumed++ % 256) * 12;
    };
    const respond = (id: number, status: number) => {
      const response = ring + 64 + (this.#transmit.responses++ % 256) * 12;
      memory.setUint16(response, id, true);
      memory.setInt16(response + 2, status, true);
    };
    while (this.#transmit.consumed !== made) {
      const first = this.#request(take());
      let segments: Sent["segments"] = null;
      if ((first.flags & transmitFlags.extra) !== 0) {
        const extra = take();
        if (memory.getUint8(extra) !== extraGso || memory.getUint8(extra + 1) !== 0) {
          throw new Error("extra information of another kind");
        }
        const size = memory.getUint16(extra + 2, true);
        segments = { size, type: memory.getUint8(extra + 4) };
      }
      const requests = [first];
      while ((requests.at(-1)!.flags & transmitFlags.more) !== 0)
        requests.push(this.#request(take()));
      // XEN_NETIF_NR_SLOTS_MIN.
      if (requests.length > 18) throw new Error(`a frame in ${requests.length} parts`);
      const rest = requests.slice(1).reduce((sum, { size }) => sum + size, 0);
      const parts = [{ ...first, size: first.size - rest }, ...requests.slice(1)];
      const bytes = Buffer.concat(
        parts.map(({ page, offset, size }) => {
          if (size <= 0 || offset + size > 4096) throw new Error("a part beyond its page");
          return Buffer.from(this.#domain.bytes(page + offset, size));
        }),
      );
      const blank = (first.flags & transmitFlags.blank) !== 0;
      this.sent.push(bytes);
      this.details.push({ bytes, blank, segments, parts: parts.length });
      for (const [index, { id }] of requests.entries()) {
        respond(id, 0);
        if (index === 0 && segments !== null) respond(0xdead, 1);
      }
    }
    memory.setUint32(ring + 4, this.#transmit.consumed + 1, true);
    memory.setUint32(ring + 8, this.#transmit.responses, true);
    const asked = memory.getUint32(ring + 12, true);
    const done = this.#transmit.responses;
    if ((done - asked) >>> 0 < (done - before) >>> 0) this.#domain.notify(this.#port);
  }

  #request(at: number) {
    const { memory } = this.#domain;
    const page = this.#page(memory.getUint32(at, true));
    const [offset, flags, id, size] = [4, 6, 8, 10].map((place) =>
      memory.getUint16(at + place, true),
    );
    return { page, offset: offset!, flags: flags!, id: id!, size: size! };
  }

  #page(reference: number): number {
    const grant = this.#domain.grants.get(reference);
    if (grant === undefined || grant.domain !== 0) throw new Error(`no grant ${reference}`);
    return grant.address;
  }
}
