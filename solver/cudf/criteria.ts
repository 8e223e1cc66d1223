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

class CriteriaFault extends Error {}

const scopes: readonly Scope[] = [
  "solution",
  "changed",
  "new",
  "removed",
  "up",
  "down",
  "installrequest",
  "upgraderequest",
  "request",
];

/** What mccs and opam call the scopes of `count[property,scope]`. */
const bracketScopes: ReadonlyMap<string, Scope> = new Map([
  ["solution", "solution"],
  ["false", "solution"],
  ["changed", "arriving"],
  ["true", "arriving"],
  ["new", "new"],
  ["request", "named"],
]);

class CriteriaReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): Criterion[] {
    if (this.#text === "") return [];
    const levels = this.#levels("");
    if (this.#at < this.#text.length) throw this.#fault("unexpected");
    return levels;
  }

  /** Criteria with commas between them, up to `end`. */
  #levels(end: string): Criterion[] {
    const levels: Criterion[] = [];
    do levels.push(...this.#criterion());
    while (this.#accept(","));
    if (end !== "" && !this.#accept(end)) throw this.#fault(`"${end}" expected, not`);
    return levels;
  }

  #criterion(): Criterion[] {
    const start = this.#at;
    const sign = this.#accept("-") ? 1 : this.#accept("+") ? -1 : 0;
    if (sign === 0) throw this.#fault('a criterion begins with "-" (less is better) or "+", not');
    const name = this.#word();
    switch (name) {
      case "lex":
      case "lexicographic":
      case "lexagregate":
      case "lexsemiagregate": {
        if (sign < 0) throw this.#fault(`"+${name}" makes no sense before`);
        if (!this.#accept("[")) throw this.#fault('"[" expected, not');
        return this.#levels("]");
      }
      case "agregate": {
        if (!this.#accept("[")) throw this.#fault('"[" expected, not');
        const inner = this.#levels("]").flatMap((level) => level.parts);
        const weight = sign * this.#lambda();
        const parts = inner.map((part) => ({ ...part, weight: part.weight * weight }));
        return [{ text: this.#text.slice(start, this.#at), parts }];
      }
      default: {
        const measure = this.#measure(name);
        const weight = sign * this.#lambda();
        return [{ text: this.#text.slice(start, this.#at), parts: [{ measure, weight }] }];
      }
    }
  }

  #measure(name: string): Measure {
    const round = this.#list("(", ")");
    switch (name) {
      case "removed":
      case "changed":
      case "new":
        if (round === null) return { kind: name };
        break;
      case "notuptodate":
        if (round === null) return { kind: "notuptodate" };
        return { kind: "outdated", scope: this.#scope(round[0]) };
      case "unsat_recommends":
        return {
          kind: "unsatisfied",
          scope: round === null ? "solution" : this.#scope(round[0]),
          property: "recommends",
          features: true,
        };
      case "nunsat": {
        const [property, features] = this.#list("[", "]") ?? [];
        if (property === undefined) break;
        return {
          kind: "unsatisfied",
          scope: "solution",
          property: property.replace(/:$/, ""),
          features: features !== "false",
        };
      }
      case "sum": {
        if (round === null || round[0] === undefined) break;
        // cudf2lp and opam disagree on the order of the two.
        const [first, second = "solution"] = round;
        return isScope(first)
          ? { kind: "sum", scope: first, property: second }
          : { kind: "sum", scope: this.#scope(second), property: first };
      }
      case "count": {
        if (round !== null) return { kind: "count", scope: this.#scope(round[0]) };
        const [property, word = "solution"] = this.#list("[", "]") ?? [];
        const scope = bracketScopes.get(word);
        if (property === undefined) break;
        if (scope === undefined) {
          throw new CriteriaFault(
            `"${word}" is none of ${[...bracketScopes.keys()].join(", ")}, which \`count[property,scope]\` can have`,
          );
        }
        return { kind: "sum", scope, property: property.replace(/:$/, "") };
      }
    }
    throw new CriteriaFault(
      `"${name}" is no criterion; there are removed, changed, new, notuptodate, unsat_recommends, nunsat[property,features], count(scope), sum(property,scope), count[property,scope]`,
    );
  }

  /** Words in brackets, or null when there are no brackets. */
  #list(open: string, close: string): string[] | null {
    if (!this.#accept(open)) return null;
    const end = this.#text.indexOf(close, this.#at);
    if (end < 0) throw new CriteriaFault(`"${close}" is missing in "${this.#text}"`);
    const words = this.#text.slice(this.#at, end).split(",");
    this.#at = end + 1;
    return words;
  }

  /** A weight in square brackets, as mccs has it. */
  #lambda(): number {
    const [word] = this.#list("[", "]") ?? [];
    if (word === undefined) return 1;
    if (!/^[0-9]{1,9}$/.test(word)) throw new CriteriaFault(`"${word}" is no weight`);
    return Number(word);
  }

  #scope(word: string | undefined): Scope {
    if (word !== undefined && isScope(word)) return word;
    throw new CriteriaFault(`"${word ?? ""}" is none of ${scopes.join(", ")}`);
  }

  #word(): string {
    const [word = ""] = /^[a-z_]*/.exec(this.#text.slice(this.#at)) ?? [];
    this.#at += word.length;
    return word;
  }

  #accept(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #fault(message: string): CriteriaFault {
    const rest = this.#text.slice(this.#at, this.#at + 20);
    return new CriteriaFault(`${message} ${rest === "" ? "the end" : `"${rest}"`}`);
  }
}

function isScope(word: string): word is Scope {
  return (scopes as readonly string[]).includes(word);
}
