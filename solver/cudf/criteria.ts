import { CriteriaFault, CriteriaReader } from "./criteria-reader.ts";

/**
 * What makes one solution better than another: levels, compared one after the other.
 *
 * Plain names mean what the Mancoosi competition defined (www.mancoosi.org/misc-2010): `removed`,
 * `changed`, `new` and `notuptodate` count package NAMES. The forms with round brackets are aspcud's and
 * count package versions; those with square brackets are mccs' and opam's.
 */
export interface Criterion {
  /** As the user wrote it, with its sign. */
  readonly text: string;
  /** The value of the level is the sum of these; it is made as small as possible. */
  readonly parts: readonly Part[];
}

export interface Part {
  readonly measure: Measure;
  /** Negative when the measure is to be large. */
  readonly weight: number;
}

/** Which package versions are counted. */
export type Scope =
  /** Those in the solution. */
  | "solution"
  /** Those that come or go. */
  | "changed"
  /** Those that come, also as another version of an installed name. */
  | "arriving"
  /** Those in the solution of whose name nothing was installed. */
  | "new"
  /** Those that were installed and of whose name nothing is left. */
  | "removed"
  /** Those in the solution above, or below, all versions that were installed of the name. */
  | "up"
  | "down"
  /** Those in the solution that meet a part of the request. */
  | "installrequest"
  | "upgraderequest"
  | "request"
  /** Those in the solution whose own name stands in the request. */
  | "named";

export type Measure =
  | { readonly kind: "removed" | "changed" | "new" | "notuptodate" }
  | { readonly kind: "count"; readonly scope: Scope }
  | { readonly kind: "sum"; readonly scope: Scope; readonly property: string }
  /** Package versions that are not the latest of their name. */
  | { readonly kind: "outdated"; readonly scope: Scope }
  /** Disjunctions of the property, a formula, that the solution does not meet. */
  | {
      readonly kind: "unsatisfied";
      readonly scope: Scope;
      readonly property: string;
      /** Whether what packages provide counts, not only their names. */
      readonly features: boolean;
    };

export type ParsedCriteria =
  | { readonly ok: true; readonly criteria: readonly Criterion[] }
  | { readonly ok: false; readonly message: string };

/** Lists that have a name. */
export const namedCriteria: ReadonlyMap<string, string> = new Map([
  ["none", ""],
  ["paranoid", "-removed,-changed"],
  ["trendy", "-removed,-notuptodate,-unsat_recommends,-new"],
]);

/** Reads a list of criteria as mccs, aspcud or opam write it. */
export function parseCriteria(text: string): ParsedCriteria {
  const reader = new CriteriaReader(namedCriteria.get(text) ?? text.replace(/\s/g, ""));
  try {
    return { ok: true, criteria: reader.read() };
  } catch (error) {
    if (!(error instanceof CriteriaFault)) throw error;
    return { ok: false, message: error.message };
  }
}

/** The declared properties that a document must be read with. */
export function propertiesOf(criteria: readonly Criterion[]): ReadonlySet<string> {
  const properties = new Set<string>();
  for (const { parts } of criteria) {
    for (const { measure } of parts) {
      if ("property" in measure) properties.add(measure.property);
    }
  }
  return properties;
}
