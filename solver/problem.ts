import { Encoding } from "./encode.ts";
import { Levels } from "./levels.ts";
import type { Slice } from "./slice.ts";

/** Up to which sizes a solve leaves out what pays for large catalogs only. */
export interface Sizes {
  /** Releases, times targets, of a slice that is encoded at once: it is sooner encoded than explored. */
  readonly encodedAtOnce: number;
  /** Variables with which targets are searched together to the end: a search of its own has a price, too. */
  readonly searchedTogether: number;
}

const usualSizes: Sizes = { encodedAtOnce: 1_000, searchedTogether: 4_000 };

/** A slice as clauses, as far as searches looked at it, with the levels that its plans are compared on. */
export interface Problem {
  readonly encoding: Encoding;
  readonly levels: Levels;
  readonly sizes: Sizes;
}

export function problemOf(slice: Slice, sizes: Sizes = usualSizes): Problem {
  const encoding = new Encoding(slice, isSmall(slice, sizes) ? "whole" : "begun");
  return { encoding, levels: new Levels(encoding), sizes };
}

/** Whether all of a slice is encoded at once. */
export function isSmall({ packages, request }: Slice, sizes: Sizes = usualSizes): boolean {
  let releases = 0;
  for (const one of packages.values()) releases += one.releases.length;
  return releases * request.targets.length <= sizes.encodedAtOnce;
}
