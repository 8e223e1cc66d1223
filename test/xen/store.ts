/** xenstored, for one client (io/xs_wire.h). Written from the header alone, without a look at the client. */
const size = 1024;
const at = { requests: 0, responses: 1024, read: 2048, written: 2052, taken: 2056, sent: 2060 };
const types = {
  ...{ directory: 1, read: 2, watch: 4, unwatch: 5, begin: 6, end: 7 },
  ...{ write: 11, remove: 13, event: 15, error: 16 },
};

/** What a transaction sees and changes until its end, and how often nodes had been changed when it began. */
interface Transaction {
  readonly nodes: Map<string, string>;
  readonly changes: number;
}

export class Store {
  #nodes = new Map<string, string>();
  #changes = 0;
  readonly #transactions = new Map<number, Transaction>();
  #lastTransaction = 0;
  readonly #watches: { path: string; token: string }[] = [];
  #request = Buffer.alloc(0);
  #response = Buffer.alloc(0);
  /** It answers nothing any more. */
  silent = false;
  /** How many bytes it passes on at a time. */
  most = size;
  /** Told when a watch has fired. */
  changed = () => {};
  /** Told when the client has written a node. */
  written = (_path: string, _value: string) => {};
  /** Told before a transaction is ended. */
  beforeEnd = () => {};

  get(path: string): string | undefined {
    return this.#nodes.get(path);
  }

  /** Gives a node a value, as another domain does it. */
  set(path: string, value: string): void {
    this.#nodes.set(path, value);
    this.#changes++;
    this.#fire(path);
    this.changed();
  }

  /** Takes a node and all below it away. */
  remove(path: string): void {
    removeBelow(this.#nodes, path);
    this.#changes++;
    this.#fire(path);
    this.changed();
  }

  /** Takes what is in the ring, answers what is whole; whether there is news for the client. */
  serve(memory: DataView, page: number): boolean {
    if (this.silent) return false;
    const get = (place: number) => memory.getUint32(page + place, true);
    const set = (place: number, value: number) => memory.setUint32(page + place, value, true);
    for (let read = get(at.read); read !== get(at.written); set(at.read, ++read >>> 0)) {
      const byte = memory.getUint8(page + at.requests + (read % size));
      this.#request = Buffer.concat([this.#request, Buffer.from([byte])]);
    }
    while (this.#request.length >= 16) {
      const [type, id, transaction, length] = [0, 4, 8, 12].map((place) =>
        this.#request.readUInt32LE(place),
      );
      if (this.#request.length < 16 + length!) break;
      const payload = this.#request.subarray(16, 16 + length!).toString();
      this.#request = this.#request.subarray(16 + length!);
      this.#answer(type!, id!, transaction!, payload);
    }
    let sent = get(at.sent);
    const room = Math.min(size - (sent - get(at.taken)), this.most);
    const part = this.#response.subarray(0, room);
    this.#response = this.#response.subarray(part.length);
    for (const byte of part) memory.setUint8(page + at.responses + (sent++ % size), byte);
    set(at.sent, sent >>> 0);
    return part.length > 0;
  }

  #answer(type: number, id: number, within: number, payload: string): void {
    const [path = "", second = ""] = payload.split("\0");
    const transaction = this.#transactions.get(within);
    if (within !== 0 && transaction === undefined) {
      this.#send(types.error, id, "ENOENT\0");
      return;
    }
    const nodes = transaction?.nodes ?? this.#nodes;
    switch (type) {
      case types.read: {
        const value = nodes.get(path);
        this.#send(value === undefined ? types.error : type, id, value ?? "ENOENT\0");
        return;
      }
      case types.directory: {
        const below = [...nodes.keys()].filter((each) => each.startsWith(`${path}/`));
        const names = new Set(below.map((each) => each.slice(path.length + 1).split("/")[0]));
        const list = [...names].map((name) => `${name}\0`).join("");
        this.#send(names.size === 0 ? types.error : type, id, list || "ENOENT\0");
        return;
      }
      case types.begin: {
        const number = ++this.#lastTransaction;
        this.#transactions.set(number, { nodes: new Map(this.#nodes), changes: this.#changes });
        this.#send(type, id, `${number}\0`);
        return;
      }
      case types.end:
        this.#end(id, within, path === "T");
        return;
      case types.write:
      case types.remove:
        if (type === types.write) nodes.set(path, payload.slice(path.length + 1));
        else removeBelow(nodes, path);
        this.#send(type, id, "OK\0");
        if (transaction === undefined) {
          this.#changes++;
          this.#fire(path);
          if (type === types.write) this.written(path, nodes.get(path)!);
        }
        return;
      case types.watch:
        this.#watches.push({ path, token: second });
        this.#send(type, id, "OK\0");
        // Once at the start, as docs/misc/xenstore.txt says.
        this.#send(types.event, 0, `${path}\0${second}\0`);
        return;
      default:
        this.#send(types.error, id, "ENOSYS\0");
    }
  }

  #end(id: number, number: number, keep: boolean): void {
    const { nodes, changes } = this.#transactions.get(number)!;
    this.beforeEnd();
    this.#transactions.delete(number);
    if (!keep) {
      this.#send(types.end, id, "OK\0");
    } else if (changes !== this.#changes) {
      this.#send(types.error, id, "EAGAIN\0");
    } else {
      this.#nodes = nodes;
      this.#changes++;
      this.#send(types.end, id, "OK\0");
    }
  }

  #fire(changed: string): void {
    for (const { path, token } of this.#watches) {
      if (changed !== path && !changed.startsWith(`${path}/`)) continue;
      this.#send(types.event, 0, `${changed}\0${token}\0`);
    }
  }

  #send(type: number, id: number, payload: string): void {
    const body = Buffer.from(payload);
    const head = Buffer.alloc(16);
    for (const [place, value] of [type, id, 0, body.length].entries()) {
      head.writeUInt32LE(value, 4 * place);
    }
    this.#response = Buffer.concat([this.#response, head, body]);
  }
}

function removeBelow(nodes: Map<string, string>, path: string): void {
  for (const each of [...nodes.keys()]) {
    if (each === path || each.startsWith(`${path}/`)) nodes.delete(each);
  }
}
