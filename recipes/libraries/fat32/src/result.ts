/** Result: it was done; of a change: and lasts. */
export const DONE: i32 = 0;

/** Result: there is no such file or folder. */
export const ABSENT: i32 = 1;

/** Result: a name, a place or a length that cannot be. Nothing was changed. */
export const INVALID: i32 = 2;

/** Result: something of that name is there. Nothing was changed. */
export const EXISTS: i32 = 3;

/** Result: a folder where a file is needed, or the reverse. */
export const WRONG_KIND: i32 = 4;

/** Result: the folder has something in it. Nothing was changed. */
export const NOT_EMPTY: i32 = 5;

/** Result: there is no room. Nothing was changed. */
export const FULL: i32 = 6;

/** Result: what is stored is damaged. Nothing was changed. */
export const CORRUPT: i32 = 7;

/** Result: what the volume should lie on holds something else. It was left as it is. */
export const FOREIGN: i32 = 8;

/** Result: what the volume lies on failed, is not there, or cannot be written to. */
export const FAILED: i32 = 9;
