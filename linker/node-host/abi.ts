/** docs/abi.md as data. */

/** Negative results of host calls. */
export const WOULD_BLOCK = -1;
export const CLOSED = -2;
export const REFUSED = -3;
export const UNREACHABLE = -4;
export const IN_USE = -5;
export const DENIED = -6;
export const TIMED_OUT = -7;
export const EXHAUSTED = -8;
export const INVALID = -9;
export const FAILED = -10;

/** Flags of an event record. */
export const READABLE = 1;
export const WRITABLE = 2;
export const HANGUP = 4;

/** Room for event records. */
export const recordLimit = 256;

/** Deadline: never. */
export const never = 9223372036854775807n;

/** Deadline: nothing is left to wait for. */
export const ended = -1n;

/** Status of an image that trapped or aborted. */
export const trapStatus = 134;

/** The image's linear memory, looked up at every call: it moves when it grows. */
export type Memory = () => Uint8Array;

/** Functions of one module of the host ABI, by name. */
export type HostModule = Readonly<Record<string, (...values: never[]) => unknown>>;

/** Ends the image, thrown through its stack: by `event.exit`, or by a failed assertion. */
export class Exit extends Error {
  readonly status: number;
  /** Of an assertion: where it stands, as its source says. */
  readonly place: string | null;

  constructor(status: number, message = "", place: string | null = null) {
    super(message);
    this.status = status;
    this.place = place;
  }
}
