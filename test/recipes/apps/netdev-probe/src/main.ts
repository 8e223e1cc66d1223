import { log } from "console";
import { defer, Task } from "event";
import { Device, Handler, open } from "netdev";

/** Sends every frame back; one whose payload begins with "F" fills the device, and one with "L" is sent back later. */
class Probe implements Handler {
  onFrame(device: Device, frame: Uint8Array): void {
    if (frame[14] == 0x4c) {
      defer(new Later(device, frame.slice()));
      return;
    }
    if (frame[14] == 0x46) {
      let count = 0;
      while (device.send(frame)) count++;
      log(`full after ${count}`);
      return;
    }
    if (!device.send(frame)) log("refused");
  }

  onSendable(_device: Device): void {
    log("sendable");
  }

  onLink(_device: Device, up: bool): void {
    log(up ? "up" : "down");
  }
}

class Later implements Task {
  constructor(
    private device: Device,
    private frame: Uint8Array,
  ) {}

  run(): void {
    this.device.send(this.frame);
  }
}

export function main(): void {
  const device = open(0, new Probe());
  if (device === null) {
    log("no device");
    return;
  }
  const address = device.address;
  let text = "";
  for (let place = 0; place < 6; place++) text += ` ${address[place]}`;
  log(`address${text}, mtu ${device.mtu}, up ${device.up}`);
}
