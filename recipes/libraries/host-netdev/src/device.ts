import * as event from "event";
import * as host from "./host/net";

/** What is told of a device. */
export interface Handler {
  /** A frame came in, from its destination address on, without checksum. `frame` is valid during the call only. */
  onFrame(device: Device, frame: Uint8Array): void;

  /** After `send` answered false: it takes frames again. */
  onSendable(device: Device): void;

  /** The link came up or went down. */
  onLink(device: Device, up: bool): void;
}

/** One network device. It is open until the program ends. */
export class Device implements event.Watcher, event.Task {
  /** `send` answered false, so that the handler waits to be told. */
  private blocked: bool = false;
  private deferred: bool = false;
  private present: bool = true;

  /** @param buffer where every frame is received; it is never filled, so that the host tells of the next ones */
  private constructor(
    private handle: i32,
    private hardware: Uint8Array,
    private payload: i32,
    private buffer: Uint8Array,
    private handler: Handler,
  ) {}

  /** Null when the host does not give the device. */
  static open(index: i32, handler: Handler): Device | null {
    const handle = host.open(index);
    if (handle < 0) return null;
    const hardware = new Uint8Array(6);
    const octets = host.address(handle);
    for (let place = 0; place < 6; place++) hardware[place] = <u8>(octets >> (40 - 8 * place));
    const payload = host.mtu(handle);
    const buffer = new Uint8Array(HEADER + payload + 1);
    const device = new Device(handle, hardware, payload, buffer, handler);
    event.watch(handle, device);
    return device;
  }

  /** Takes a whole frame to send, padded by the device where it must be; false when there is no room now. `frame` is free again at once. */
  send(frame: Uint8Array): bool {
    if (this.blocked) return false;
    // A frame that the host refuses for another reason than room is lost, as on a wire.
    if (host.send(this.handle, frame.dataStart, frame.length) != WOULD_BLOCK) return true;
    this.blocked = true;
    return false;
  }

  /** The six octets of the device's own address. */
  get address(): Uint8Array {
    return this.hardware;
  }

  /** The most bytes that a frame carries after its 14 bytes of header. */
  get mtu(): i32 {
    return this.payload;
  }

  /** Whether the link is up: until the host says that the device is gone. */
  get up(): bool {
    return this.present;
  }

  onReady(flags: u32): void {
    if ((flags & event.WRITABLE) != 0 && this.blocked) {
      this.blocked = false;
      this.handler.onSendable(this);
    }
    if ((flags & event.READABLE) != 0 && !this.deferred) this.receive();
    if ((flags & event.HANGUP) != 0 && this.present) {
      this.present = false;
      event.unwatch(this.handle);
      this.handler.onLink(this, false);
    }
  }

  run(): void {
    this.deferred = false;
    this.receive();
  }

  /** Receives what is there, up to a limit; the rest has its turn after the others. */
  private receive(): void {
    const buffer = this.buffer;
    for (let count = 0; count < FRAMES_PER_ROUND; count++) {
      const length = host.receive(this.handle, buffer.dataStart, buffer.length);
      if (length < 0) return;
      this.handler.onFrame(this, buffer.subarray(0, length));
    }
    this.deferred = true;
    event.defer(this);
  }
}

/** Two addresses and the type of what follows (IEEE 802.3, 3.1.1). */
const HEADER: i32 = 14;

const FRAMES_PER_ROUND: i32 = 64;

/** Result of a host call (docs/abi.md, What the host offers): nothing now. */
const WOULD_BLOCK: i32 = -1;
