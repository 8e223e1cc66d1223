import * as errors from "./errors";

/** Reason of `onClose`: both sides ended as they should. */
export const CLOSED: i32 = 0;

/** Reason: the peer broke the connection off. */
export const RESET: i32 = 1;

/** Reason: nobody listens at that port. */
export const REFUSED: i32 = 2;

/** Reason: there is no way there. */
export const UNREACHABLE: i32 = 3;

/** Reason: the peer does not answer. */
export const TIMED_OUT: i32 = 4;

/** The reason for an error result of the host. */
export function reasonOf(result: i32): i32 {
  if (result == errors.REFUSED) return REFUSED;
  if (result == errors.UNREACHABLE || result == errors.DENIED) return UNREACHABLE;
  if (result == errors.TIMED_OUT) return TIMED_OUT;
  return RESET;
}
