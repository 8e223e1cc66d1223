/** The one stack of an image: binds `Host`, which has no clock and no device, to the interfaces of the system. */
import * as config from "config";
import * as console from "console";
import * as event from "event";
import * as netdev from "netdev";
import * as random from "random";
import * as timer from "timer";
import { DhcpClient, Lease } from "./dhcp/client";
import { Host, Link } from "./host";
import { AddressListener } from "./ipv6/addresses";
import { Options } from "./options";
import { MILLISECOND, NEVER, SECOND } from "./time";
import { isLinkLocal } from "./wire/ipv6";
import { addressOf, get48 } from "./wire/octets";

/** Who is told that our addresses are others now. */
export interface AddressObserver {
  onAddressesChanged(): void;
}

export class Network
  implements Link, netdev.Handler, timer.Handler, event.Task, Lease, AddressListener
{
  /** Null until `start`. */
  host!: Host;
  readonly observers: AddressObserver[] = [];
  private device: netdev.Device | null = null;
  private dhcp: DhcpClient | null = null;
  private alarm: timer.Timer | null = null;
  private alarmAt: u64 = NEVER;
  private deferred: bool = false;

  /** False when there is no device. */
  start(): bool {
    const device = netdev.open(0, this);
    if (device == null) return false;
    this.device = device;
    const hardware = get48(addressOf(device.address));
    // The largest frame whose length field an IPv4 packet can have.
    const mtu = min<i32>(device.mtu, 65535);
    this.host = new Host(options(), hardware, mtu, this, random.next64(), random.next64());
    this.host.now = event.now();
    if (config.address() != 0) {
      this.host.ipv4.configure(config.address(), config.addressPrefix(), config.gateway());
    } else {
      const dhcp = new DhcpClient(this.host, this);
      this.dhcp = dhcp;
      dhcp.start(device.up);
    }
    if (config.ipv6) {
      this.host.ipv6.addresses.listener = this;
      if (device.up) this.startIpv6();
    }
    this.touched();
    return true;
  }

  /** To be called before `host` is: tells it the time. */
  touch(): Host {
    this.host.now = event.now();
    return this.host;
  }

  /** To be called after `host` was: sees to what it has to send, once for all that happens in one event, and to its times. */
  touched(): void {
    if (this.deferred) return;
    this.deferred = true;
    event.defer(this);
  }

  run(): void {
    this.deferred = false;
    this.host.flush(event.now());
    this.arm();
  }

  onFrame(_device: netdev.Device, frame: Uint8Array): void {
    this.host.receive(frame, event.now());
    this.touched();
  }

  onSendable(_device: netdev.Device): void {
    this.touched();
  }

  onLink(_device: netdev.Device, up: bool): void {
    this.touch();
    const dhcp = this.dhcp;
    if (dhcp != null && up) dhcp.start(true);
    if (config.ipv6 && up) this.startIpv6();
    this.touched();
  }

  onTimer(_timer: timer.Timer): void {
    this.alarmAt = NEVER;
    const host = this.touch();
    host.poll(host.now);
    const dhcp = this.dhcp;
    if (dhcp != null) dhcp.poll();
    this.touched();
  }

  transmit(frame: Uint8Array): bool {
    return this.device!.send(frame);
  }

  onLease(address: u32, prefix: u8, gateway: u32): void {
    this.host.ipv4.configure(address, prefix, gateway);
    if (address == 0) {
      console.log("tcpip: the address was lost");
    } else {
      console.log(`tcpip: ${dotted(address)}/${prefix} by DHCP, gateway ${dotted(gateway)}`);
    }
    this.tellObservers();
  }

  onAddress(high: u64, low: u64, prefix: i32): void {
    if (!isLinkLocal(high)) console.log(`tcpip: ${ipv6Text(high, low)}/${prefix}`);
    this.tellObservers();
  }

  onAddressGone(): void {
    this.tellObservers();
  }

  onDuplicate(high: u64, low: u64): void {
    console.error(`tcpip: another host has ${ipv6Text(high, low)}`);
  }

  /** Begins with IPv6, or goes on with it when the link comes back. */
  private startIpv6(): void {
    const ipv6 = this.host.ipv6;
    const chosen = config.address6High() != 0;
    if (ipv6.started) {
      ipv6.restart();
      return;
    }
    ipv6.start(!chosen);
    if (!chosen) return;
    ipv6.configure(
      config.address6High(),
      config.address6Low(),
      config.address6Prefix(),
      config.gateway6High(),
      config.gateway6Low(),
    );
  }

  private tellObservers(): void {
    for (let i = 0; i < this.observers.length; i++) this.observers[i].onAddressesChanged();
  }

  private arm(): void {
    let at = this.host.pollAt();
    const dhcp = this.dhcp;
    if (dhcp != null) at = min<u64>(at, dhcp.pollAt());
    if (at >= this.alarmAt) return;
    const alarm = this.alarm;
    if (alarm != null) alarm.cancel();
    this.alarmAt = at;
    const now = event.now();
    this.alarm = timer.after(at > now ? at - now : 0, this);
  }
}

/** The stack, started when it is first asked for; null when there is no device. */
export function network(): Network | null {
  if (!tried) {
    tried = true;
    const made = new Network();
    if (made.start()) present = made;
    else console.error("tcpip: there is no network device");
  }
  return present;
}

let tried: bool = false;
let present: Network | null = null;

function options(): Options {
  const made = new Options();
  made.connectionLimit = affordable(config.connectionLimit, 16 << 10);
  made.backlog = config.backlog;
  made.sendBuffer = config.sendBuffer;
  made.receiveBuffer = config.receiveBuffer;
  made.bufferMemory = affordable(config.bufferMemory, 4);
  made.nagle = config.nagle;
  made.acknowledgmentDelay = <u64>config.acknowledgmentDelay * MILLISECOND;
  made.minimumTimeout = <u64>config.minimumTimeout * MILLISECOND;
  made.synRetries = config.synRetries;
  made.dataRetries = config.dataRetries;
  made.keepAlive = <u64>config.keepAlive * SECOND;
  made.timeWait = <u64>config.timeWait * SECOND;
  made.timeWaitLimit = affordable(config.timeWaitLimit, 16 << 10);
  made.neighbourLimit = config.neighbourLimit;
  made.reassemblyMemory = config.reassemblyMemory;
  made.errorRate = config.errorRate;
  made.duplicateChecks = config.duplicateChecks;
  made.addressSecret = config.addressSecret;
  return made;
}

/** A limit as it was set, or less: a part of the program's memory, so that no peer can have it used up. */
function affordable(set: i32, part: usize): i32 {
  if (isDefined(__memory_limit)) {
    // @ts-expect-error: the linker's runtime has it
    return <i32>min<usize>(set, (__memory_limit - __heap_base) / part);
  }
  return set;
}

/** RFC 5952, section 4, but that the longest run of zeros is not looked for: the first one is shortened. */
function ipv6Text(high: u64, low: u64): string {
  let text = "";
  let shortened = 0;
  for (let i: u64 = 0; i < 8; i++) {
    const part = <u32>((i < 4 ? high >> (48 - 16 * i) : low >> (112 - 16 * i)) & 0xffff);
    if (part == 0 && shortened < 2) {
      if (shortened == 0) text += i == 0 ? "::" : ":";
      shortened = 1;
      continue;
    }
    if (shortened == 1) shortened = 2;
    text += part.toString(16);
    if (i < 7) text += ":";
  }
  return text;
}

function dotted(address: u32): string {
  const a = address >> 24;
  const b = (address >> 16) & 255;
  const c = (address >> 8) & 255;
  return `${a}.${b}.${c}.${address & 255}`;
}
