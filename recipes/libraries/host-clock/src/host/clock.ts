/** Nanoseconds since a fixed point in the past. */
export declare function monotonic(): i64;

/** Nanoseconds since 1970-01-01T00:00:00Z, or 0. */
export declare function wall(): i64;
