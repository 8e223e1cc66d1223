import type { Domain } from "./domain.ts";

/** The back end of a network card, in domain 0 (io/netif.h, io/ring.h). Written from the headers alone. */
export class Netback {
  readonly #domain: Domain;
  /** Frames that the image has sent, not those that are still held back. */
  readonly sent: Buffer[] = [];
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
    const asked = memory.getUint32(ring.ring, true);
    if (ring.consumed === asked) throw new Error("there is no page for a frame");
    const request = ring.ring + 64 + (ring.consumed++ % 256) * 8;
    const page = this.#page(memory.getUint32(request + 4, true));
    const own = memory.getUint16(request, true);
    this.#domain.bytes(page, frame.length).set(frame);
    const response = ring.ring + 64 + (ring.responses++ % 256) * 8;
    memory.setUint16(response, id < 0 ? own : id, true);
    memory.setUint16(response + 2, 0, true);
    memory.setUint16(response + 4, flags, true);
    memory.setInt16(response + 6, frame.length, true);
    memory.setUint32(ring.ring + 8, ring.responses, true);
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

  #collect(): void {
    if (this.stalled) return;
    const { memory } = this.#domain;
    const { ring } = this.#transmit;
    const before = this.#transmit.responses;
    while (this.#transmit.consumed !== memory.getUint32(ring, true)) {
      const request = ring + 64 + (this.#transmit.consumed++ % 256) * 12;
      const page = this.#page(memory.getUint32(request, true));
      const [offset, , id, size] = [4, 6, 8, 10].map((place) =>
        memory.getUint16(request + place, true),
      );
      this.sent.push(Buffer.from(this.#domain.bytes(page + offset!, size!)));
      const response = ring + 64 + (this.#transmit.responses++ % 256) * 12;
      memory.setUint16(response, id!, true);
      memory.setInt16(response + 2, 0, true);
    }
    memory.setUint32(ring + 4, this.#transmit.consumed + 1, true);
    memory.setUint32(ring + 8, this.#transmit.responses, true);
    const asked = memory.getUint32(ring + 12, true);
    const made = this.#transmit.responses;
    if ((made - asked) >>> 0 < (made - before) >>> 0) this.#domain.notify(this.#port);
  }

  #page(reference: number): number {
    const grant = this.#domain.grants.get(reference);
    if (grant === undefined || grant.domain !== 0) throw new Error(`no grant ${reference}`);
    return grant.address;
  }
}
