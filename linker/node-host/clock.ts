import type { HostModule } from "./abi.ts";

/** What an image knows of time, in nanoseconds. */
export interface Clock {
  monotonic(): bigint;
  /** Since 1970-01-01T00:00:00Z; 0 when it is not known. */
  wall(): bigint;
}

/** The clock of this machine. */
export const realClock: Clock = {
  monotonic: () => process.hrtime.bigint(),
  wall: () => BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n,
};

/** Module `clock` of docs/abi.md. */
export function clockModule(clock: Clock): HostModule {
  return { monotonic: () => clock.monotonic(), wall: () => clock.wall() };
}
