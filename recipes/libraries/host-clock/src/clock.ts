import * as host from "./host/clock";

/** Nanoseconds since a fixed point in the past. Never goes back. */
export function monotonic(): u64 {
  return <u64>host.monotonic();
}

/** Nanoseconds since 1970-01-01T00:00:00Z, or 0 when the host does not know the time of day. */
export function wall(): i64 {
  return host.wall();
}
