// @seldom
/** The interface `icmp`, by our own stack. */
import { endsTo, remoteOctets } from "./address";
import { Echoes, EchoUser, Request } from "./ip/echoes";
import * as trouble from "./ip/trouble";
import { network } from "./network";
import { Ends } from "./wire/ends";
import { addressOf } from "./wire/octets";
import { Window } from "./wire/window";

export const UNREACHABLE: i32 = trouble.UNREACHABLE;
export const PROHIBITED: i32 = trouble.PROHIBITED;
export const EXPIRED: i32 = trouble.EXPIRED;
export const TOO_BIG: i32 = trouble.TOO_BIG;
export const TIMED_OUT: i32 = 5;

export interface Handler {
  onReply(echo: Echo, data: Uint8Array, roundTrip: u64): void;
  onFailure(echo: Echo, reason: i32, from: Uint8Array): void;
}

export class Echo implements EchoUser {
  private request: Request | null = null;

  constructor(private readonly handler: Handler) {}

  /** For `echo` alone. */
  send(ends: Ends, data: Uint8Array, timeout: u64): bool {
    const net = network()!;
    net.touch();
    this.request = echoes!.send(ends, addressOf(data), data.length, timeout, this);
    // An address may have been asked for, and there is a time to wait for.
    net.touched();
    return this.request != null;
  }

  onReply(owner: ArrayBuffer, at: usize, length: i32, roundTrip: u64): void {
    this.handler.onReply(this, window.aim(owner, at, length), roundTrip);
    window.release();
  }

  onTrouble(kind: i32, from: Ends): void {
    // An echo goes to no port: that the protocol is not there is no way there.
    const reason = kind == trouble.REFUSED ? UNREACHABLE : kind;
    this.handler.onFailure(this, reason, remoteOctets(from));
  }

  onTimeout(ends: Ends): void {
    this.handler.onFailure(this, TIMED_OUT, remoteOctets(ends));
  }

  cancel(): void {
    const request = this.request;
    if (request != null) echoes!.cancel(request);
  }

  get sequence(): u16 {
    const request = this.request;
    return request == null ? 0 : request.sequence;
  }
}

export function echo(
  address: Uint8Array,
  data: Uint8Array,
  timeout: u64,
  handler: Handler,
): Echo | null {
  const net = network();
  const ends = endsTo(address);
  if (net == null || ends == null || net.host.toMany(ends)) return null;
  if (echoes == null) echoes = new Echoes(net.host);
  const made = new Echo(handler);
  return made.send(ends, data, timeout) ? made : null;
}

let echoes: Echoes | null = null;
const window: Window = new Window();
