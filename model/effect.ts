import type { Place } from "./place.ts";

/**
 * What a module's code does that a target or a policy may forbid:
 *
 * - `float`: it computes with f32 or f64;
 * - `unsafe-memory`: it reads or writes memory by address, past the type system;
 * - `host:MODULE`: it calls the host ABI module (docs/abi.md), e.g. `host:socket`.
 */
export type Effect = "float" | "unsafe-memory" | `host:${string}`;

/** An effect and where it first occurs, in source order. */
export interface EffectUse {
  readonly effect: Effect;
  /** Function that has it, as the author wrote it: `Server#parse`, `checksum`. */
  readonly function: string;
  readonly place: Place;
}
