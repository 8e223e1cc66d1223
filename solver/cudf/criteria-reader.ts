import type { Criterion, Measure, Scope } from "./criteria.ts";

/** The list is not as it must be. Caught by `parseCriteria`. */
export class CriteriaFault extends Error {}

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

/** Reads levels in the spelling of mccs, aspcud and opam. */
export class CriteriaReader {
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
