/** Reason of `onClose`: both sides ended as they should. */
export const CLOSED: i32 = 0;

/** Reason: the peer broke the connection off. */
export const RESET: i32 = 1;

/** Reason: nobody listens at that port. */
export const REFUSED: i32 = 2;

/** Reason: there is no way there. */
export const UNREACHABLE: i32 = 3;

/** Reason: the peer does not answer. Never inside an image. */
export const TIMED_OUT: i32 = 4;
