// The application under test: everything it does is asked for by the test, and all that it is told is passed on.
import { device, handler } from "netdev";
import { now, runTasks, setNow } from "event";
import { fire, nextAt } from "timer";
import { seed } from "random";
import * as icmp from "../src/icmp";
import * as tcp from "../src/tcp";
import * as udp from "../src/udp";
import { network } from "../src/network";
export { configure } from "config";

// @ts-ignore: decorator
@external("host", "told")
declare function told(kind: i32, id: i32, value: i32, at: usize, length: i32): i32;

const OPEN = 0;
const DATA = 1;
const WRITABLE = 2;
const END = 3;
const CLOSE = 4;
const ACCEPT = 5;
const DATAGRAM = 6;
const ECHOED = 7;
const FAILED = 8;

const scratch = new ArrayBuffer(1 << 20);
const frame = Uint8Array.wrap(new ArrayBuffer(65536 + 14));

class App implements tcp.Handler {
  connection: tcp.Connection | null = null;
  constructor(readonly id: i32) {}
  onOpen(_connection: tcp.Connection): void {
    told(OPEN, this.id, 0, 0, 0);
  }
  onData(_connection: tcp.Connection, data: Uint8Array): void {
    told(DATA, this.id, 0, data.dataStart, data.length);
  }
  onWritable(_connection: tcp.Connection): void {
    told(WRITABLE, this.id, 0, 0, 0);
  }
  onEnd(_connection: tcp.Connection): void {
    told(END, this.id, 0, 0, 0);
  }
  onClose(_connection: tcp.Connection, reason: i32): void {
    connections.delete(this.id);
    told(CLOSE, this.id, reason, 0, 0);
  }
}

class Accepting implements tcp.Acceptor {
  onAccept(connection: tcp.Connection): tcp.Handler | null {
    const app = new App(nextId++);
    app.connection = connection;
    connections.set(app.id, app);
    if (told(ACCEPT, app.id, connection.localPort, 0, connection.remotePort) != 0) return app;
    connections.delete(app.id);
    return null;
  }
}

class Receiving implements udp.Handler {
  constructor(readonly id: i32) {}
  onDatagram(_socket: udp.Socket, address: Uint8Array, port: u16, data: Uint8Array): void {
    store<u8>(changetype<usize>(scratch), <u8>address.length);
    memory.copy(changetype<usize>(scratch) + 1, address.dataStart, address.length);
    told(DATAGRAM, this.id, port, data.dataStart, data.length);
  }
}

class Asking implements icmp.Handler {
  constructor(readonly id: i32) {}
  onReply(_echo: icmp.Echo, data: Uint8Array, _roundTrip: u64): void {
    told(ECHOED, this.id, 0, data.dataStart, data.length);
  }
  onFailure(_echo: icmp.Echo, reason: i32, from: Uint8Array): void {
    told(FAILED, this.id, reason, from.dataStart, from.length);
  }
}

let nextId = 1;
const connections = new Map<i32, App>();
const listeners = new Map<i32, tcp.Listener>();
const sockets = new Map<i32, udp.Socket>();

export function frameAt(): usize {
  return frame.dataStart;
}

export function scratchAt(): usize {
  return changetype<usize>(scratch);
}

export function setUp(hardware: i64, mtu: i32, randomSeed: i64, time: i64): void {
  for (let i = 0; i < 6; i++) device.address[i] = <u8>(hardware >> (40 - 8 * i));
  device.mtu = mtu;
  seed(<u64>randomSeed);
  setNow(<u64>time);
}

export function begin(): void {
  network();
}

export function setTime(time: i64): void {
  setNow(<u64>time);
}

export function deliver(length: i32): void {
  handler().onFrame(device, frame.subarray(0, length));
}

export function sendable(): void {
  handler().onSendable(device);
}

export function settle(): void {
  runTasks();
}

export function deadline(): i64 {
  return <i64>min<u64>(nextAt(), <u64>i64.MAX_VALUE);
}

export function expire(): void {
  fire();
}

export function collect(): void {
  __collect();
}

export function connectionCount(): i32 {
  return network()!.host.tcp.connectionCount;
}

export function bufferUse(): i32 {
  return network()!.host.tcp.pool.used;
}

/** Writes our IPv6 addresses into the scratch memory, and says how many there are. */
export function ourAddresses6(): i32 {
  const addresses = network()!.host.ipv6.addresses;
  let count = 0;
  for (let i = 0; i < addresses.count; i++) {
    const own = addresses.item(i);
    if (own.tentative) continue;
    const at = changetype<usize>(scratch) + 16 * count++;
    store<u64>(at, bswap<u64>(own.high));
    store<u64>(at, bswap<u64>(own.low), 8);
  }
  return count;
}

export function link(up: bool): void {
  device.up = up;
  handler().onLink(device, up);
}

export function ourAddress(): u32 {
  return network()!.host.ipv4.address;
}

export function tcpListen(port: i32): i32 {
  const listener = tcp.listen(<u16>port, new Accepting());
  if (listener == null) return 0;
  const id = nextId++;
  listeners.set(id, listener);
  return id;
}

export function tcpListenPort(id: i32): i32 {
  return listeners.get(id).port;
}

export function tcpUnlisten(id: i32): void {
  listeners.get(id).close();
  listeners.delete(id);
}

/** To the address of `length` octets in the scratch memory. */
export function tcpConnect(length: i32, port: i32): i32 {
  const app = new App(nextId++);
  const connection = tcp.connect(Uint8Array.wrap(scratch, 0, length), <u16>port, app);
  if (connection == null) return 0;
  app.connection = connection;
  connections.set(app.id, app);
  return app.id;
}

export function tcpWrite(id: i32, length: i32): i32 {
  return connections.get(id).connection!.write(Uint8Array.wrap(scratch, 0, length));
}

export function tcpShutdown(id: i32): void {
  connections.get(id).connection!.shutdown();
}

export function tcpClose(id: i32): void {
  connections.get(id).connection!.close();
}

export function tcpAbort(id: i32): void {
  connections.get(id).connection!.abort();
  connections.delete(id);
}

export function tcpPause(id: i32): void {
  connections.get(id).connection!.pause();
}

export function tcpResume(id: i32): void {
  connections.get(id).connection!.resume();
}

/** Writes the peer's address into the scratch memory, and says how long it is. */
export function tcpRemote(id: i32): i32 {
  const octets = connections.get(id).connection!.remoteAddress;
  memory.copy(changetype<usize>(scratch), octets.dataStart, octets.length);
  return octets.length;
}

export function tcpPort(id: i32): i32 {
  return connections.get(id).connection!.localPort;
}

/** Sends an echo request to the address of `size` octets that is in the scratch memory before the data. */
export function ping(size: i32, length: i32, timeout: i64): i32 {
  const asking = new Asking(nextId++);
  const address = Uint8Array.wrap(scratch, 0, size);
  const data = Uint8Array.wrap(scratch, size, length);
  return icmp.echo(address, data, timeout, asking) == null ? 0 : asking.id;
}

export function udpBind(port: i32): i32 {
  const id = nextId++;
  const socket = udp.bind(<u16>port, new Receiving(id));
  if (socket == null) return 0;
  sockets.set(id, socket);
  return id;
}

export function udpPort(id: i32): i32 {
  return sockets.get(id).port;
}

/** To the address of `size` octets that is in the scratch memory before the data. */
export function udpSend(id: i32, size: i32, port: i32, length: i32): bool {
  const address = Uint8Array.wrap(scratch, 0, size);
  return sockets.get(id).send(address, <u16>port, Uint8Array.wrap(scratch, size, length));
}

export function udpClose(id: i32): void {
  sockets.get(id).close();
  sockets.delete(id);
}
