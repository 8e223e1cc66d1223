/** Times and spans are nanoseconds in a u64: monotonic, from an origin that does not matter. */
export const MILLISECOND: u64 = 1_000_000;
export const SECOND: u64 = 1_000_000_000;

/** A time that does not come. */
export const NEVER: u64 = u64.MAX_VALUE;
