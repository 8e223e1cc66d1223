import type { EffectUse } from "./effect.ts";
import type { Manifest } from "./manifest.ts";
import type { Signature, Uses } from "./signature.ts";

/**
 * One version of a package with all that the solver may know of it: the manifest, and what was
 * extracted from its source when it was packed or indexed. Plain data, as stored in an index.
 */
export interface Release {
  readonly manifest: Manifest;
  /** `sha512-…` over the package's files, see registry/integrity. */
  readonly integrity: string;
  /** Signature of the package's own module; null when it has none. */
  readonly signature: Signature | null;
  /** Interface name -> signature of the module that provides it. */
  readonly provided: Readonly<Record<string, Signature>>;
  /** Slot -> what the source uses of it. */
  readonly uses: Readonly<Record<string, Uses>>;
  /** Sorted by effect; each with the place of its first occurrence. */
  readonly effects: readonly EffectUse[];
}

/** The packages that a solve may choose from. In memory, complete, the same answers every time. */
export interface Universe {
  /** All versions of a package, newest first; empty when there is no such package. */
  releases(name: string): readonly Release[];
  /** Versions of any package that provide the interface: by name, then newest first. */
  providers(interfaceName: string): readonly Release[];
  /** Every package name, sorted: for suggestions and searches. */
  names(): readonly string[];
  /** Names of the target packages, sorted: of a universe that knows them without a look at every package. */
  targets?(): readonly string[];
}
