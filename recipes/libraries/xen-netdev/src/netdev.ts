import * as card from "host-netdev";
import * as front from "netfront";

/** What is told of a device. */
export interface Handler {
  /** A frame came in, from its destination address on, without checksum. `frame` is valid during the call only. */
  onFrame(device: Device, frame: Uint8Array): void;

  /** After `send` answered false: it takes frames again. */
  onSendable(device: Device): void;

  /** The link came up or went down. */
  onLink(device: Device, up: bool): void;
}

/** One network device, of either kind. */
export abstract class Device {
  /** Takes a whole frame to send, padded by the device where it must be; false when there is no room now. `frame` is free again at once. */
  abstract send(frame: Uint8Array): bool;

  /** The six octets of the device's own address. */
  abstract get address(): Uint8Array;

  /** The most bytes that a frame carries after its 14 bytes of header. */
  abstract get mtu(): i32;

  /** Whether the link is up. */
  abstract get up(): bool;
}

/** Opens device `index`, counted from 0, and tells `handler` of it; null when there is none. */
export function open(index: i32, handler: Handler): Device | null {
  const xen = new XenDevice(handler);
  const device = front.open(index, xen);
  if (device !== null) {
    xen.device = device;
    return xen;
  }
  const virtio = new VirtioDevice(handler);
  const other = card.open(index, virtio);
  if (other === null) return null;
  virtio.device = other;
  return virtio;
}

class XenDevice extends Device implements front.Handler {
  device!: front.Device;

  constructor(private handler: Handler) {
    super();
  }

  send(frame: Uint8Array): bool {
    return this.device.send(frame);
  }

  get address(): Uint8Array {
    return this.device.address;
  }

  get mtu(): i32 {
    return this.device.mtu;
  }

  get up(): bool {
    return this.device.up;
  }

  onFrame(_device: front.Device, frame: Uint8Array): void {
    this.handler.onFrame(this, frame);
  }

  onSendable(_device: front.Device): void {
    this.handler.onSendable(this);
  }

  onLink(_device: front.Device, up: bool): void {
    this.handler.onLink(this, up);
  }
}

class VirtioDevice extends Device implements card.Handler {
  device!: card.Device;

  constructor(private handler: Handler) {
    super();
  }

  send(frame: Uint8Array): bool {
    return this.device.send(frame);
  }

  get address(): Uint8Array {
    return this.device.address;
  }

  get mtu(): i32 {
    return this.device.mtu;
  }

  get up(): bool {
    return this.device.up;
  }

  onFrame(_device: card.Device, frame: Uint8Array): void {
    this.handler.onFrame(this, frame);
  }

  onSendable(_device: card.Device): void {
    this.handler.onSendable(this);
  }

  onLink(_device: card.Device, up: bool): void {
    this.handler.onLink(this, up);
  }
}
