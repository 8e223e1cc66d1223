import {
  type HostModule,
  IN_USE,
  INVALID,
  type Memory,
  READABLE,
  UNREACHABLE,
  WOULD_BLOCK,
  WRITABLE,
} from "../node-host/abi.ts";
import type { Ready } from "../node-host/ready.ts";
import type { Channel } from "./channel.ts";
import type { Endpoint } from "./switch.ts";

/** Frames that wait for the image; more are lost, as in a card's ring. */
const ring = 1024;

const ethernetHeader = 14;

/** A network card of a simulated machine. It is there before the machine runs, and survives its restarts. */
export class Device implements Endpoint {
  out: Channel | null = null;
  /** 48 bits. */
  readonly address: number;
  readonly mtu: number;
  /** Told of every frame that the card sends or has received. */
  onFrame: (direction: "in" | "out", frame: Uint8Array) => void = () => {};
  #opened: Opened | null = null;

  constructor(address: number, mtu: number) {
    this.address = address;
    this.mtu = mtu;
  }

  receive(frame: Uint8Array): void {
    this.onFrame("in", frame);
    this.#opened?.receive(frame);
  }

  /** Has the image of a machine use the card; null when one does already. */
  open(handle: number, ready: Ready, wake: () => void): Opened | null {
    if (this.#opened !== null) return null;
    this.#opened = new Opened(this, handle, ready, wake);
    return this.#opened;
  }

  /** The machine is off: what comes is lost. */
  close(): void {
    this.#opened = null;
  }
}

/** A card while an image has it open. */
class Opened {
  readonly device: Device;
  readonly #handle: number;
  readonly #ready: Ready;
  readonly #wake: () => void;
  #waiting: Uint8Array[] = [];
  #wantsFrame = true;

  constructor(device: Device, handle: number, ready: Ready, wake: () => void) {
    this.device = device;
    this.#handle = handle;
    this.#ready = ready;
    this.#wake = wake;
  }

  receive(frame: Uint8Array): void {
    if (this.#waiting.length >= ring) return;
    this.#waiting.push(frame);
    if (!this.#wantsFrame) return;
    this.#wantsFrame = false;
    this.#ready.add(this.#handle, READABLE);
    this.#wake();
  }

  take(target: Uint8Array): number {
    const frame = this.#waiting.shift();
    if (frame === undefined) {
      this.#wantsFrame = true;
      return WOULD_BLOCK;
    }
    const part = frame.subarray(0, target.length);
    target.set(part);
    return part.length;
  }

  send(frame: Uint8Array): number {
    if (frame.length < ethernetHeader || frame.length > ethernetHeader + this.device.mtu) {
      return INVALID;
    }
    const { out } = this.device;
    // A card whose cable leads nowhere.
    if (out === null) return frame.length;
    const whole = new Uint8Array(Math.max(frame.length, shortest));
    whole.set(frame);
    out.onRoom = () => {
      this.#ready.add(this.#handle, WRITABLE);
      this.#wake();
    };
    if (!out.send(whole)) return WOULD_BLOCK;
    this.device.onFrame("out", whole);
    return frame.length;
  }
}

/** The least that goes over a cable, the checksum aside (IEEE 802.3, 3.2.8). */
const shortest = 60;

/** Module `net` of docs/abi.md over the cards of one machine. A handle is the card's number. */
export function netModule(
  memory: Memory,
  devices: readonly Device[],
  ready: Ready,
  wake: () => void,
): HostModule {
  const opened: (Opened | null)[] = devices.map(() => null);
  const at = (address: number, length: number) =>
    memory().subarray(address >>> 0, (address >>> 0) + length);
  return {
    open: (index: number) => {
      const device = devices[index];
      if (device === undefined) return UNREACHABLE;
      const open = device.open(index, ready, wake);
      if (open === null) return IN_USE;
      opened[index] = open;
      return index;
    },
    address: (handle: number) => BigInt(opened[handle]?.device.address ?? 0),
    mtu: (handle: number) => opened[handle]?.device.mtu ?? INVALID,
    send: (handle: number, address: number, length: number) =>
      opened[handle]?.send(at(address, length)) ?? INVALID,
    receive: (handle: number, address: number, capacity: number) =>
      opened[handle]?.take(at(address, capacity)) ?? INVALID,
  };
}
