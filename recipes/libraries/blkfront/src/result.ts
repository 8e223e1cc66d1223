/** Result: it was done. */
export const DONE: i32 = 0;

/** Result: the request makes no sense: no sectors, more than `limit` or beyond the end, half a sector. Nothing was done. */
export const INVALID: i32 = 1;

/** Result: the device cannot be written to. Nothing was done. */
export const READ_ONLY: i32 = 2;

/** Result: the device could not do it. */
export const FAILED: i32 = 3;

/** Result: the device is gone. */
export const GONE: i32 = 4;
