import { target, target6High, target6Low } from "config";
import { log } from "console";
import * as event from "event";
import * as icmp from "icmp";
import * as ip from "ip";
import * as timer from "timer";

/** A number for experiments (RFC 3692), and one that nobody takes. */
const OURS: u8 = 253;
const NOBODYS: u8 = 254;
const SECOND: u64 = 1_000_000_000;

export function main(): void {
  if (target == 0) {
    ip.open(OURS, new Responder());
    log("responds");
    return;
  }
  log(`tcp is taken ${ip.open(6, new Responder()) == null}`);
  ip.watch(new Ready());
  began = begin();
}

let began: bool = false;

/** Begins once there are addresses of both families. */
function begin(): bool {
  const mine = ip.sourceFor(target4());
  const mine6 = ip.sourceFor(targetOf6());
  if (mine == null || mine6 == null) return false;
  log(`from ${mine.length} and ${mine6.length} octets, ${ip.addresses().length} addresses`);
  ping("IPv4", target4(), 56);
  ping("IPv4, large", target4(), 4000);
  ping("IPv6", targetOf6(), 56);
  ping("IPv6, large", targetOf6(), 4000);
  const nobody = target4();
  nobody[3] = 99;
  ping("nobody", nobody, 56);
  nobody[0] = 224;
  log(`a group ${icmp.echo(nobody, text("x"), SECOND, new Pinged("group", 1)) != null}`);
  speak(OURS);
  speak(NOBODYS);
  timer.after(8 * SECOND, new End());
  return true;
}

class Ready implements ip.AddressWatcher {
  onAddresses(): void {
    if (!began) began = begin();
  }
}

function ping(name: string, address: Uint8Array, length: i32): void {
  const data = new Uint8Array(length);
  for (let i = 0; i < length; i++) data[i] = <u8>i;
  if (icmp.echo(address, data, 5 * SECOND, new Pinged(name, length)) == null) log(`${name}: no`);
}

class Pinged implements icmp.Handler {
  constructor(
    private readonly name: string,
    private readonly length: i32,
  ) {}

  onReply(echo: icmp.Echo, data: Uint8Array, roundTrip: u64): void {
    let right = data.length == this.length;
    for (let i = 0; i < data.length; i++) right = right && data[i] == <u8>i;
    const slow = roundTrip >= 20_000_000 && roundTrip < 3 * SECOND;
    log(`${this.name}: ${data.length} octets, right ${right}, after more than 20 ms ${slow}`);
  }

  onFailure(echo: icmp.Echo, reason: i32, from: Uint8Array): void {
    log(`${this.name}: timed out ${reason == icmp.TIMED_OUT}, of ${from.length} octets`);
  }
}

/** Sends a packet of a protocol to both addresses. */
function speak(protocol: u8): void {
  const socket = ip.open(protocol, new Asker())!;
  const data = text(`protocol ${protocol}`);
  log(`sent ${socket.send(target4(), data)} ${socket.send(targetOf6(), data)}`);
}

class Asker implements ip.Handler {
  onPacket(socket: ip.Socket, source: Uint8Array, destination: Uint8Array, data: Uint8Array): void {
    const said = String.UTF8.decode(data.slice(0).buffer);
    log(`${said} from ${source.length} octets to ${destination.length}`);
  }

  onTrouble(socket: ip.Socket, destination: Uint8Array, trouble: i32, data: Uint8Array): void {
    const refused = trouble == ip.REFUSED;
    log(`${socket.protocol} refused ${refused} for ${destination.length} octets`);
  }
}

/** Sends back what comes. */
class Responder implements ip.Handler {
  onPacket(socket: ip.Socket, source: Uint8Array, destination: Uint8Array, data: Uint8Array): void {
    socket.send(source, text(`heard ${String.UTF8.decode(data.slice(0).buffer)}`));
  }

  onTrouble(socket: ip.Socket, destination: Uint8Array, trouble: i32, data: Uint8Array): void {}
}

class End implements timer.Handler {
  onTimer(_timer: timer.Timer): void {
    event.exit(0);
  }
}

function text(content: string): Uint8Array {
  return Uint8Array.wrap(String.UTF8.encode(content));
}

function target4(): Uint8Array {
  const octets = new Uint8Array(4);
  store<u32>(octets.dataStart, bswap<u32>(target));
  return octets;
}

function targetOf6(): Uint8Array {
  const octets = new Uint8Array(16);
  store<u64>(octets.dataStart, bswap<u64>(target6High));
  store<u64>(octets.dataStart, bswap<u64>(target6Low), 8);
  return octets;
}
