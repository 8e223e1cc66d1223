// A device whose other end is the test's: frames go out by the import `transmit` and come in by `deliver`.
// @ts-ignore: decorator
@external("host", "transmit")
declare function transmit(at: usize, length: i32): bool;

export interface Handler {
  onFrame(device: Device, frame: Uint8Array): void;
  onSendable(device: Device): void;
  onLink(device: Device, up: bool): void;
}

export class Device {
  readonly address: Uint8Array = new Uint8Array(6);
  mtu: i32 = 1500;
  up: bool = true;

  send(frame: Uint8Array): bool {
    return transmit(frame.dataStart, frame.length);
  }
}

export const device: Device = new Device();
let present: Handler | null = null;

export function open(index: i32, handler: Handler): Device | null {
  if (index != 0) return null;
  present = handler;
  return device;
}

export function handler(): Handler {
  return present!;
}
