import * as event from "event";
import { Channel, Driver, Frontend, Listener, PAGE } from "xenbus";
import { Receiver } from "./receiver";
import { Transmitter } from "./transmitter";

/** What is told of a device. */
export interface Handler {
  /** A frame came in, from its destination address on, without checksum. `frame` is valid during the call only. */
  onFrame(device: Device, frame: Uint8Array): void;

  /** After `send` answered false: it takes frames again. */
  onSendable(device: Device): void;

  /** The link came up or went down. */
  onLink(device: Device, up: bool): void;
}

/** One network device: two rings that are shared with a back end (io/netif.h). While there is none, frames are lost as without a cable. */
export class Device implements Driver, Listener, event.Task {
  private hardware: Uint8Array = new Uint8Array(6);
  private payload: i32 = USUAL_MTU;
  private transmitter: Transmitter = new Transmitter();
  private receiver: Receiver = new Receiver();
  private frontend: Frontend | null = null;
  private channel: Channel | null = null;
  private connected: bool = false;
  /** The back end told nonsense: nothing is exchanged any more, and the handler is still to be told. */
  private broken: bool = false;
  /** `send` answered false, so that the handler waits to be told. */
  private blocked: bool = false;
  /** There is something to publish, or to receive, after the others had their turn. */
  private deferred: bool = false;

  private constructor(private handler: Handler) {}

  /** Null when the domain has no such device. */
  static open(index: i32, handler: Handler): Device | null {
    const device = new Device(handler);
    const frontend = Frontend.open("vif", index, true, device);
    if (frontend === null) return null;
    const address = frontend.read("mac");
    if (address === null || !device.setAddress(address)) return null;
    const mtu = frontend.read("mtu");
    if (mtu !== null) {
      device.payload = max<i32>(min<i32>(<i32>I32.parseInt(mtu), PAGE - HEADER), LEAST_MTU);
    }
    device.frontend = frontend;
    frontend.start();
    return device;
  }

  /** Takes a whole frame to send, padded by the device where it must be; false when there is no room now. `frame` is free again at once. */
  send(frame: Uint8Array): bool {
    if (this.blocked) return false;
    if (!this.connected || frame.length < HEADER || frame.length > HEADER + this.payload) {
      return true;
    }
    const transmitter = this.transmitter;
    if (!transmitter.take(frame)) {
      // Shown before anything is asked for: what the back end has not seen it cannot send.
      this.flush();
      transmitter.notifyWhenSent();
      if (!transmitter.reclaim()) this.fail();
      if (!this.connected) return true;
      if (!transmitter.take(frame)) {
        this.blocked = true;
        return false;
      }
    }
    this.later();
    return true;
  }

  /** The six octets of the device's own address. */
  get address(): Uint8Array {
    return this.hardware;
  }

  /** The most bytes that a frame carries after its 14 bytes of header. */
  get mtu(): i32 {
    return this.payload;
  }

  /** Whether the link is up: a back end is there. */
  get up(): bool {
    return this.connected || this.broken;
  }

  offer(frontend: Frontend): bool {
    const domain = frontend.domain;
    const channel = Channel.listen(domain, this);
    if (channel === null) return false;
    this.channel = channel;
    if (!this.transmitter.open(domain) || !this.receiver.open(domain)) {
      this.end(frontend);
      return false;
    }
    frontend.write("tx-ring-ref", this.transmitter.reference.toString());
    frontend.write("rx-ring-ref", this.receiver.reference.toString());
    frontend.write("event-channel", channel.port.toString());
    frontend.write("request-rx-copy", "1");
    frontend.write("feature-rx-notify", "1");
    // Frames of several pages, several segments of TCP in one, checksums that are still to be made: `Receiver` sees to it.
    frontend.write("feature-sg", "1");
    frontend.write("feature-gso-tcpv4", "1");
    frontend.write("feature-gso-tcpv6", "1");
    return frontend.write("feature-ipv6-csum-offload", "1");
  }

  begin(frontend: Frontend): void {
    this.connected = true;
    const parts = has(frontend, "feature-sg");
    this.transmitter.four = parts && has(frontend, "feature-gso-tcpv4");
    this.transmitter.six = parts && has(frontend, "feature-gso-tcpv6");
    const channel = this.channel;
    if (channel !== null) channel.notify();
    this.handler.onLink(this, true);
    this.later();
  }

  end(_frontend: Frontend): void {
    const channel = this.channel;
    if (channel !== null) channel.close();
    this.channel = null;
    // What the back end still holds stays its own: another one gets other pages.
    if (!this.transmitter.close()) this.transmitter = new Transmitter();
    if (!this.receiver.close()) this.receiver = new Receiver();
    if (!this.up) return;
    this.connected = false;
    this.broken = false;
    this.handler.onLink(this, false);
  }

  onNotified(_channel: Channel): void {
    if (this.connected && this.blocked) {
      if (!this.transmitter.reclaim()) this.fail();
      this.blocked = false;
      this.handler.onSendable(this);
    }
    if (!this.deferred) this.receive();
  }

  run(): void {
    this.deferred = false;
    const frontend = this.frontend;
    if (this.broken && frontend !== null) frontend.abandon();
    this.receive();
    this.flush();
  }

  /** Receives what is there, up to a limit; the rest has its turn after the others. */
  private receive(): void {
    const receiver = this.receiver;
    for (let count = 0; this.connected; count++) {
      if (count == FRAMES_PER_ROUND) {
        this.later();
        break;
      }
      const frame = receiver.next();
      if (frame !== null) this.handler.onFrame(this, frame);
      else if (receiver.broken) this.fail();
      else if (receiver.rest()) break;
    }
    this.flush();
  }

  /** Shows the back end all that it has not seen yet, with one notification at most. */
  private flush(): void {
    const channel = this.channel;
    if (channel === null || !this.connected) return;
    const frames = this.transmitter.flush();
    const pages = this.receiver.flush();
    if (frames || pages) channel.notify();
  }

  private later(): void {
    if (this.deferred) return;
    this.deferred = true;
    event.defer(this);
  }

  /** The back end is of no use any more. Told of in a task: this may be within a call of the handler's. */
  private fail(): void {
    this.connected = false;
    this.broken = true;
    this.later();
  }

  /** Reads `00:16:3e:…`. */
  private setAddress(text: string): bool {
    const octets = text.split(":");
    if (octets.length != 6) return false;
    for (let place = 0; place < 6; place++) {
      this.hardware[place] = <u8>I32.parseInt(octets[place], 16);
    }
    return true;
  }
}

function has(frontend: Frontend, feature: string): bool {
  const said = frontend.readBackend(feature);
  return said !== null && said == "1";
}

/** Two addresses and the type of what follows (IEEE 802.3, 3.1.1). */
const HEADER: i32 = 14;
const USUAL_MTU: i32 = 1500;
/** RFC 791, 3.2: every link takes that. */
const LEAST_MTU: i32 = 68;

const FRAMES_PER_ROUND: i32 = 64;
