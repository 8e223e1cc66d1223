/** Result: it was done; of a write: and lasts, whatever happens from now on. */
export const DONE: i32 = 0;

/** Result: there is no value at the key. */
export const ABSENT: i32 = 1;

/** Result: the key or the batch is longer than the store takes. Nothing was changed. */
export const INVALID: i32 = 2;

/** Result: there is no room left. */
export const FULL: i32 = 3;

/** Result: as many writes are under way as the store has room for. */
export const BUSY: i32 = 4;

/** Result: what is stored is damaged; nothing of it is given out. */
export const CORRUPT: i32 = 5;

/** Result: what the store lies on holds something else than a store. It was left as it is. */
export const FOREIGN: i32 = 6;

/** Result: what the store lies on failed or is not there. */
export const FAILED: i32 = 7;
