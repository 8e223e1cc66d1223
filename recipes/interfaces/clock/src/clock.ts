/** Nanoseconds since a fixed point in the past. Never goes back. */
export declare function monotonic(): u64;

/** Nanoseconds since 1970-01-01T00:00:00Z, or 0 when the host does not know the time of day. */
export declare function wall(): i64;
