import type { Domain } from "./domain.ts";

const sector = 512;

interface Segment {
  readonly address: number;
  readonly length: number;
}

interface Request {
  readonly id: bigint;
  readonly operation: number;
  readonly sector: number;
  readonly segments: readonly Segment[];
}

/** The back end of a disk, in domain 0 (io/blkif.h, io/ring.h; x86_64-abi). Written from the headers alone. It does what waits when it is told to. */
export class Blkback {
  readonly #domain: Domain;
  readonly disk: Buffer;
  /** Requests that wait, in the order in which they came. */
  readonly waiting: Request[] = [];
  /** The most that waited at a time. */
  most = 0;
  /** Notifications by the image. */
  notified = 0;
  #ring = 0;
  #port = 0;
  #consumed = 0;
  #responses = 0;

  static readonly front = "device/vbd/51712";
  static readonly back = "/local/domain/0/backend/vbd/7/51712";

  private constructor(domain: Domain, disk: Buffer) {
    this.#domain = domain;
    this.disk = disk;
  }

  /** What the tool stack writes before the domain starts; the back end connects as soon as the image has said all. */
  static prepare(domain: Domain, disk: Buffer): Blkback {
    const back = new Blkback(domain, disk);
    const { store } = domain;
    store.set(`${Blkback.front}/backend`, Blkback.back);
    store.set(`${Blkback.front}/backend-id`, "0");
    store.set(`${Blkback.front}/state`, "1");
    for (const [name, value] of Object.entries({
      ...{ online: "1", sectors: String(disk.length / sector), "sector-size": String(sector) },
      ...{ mode: "w", "feature-flush-cache": "1", state: "2" },
    })) {
      store.set(`${Blkback.back}/${name}`, value);
    }
    store.written = (path, value) => {
      if (path === `${Blkback.front}/state` && value === "3") back.#connect();
    };
    return back;
  }

  #connect(): void {
    const node = (name: string) => Number(this.#domain.store.get(`${Blkback.front}/${name}`));
    this.#ring = this.#page(node("ring-ref"));
    this.#port = node("event-channel");
    this.#domain.ports.get(this.#port)!.told = () => {
      this.notified++;
      this.#collect();
    };
    this.#domain.store.set(`${Blkback.back}/state`, "4");
  }

  #collect(): void {
    const { memory } = this.#domain;
    while (this.#consumed !== memory.getUint32(this.#ring, true)) {
      const at = this.#entry(this.#consumed++);
      const segments: Segment[] = [];
      for (let index = 0; index < memory.getUint8(at + 1); index++) {
        const place = at + 24 + 8 * index;
        const page = this.#page(memory.getUint32(place, true));
        const [first, last] = [memory.getUint8(place + 4), memory.getUint8(place + 5)];
        if (last < first || last > 7) throw new Error("a segment beyond its page");
        segments.push({ address: page + first * sector, length: (last + 1 - first) * sector });
      }
      this.waiting.push({
        id: memory.getBigUint64(at + 8, true),
        operation: memory.getUint8(at),
        sector: Number(memory.getBigUint64(at + 16, true)),
        segments,
      });
    }
    this.most = Math.max(this.most, this.waiting.length);
    memory.setUint32(this.#ring + 4, this.#consumed + 1, true);
  }

  /** Does the request at a place of those that wait, and lets the image go on. */
  do(place: number, status = 0): void {
    const [request] = this.waiting.splice(place, 1);
    let at = request!.sector * sector;
    for (const { address, length } of request!.segments) {
      const bytes = this.#domain.bytes(address, length);
      if (request!.operation === 0) bytes.set(this.disk.subarray(at, at + length));
      else if (request!.operation === 1) this.disk.set(bytes, at);
      at += length;
    }
    this.respond(request!.id, request!.operation, status);
  }

  /** Claims that a request is over. */
  respond(id: bigint, operation = 0, status = 0): void {
    const { memory } = this.#domain;
    const response = this.#entry(this.#responses++);
    memory.setBigUint64(response, id, true);
    memory.setUint8(response + 8, operation);
    memory.setInt16(response + 10, status, true);
    memory.setUint32(this.#ring + 8, this.#responses, true);
    this.#domain.notify(this.#port);
    this.#domain.run();
  }

  #entry(index: number): number {
    return this.#ring + 64 + (index % 32) * 112;
  }

  #page(reference: number): number {
    const grant = this.#domain.grants.get(reference);
    if (grant === undefined || grant.domain !== 0) throw new Error(`no grant ${reference}`);
    return grant.address;
  }
}
