/** The interface `ip`, by our own stack. */
import * as config from "config";
import { endsTo, localOctets, octets4, octets6, remoteOctets } from "./address";
import { PacketReceiver } from "./ip/protocols";
import * as trouble from "./ip/trouble";
import { AddressObserver, network } from "./network";
import { Ends } from "./wire/ends";
import { isExtension } from "./wire/extension";
import { ICMP, TCP, UDP } from "./wire/ipv4";
import { ICMPV6, NO_NEXT_HEADER } from "./wire/ipv6";
import { addressOf, copy } from "./wire/octets";
import { Window } from "./wire/window";

export const UNREACHABLE: i32 = trouble.UNREACHABLE;
export const REFUSED: i32 = trouble.REFUSED;
export const PROHIBITED: i32 = trouble.PROHIBITED;
export const EXPIRED: i32 = trouble.EXPIRED;
export const TOO_BIG: i32 = trouble.TOO_BIG;

/** The longest packet that fits into the length field of either family. */
const LONGEST: i32 = 65515;

export interface Handler {
  onPacket(socket: Socket, source: Uint8Array, destination: Uint8Array, data: Uint8Array): void;
  onTrouble(socket: Socket, destination: Uint8Array, trouble: i32, data: Uint8Array): void;
}

export interface AddressWatcher {
  onAddresses(): void;
}

export class Socket implements PacketReceiver {
  private closed: bool = false;
  private readonly window: Window = new Window();

  constructor(
    readonly protocol: u8,
    private readonly handler: Handler,
  ) {}

  onPacket(ends: Ends, owner: ArrayBuffer, at: usize, length: i32): void {
    const data = this.window.aim(owner, at, length);
    this.handler.onPacket(this, remoteOctets(ends), localOctets(ends), data);
    this.window.release();
  }

  onTrouble(ends: Ends, kind: i32, at: usize, length: i32): void {
    const data = new Uint8Array(length);
    copy(addressOf(data), at, length);
    this.handler.onTrouble(this, remoteOctets(ends), kind, data);
  }

  send(destination: Uint8Array, data: Uint8Array): bool {
    const ends = endsTo(destination);
    if (this.closed || ends == null || data.length > LONGEST) return false;
    const net = network()!;
    const host = net.touch();
    if (!host.bind(ends)) return false;
    copy(host.compose(ends, data.length), addressOf(data), data.length);
    const sent = host.sendComposed(this.protocol, ends, data.length);
    // An address may have been asked for, and then there is a time to wait for.
    net.touched();
    return sent;
  }

  close(): void {
    if (!this.closed) network()!.host.protocols.set(this.protocol, null);
    this.closed = true;
  }
}

/** Passes on what `Network` tells. */
class Observer implements AddressObserver {
  constructor(private readonly watcher: AddressWatcher) {}

  onAddressesChanged(): void {
    this.watcher.onAddresses();
  }
}

export function open(protocol: u8, handler: Handler): Socket | null {
  const net = network();
  if (net == null || isOurs(protocol) || net.host.protocols.at(protocol) != null) return null;
  const socket = new Socket(protocol, handler);
  net.host.protocols.set(protocol, socket);
  return socket;
}

export function addresses(): Uint8Array[] {
  const all: Uint8Array[] = [];
  const net = network();
  if (net == null) return all;
  const host = net.host;
  if (host.ipv4.address != 0) all.push(octets4(host.ipv4.address));
  if (!config.ipv6) return all;
  const list = host.ipv6.addresses;
  for (let i = 0; i < list.count; i++) {
    const own = list.item(i);
    if (!own.tentative) all.push(octets6(own.high, own.low));
  }
  return all;
}

export function sourceFor(destination: Uint8Array): Uint8Array | null {
  const net = network();
  const ends = endsTo(destination);
  return net == null || ends == null || !net.host.bind(ends) ? null : localOctets(ends);
}

export function watch(watcher: AddressWatcher): void {
  const net = network();
  if (net != null) net.observers.push(new Observer(watcher));
}

/** Whether a protocol is one of the stack's own, or a header of IPv6. */
function isOurs(protocol: u32): bool {
  return (
    protocol == TCP ||
    protocol == UDP ||
    protocol == ICMP ||
    protocol == ICMPV6 ||
    protocol == NO_NEXT_HEADER ||
    isExtension(protocol)
  );
}
