import { type HostModule, INVALID, type Memory } from "./abi.ts";
import { readAddress, writeAddress } from "./address.ts";
import { Datagrams } from "./datagrams.ts";
import { diskLimit } from "./disk.ts";
import { Handles } from "./handles.ts";
import { Listening } from "./listening.ts";
import type { Ready } from "./ready.ts";
import { Stream } from "./stream.ts";

/** Module `socket` of docs/abi.md by Node's own sockets. */
export class Sockets {
  readonly #memory: Memory;
  readonly #ready: Ready;
  readonly #handles = new Handles<Stream | Listening | Datagrams>(diskLimit);

  constructor(memory: Memory, ready: Ready) {
    this.#memory = memory;
    this.#ready = ready;
  }

  module(): HostModule {
    const bytes = (address: number, length: number) =>
      this.#memory().subarray(address >>> 0, (address >>> 0) + length);
    const { stream, listening, datagrams } = this.#lookups();
    return {
      tcpListen: (port: number, backlog: number) =>
        this.#open((tell) => Listening.open(port, backlog, tell)),
      tcpAccept: (handle: number) => {
        const accepted = listening(handle)?.accept() ?? INVALID;
        return typeof accepted === "number"
          ? accepted
          : this.#open((tell) => Stream.accepted(accepted, tell));
      },
      tcpConnect: (address: number, length: number, port: number) => {
        const host = readAddress(bytes(address, length));
        return host === null ? INVALID : this.#open((tell) => Stream.connect(host, port, tell));
      },
      tcpRead: (handle: number, address: number, capacity: number) =>
        stream(handle)?.read(bytes(address, capacity)) ?? INVALID,
      tcpWrite: (handle: number, address: number, length: number) =>
        stream(handle)?.write(bytes(address, length)) ?? INVALID,
      tcpShutdown: (handle: number) => stream(handle)?.shutdown(),
      udpOpen: (port: number) => this.#open((tell) => Datagrams.open(port, tell)),
      udpSend: (
        handle: number,
        address: number,
        length: number,
        port: number,
        data: number,
        dataLength: number,
      ) => {
        const host = readAddress(bytes(address, length));
        if (host === null) return INVALID;
        return datagrams(handle)?.send(host, port, bytes(data, dataLength)) ?? INVALID;
      },
      udpReceive: (handle: number, data: number, capacity: number) =>
        datagrams(handle)?.receive(bytes(data, capacity)) ?? INVALID,
      peer: (handle: number, address: number) => {
        const remote = this.#handles.get(handle)?.remote();
        return remote === undefined || remote === null
          ? INVALID
          : writeAddress(remote.address, bytes(address, 16));
      },
      peerPort: (handle: number) => this.#handles.get(handle)?.remote()?.port ?? INVALID,
      localPort: (handle: number) => this.#handles.get(handle)?.localPort() ?? INVALID,
      close: (handle: number) => this.#drop(handle, (thing) => thing.close()),
      reset: (handle: number) =>
        this.#drop(handle, (thing) => (thing instanceof Stream ? thing.reset() : thing.close())),
    };
  }

  /** Closes all that the image left open. */
  closeAll(): void {
    for (const thing of this.#handles.all()) {
      if (thing instanceof Stream) thing.reset();
      else thing.close();
    }
  }

  /** Gives a handle to what `make` makes, unless it answers an error. */
  #open(make: (tell: (flags: number) => void) => Stream | Listening | Datagrams | number): number {
    let handle = -1;
    let closed = false;
    const thing = make((flags) => {
      if (!closed && this.#handles.get(handle) === thing) this.#ready.add(handle, flags);
    });
    if (typeof thing === "number") return thing;
    handle = this.#handles.add(thing);
    thing.onDropped = () => {
      closed = true;
    };
    thing.begin();
    return handle;
  }

  #drop(handle: number, end: (thing: Stream | Listening | Datagrams) => void): void {
    const thing = this.#handles.get(handle);
    if (thing === null) return;
    this.#handles.remove(handle);
    this.#ready.forget(handle);
    end(thing);
  }

  #lookups() {
    const of =
      <T extends Stream | Listening | Datagrams>(kind: { readonly prototype: T }) =>
      (handle: number): T | null => {
        const thing = this.#handles.get(handle);
        return thing instanceof (kind as unknown as new () => T) ? thing : null;
      };
    return { stream: of(Stream), listening: of(Listening), datagrams: of(Datagrams) };
  }
}
