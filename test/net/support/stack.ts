import { addressOctets, addressText } from "./address.ts";
import { settings } from "./build.ts";
import { type WasmModule, webAssembly } from "./webassembly.ts";

/** What an application is told of a connection. */
export interface ConnectionHandler {
  onOpen?(): void;
  onData?(data: Uint8Array): void;
  onWritable?(): void;
  onEnd?(): void;
  onClose?(reason: number): void;
}

export const closed = 0;
export const reset = 1;
export const refused = 2;
export const unreachable = 3;
export const timedOut = 4;

/** What became of an echo request: the data that came back, or a reason and who gave it. */
export type Echoed =
  | { readonly data: Uint8Array }
  | { readonly reason: number; readonly from: string };

export interface StackOptions {
  /** `10.0.0.1/24`; none asks DHCP. */
  readonly address?: string;
  readonly gateway?: string;
  /** `fd00::1/64`, for a stack with IPv6; `auto` asks routers. Without it there is no IPv6. */
  readonly address6?: string;
  readonly gateway6?: string;
  readonly hardware: bigint;
  readonly mtu?: number;
  readonly seed: number;
  readonly settings?: Readonly<Record<string, number | boolean>>;
  /** Nanoseconds. */
  readonly now?: number;
}

type Call = (...values: (number | bigint)[]) => number | bigint;

/** One instance of the package `tcpip` with its application. Each call is one event of docs/abi.md. */
export class Stack {
  /** Takes a frame; false when the device is full. */
  transmit: (frame: Uint8Array) => boolean = () => true;
  readonly log: string[] = [];
  private readonly exports: Record<string, Call>;
  private readonly memory: { readonly buffer: ArrayBuffer };
  private readonly handlers = new Map<number, ConnectionHandler>();
  private readonly acceptors = new Map<
    number,
    (connection: Connection, remotePort: number) => ConnectionHandler | null
  >();
  private readonly receivers = new Map<
    number,
    (address: string, port: number, data: Uint8Array) => void
  >();
  private readonly pings = new Map<number, (echoed: Echoed) => void>();
  private depth = 0;
  private events = 0;

  constructor(module: WasmModule, options: StackOptions) {
    const instance = new webAssembly.Instance(module, {
      host: {
        transmit: (at: number, length: number) => (this.transmit(this.copy(at, length)) ? 1 : 0),
        log: (at: number, length: number) => {
          this.log.push(Buffer.from(this.copy(at, length)).toString());
        },
        told: (kind: number, id: number, value: number, at: number, length: number) =>
          this.told(kind, id, value, at, length),
      },
      env: {
        abort: (message: number, file: number, line: number, column: number) => {
          throw new Error(`abort: ${this.text(message)} at ${this.text(file)}:${line}:${column}`);
        },
      },
    });
    this.exports = instance.exports as unknown as Record<string, Call>;
    this.memory = instance.exports["memory"] as { readonly buffer: ArrayBuffer };
    this.call("_initialize");
    const set = (name: string, value: number | boolean | bigint) => {
      const index = settings.indexOf(name);
      if (index < 0) throw new Error(`no setting ${name}`);
      this.call("configure", index, BigInt(value));
    };
    if (options.address !== undefined) {
      const [address, prefix] = options.address.split("/");
      set("address", toNumber(address!));
      set("addressPrefix", Number(prefix));
    }
    if (options.gateway !== undefined) set("gateway", toNumber(options.gateway));
    const set6 = (name: string, text: string) => {
      const octets = Buffer.from(addressOctets(text));
      set(`${name}High`, octets.readBigInt64BE(0));
      set(`${name}Low`, octets.readBigInt64BE(8));
    };
    set("ipv6", options.address6 !== undefined);
    if (options.address6 !== undefined && options.address6 !== "auto") {
      const [address, prefix] = options.address6.split("/");
      set6("address6", address!);
      set("address6Prefix", Number(prefix));
    }
    if (options.gateway6 !== undefined) set6("gateway6", options.gateway6);
    for (const [name, value] of Object.entries(options.settings ?? {})) set(name, value);
    const now = BigInt(options.now ?? 0);
    this.call("setUp", options.hardware, options.mtu ?? 1500, BigInt(options.seed), now);
  }

  /** Starts the stack; `tcp` and `udp` calls do so as well. */
  begin(): void {
    this.event(() => this.call("begin"));
  }

  /** Sets the time, which never goes back, and does what is due. */
  advance(now: number): void {
    this.call("setTime", BigInt(now));
    this.event(() => this.call("expire"));
  }

  /** Sets the time and does nothing. */
  setTime(now: number): void {
    this.call("setTime", BigInt(now));
  }

  /** A frame came in. */
  deliver(frame: Uint8Array): void {
    this.event(() => {
      this.bytes(this.call("frameAt") as number, frame.length).set(frame);
      this.call("deliver", frame.length);
    });
  }

  /** Frames came in in one event. */
  deliverAll(frames: readonly Uint8Array[]): void {
    this.event(() => {
      for (const frame of frames) this.deliver(frame);
    });
  }

  sendable(): void {
    this.event(() => this.call("sendable"));
  }

  /** When it wants to be advanced; infinity for never. */
  get deadline(): number {
    const deadline = this.call("deadline") as bigint;
    return deadline === 9223372036854775807n ? Number.POSITIVE_INFINITY : Number(deadline);
  }

  listen(
    port: number,
    accept: (connection: Connection, remotePort: number) => ConnectionHandler | null,
  ): number | null {
    return this.event(() => {
      const id = this.call("tcpListen", port) as number;
      if (id === 0) return null;
      const actual = this.call("tcpListenPort", id) as number;
      this.acceptors.set(actual, accept);
      return id;
    });
  }

  unlisten(id: number): void {
    this.event(() => this.call("tcpUnlisten", id));
  }

  connect(address: string, port: number, handler: ConnectionHandler): Connection | null {
    return this.event(() => {
      const octets = addressOctets(address);
      this.offer(octets);
      const id = this.call("tcpConnect", octets.length, port) as number;
      if (id === 0) return null;
      this.handlers.set(id, handler);
      return new Connection(this, id);
    });
  }

  bind(
    port: number,
    receive: (address: string, port: number, data: Uint8Array) => void,
  ): UdpSocket | null {
    return this.event(() => {
      const id = this.call("udpBind", port) as number;
      if (id === 0) return null;
      this.receivers.set(id, receive);
      return new UdpSocket(this, id);
    });
  }

  /** Sends an echo request; false when it was not taken. `timeout` is nanoseconds. */
  ping(
    address: string,
    data: Uint8Array,
    timeout: number,
    told: (echoed: Echoed) => void,
  ): boolean {
    return this.event(() => {
      const octets = addressOctets(address);
      this.offer(Buffer.concat([octets, data]));
      const id = this.call("ping", octets.length, data.length, BigInt(timeout)) as number;
      if (id !== 0) this.pings.set(id, told);
      return id !== 0;
    });
  }

  get connections(): number {
    return this.call("connectionCount") as number;
  }

  get buffers(): number {
    return this.call("bufferUse") as number;
  }

  /** IPv6 addresses that others may use. */
  get addresses6(): string[] {
    const count = this.call("ourAddresses6") as number;
    const octets = this.copy(this.call("scratchAt") as number, 16 * count);
    return Array.from({ length: count }, (_, i) =>
      addressText(octets.subarray(16 * i, 16 * i + 16)),
    );
  }

  /** The link comes up or goes down. */
  link(up: boolean): void {
    this.event(() => this.call("link", up ? 1 : 0));
  }

  /** For `Connection`: what a call wrote where `offer` puts. */
  taken(length: number): Uint8Array {
    return this.copy(this.call("scratchAt") as number, length);
  }

  get address(): string {
    const number = Buffer.alloc(4);
    number.writeUInt32BE((this.call("ourAddress") as number) >>> 0);
    return addressText(number);
  }

  /** Octets of the linear memory after all garbage is gone. */
  get memorySize(): number {
    this.call("collect");
    return this.memory.buffer.byteLength;
  }

  /** For `Connection` and `UdpSocket`. */
  call(name: string, ...values: (number | bigint)[]): number | bigint {
    return this.exports[name]!(...values);
  }

  /** For `Connection` and `UdpSocket`: puts bytes where calls find them. */
  offer(data: Uint8Array): void {
    this.bytes(this.call("scratchAt") as number, data.length).set(data);
  }

  /** Runs one event: what it brings about is sent at its end, and garbage goes when nothing is on the stack. */
  event<T>(body: () => T): T {
    this.depth++;
    const result = body();
    this.depth--;
    if (this.depth === 0) {
      this.depth++;
      this.call("settle");
      this.depth--;
      if (++this.events % 128 === 0) this.call("collect");
    }
    return result;
  }

  private told(kind: number, id: number, value: number, at: number, length: number): number {
    if (kind === 5) {
      const handler = this.acceptors.get(value)?.(new Connection(this, id), length) ?? null;
      if (handler === null) return 0;
      this.handlers.set(id, handler);
      return 1;
    }
    if (kind === 6) {
      const [size = 0, ...octets] = this.taken(17);
      const address = addressText(Uint8Array.from(octets.slice(0, size)));
      this.receivers.get(id)?.(address, value, this.copy(at, length));
      return 0;
    }
    if (kind === 7 || kind === 8) {
      const bytes = this.copy(at, length);
      const echoed = kind === 7 ? { data: bytes } : { reason: value, from: addressText(bytes) };
      this.pings.get(id)?.(echoed);
      this.pings.delete(id);
      return 0;
    }
    const handler = this.handlers.get(id);
    if (kind === 0) handler?.onOpen?.();
    else if (kind === 1) handler?.onData?.(this.copy(at, length));
    else if (kind === 2) handler?.onWritable?.();
    else if (kind === 3) handler?.onEnd?.();
    else if (kind === 4) {
      this.handlers.delete(id);
      handler?.onClose?.(value);
    }
    return 0;
  }

  private bytes(at: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, at, length);
  }

  private copy(at: number, length: number): Uint8Array {
    return this.bytes(at, length).slice();
  }

  private text(at: number): string {
    if (at === 0) return "";
    const length = new DataView(this.memory.buffer).getUint32(at - 4, true);
    return Buffer.from(this.bytes(at, length)).toString("utf16le");
  }
}

export class Connection {
  private readonly stack: Stack;
  private readonly id: number;

  constructor(stack: Stack, id: number) {
    this.stack = stack;
    this.id = id;
  }

  /** Octets taken from the front of `data`. */
  write(data: Uint8Array): number {
    return this.stack.event(() => {
      this.stack.offer(data);
      return this.stack.call("tcpWrite", this.id, data.length) as number;
    });
  }

  shutdown(): void {
    this.stack.event(() => this.stack.call("tcpShutdown", this.id));
  }

  close(): void {
    this.stack.event(() => this.stack.call("tcpClose", this.id));
  }

  abort(): void {
    this.stack.event(() => this.stack.call("tcpAbort", this.id));
  }

  pause(): void {
    this.stack.event(() => this.stack.call("tcpPause", this.id));
  }

  resume(): void {
    this.stack.event(() => this.stack.call("tcpResume", this.id));
  }

  get remoteAddress(): string {
    return addressText(this.stack.taken(this.stack.call("tcpRemote", this.id) as number));
  }

  get localPort(): number {
    return this.stack.call("tcpPort", this.id) as number;
  }
}

export class UdpSocket {
  private readonly stack: Stack;
  private readonly id: number;

  constructor(stack: Stack, id: number) {
    this.stack = stack;
    this.id = id;
  }

  send(address: string, port: number, data: Uint8Array): boolean {
    return this.stack.event(() => {
      const octets = addressOctets(address);
      this.stack.offer(Buffer.concat([octets, data]));
      return this.stack.call("udpSend", this.id, octets.length, port, data.length) === 1;
    });
  }

  close(): void {
    this.stack.event(() => this.stack.call("udpClose", this.id));
  }

  get port(): number {
    return this.stack.call("udpPort", this.id) as number;
  }
}

function toNumber(address: string): number {
  return Buffer.from(addressOctets(address)).readUInt32BE();
}
