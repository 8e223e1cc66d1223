/** What is told of a device. */
export interface Handler {
  /** A frame came in, from its destination address on, without checksum. `frame` is valid during the call only. */
  onFrame(device: Device, frame: Uint8Array): void;

  /** After `send` answered false: it takes frames again. */
  onSendable(device: Device): void;

  /** The link came up or went down. */
  onLink(device: Device, up: bool): void;
}

/** One network device. */
export declare class Device {
  /** Takes a whole frame to send, padded by the device where it must be; false when there is no room now. `frame` is free again at once. */
  send(frame: Uint8Array): bool;

  /** The six octets of the device's own address. */
  get address(): Uint8Array;

  /** The most bytes that a frame carries after its 14 bytes of header. */
  get mtu(): i32;

  /** Whether the link is up. */
  get up(): bool;
}

/** Opens device `index`, counted from 0, and tells `handler` of it; null when there is none. */
export declare function open(index: i32, handler: Handler): Device | null;
