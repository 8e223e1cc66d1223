/** Why a connection is gone, as the interface `tcp` numbers it. */
export const CLOSED: i32 = 0;
export const RESET: i32 = 1;
export const REFUSED: i32 = 2;
export const UNREACHABLE: i32 = 3;
export const TIMED_OUT: i32 = 4;
