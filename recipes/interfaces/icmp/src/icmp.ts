/** Reason of `onFailure`: no answer came in time. */
export declare const TIMED_OUT: i32;

/** Reason: there is no way there. */
export declare const UNREACHABLE: i32;

/** Reason: a filter on the way does not let it pass. */
export declare const PROHIBITED: i32;

/** Reason: it went through too many routers. */
export declare const EXPIRED: i32;

/** Reason: it is larger than the path takes. */
export declare const TOO_BIG: i32;

/** What is told of an echo request, one of both, once. */
export interface Handler {
  /** Its data came back, so many nanoseconds after it was sent. `data` is valid during the call only. */
  onReply(echo: Echo, data: Uint8Array, roundTrip: u64): void;

  /** It did not come back. `from` is who says so, 4 or 16 octets: a router, or where it was sent to. */
  onFailure(echo: Echo, reason: i32, from: Uint8Array): void;
}

/** An echo request that is under way. */
export declare class Echo {
  /** Forgets it: nothing is told. */
  cancel(): void;

  /** Its number, which the answer has too. */
  get sequence(): u16;
}

/**
 * Asks the host at an address of 4 or 16 octets to send `data` back, and waits `timeout` nanoseconds for it. Null when it
 * cannot be sent: no address of ours, no route, no room, or too many are under way.
 */
export declare function echo(
  address: Uint8Array,
  data: Uint8Array,
  timeout: u64,
  handler: Handler,
): Echo | null;
