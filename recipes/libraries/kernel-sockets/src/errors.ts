// Results of host calls (docs/abi.md, What the host offers).
export const WOULD_BLOCK: i32 = -1;
export const REFUSED: i32 = -3;
export const UNREACHABLE: i32 = -4;
export const DENIED: i32 = -6;
export const TIMED_OUT: i32 = -7;
