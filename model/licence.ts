/**
 * Whether a package's licence, an SPDX expression as npm has it in `license`, leaves one way to use the package under
 * licences of the list (SPDX specification 2.3, Annex D: `OR` is the user's choice, `AND` is all of them, `WITH` adds
 * a permission, identifiers do not depend on case). What is no such expression, as `SEE LICENSE IN …`, is not allowed.
 */
export function licenceAllowed(expression: string, allowed: readonly string[]): boolean {
  const known = new Set(allowed.map((licence) => licence.toLowerCase()));
  const tokens = expression.match(/[()]|[A-Za-z0-9.+:-]+|\S/g) ?? [];
  const reader = new ExpressionReader(tokens, known);
  const answer = reader.either(0);
  return answer === true && reader.atEnd;
}

/** Nesting beyond this is no licence but an attack on the stack. */
const deepest = 32;

/** Recursive descent; null is no expression. */
class ExpressionReader {
  readonly #tokens: readonly string[];
  readonly #allowed: ReadonlySet<string>;
  #at = 0;

  constructor(tokens: readonly string[], allowed: ReadonlySet<string>) {
    this.#tokens = tokens;
    this.#allowed = allowed;
  }

  get atEnd(): boolean {
    return this.#at === this.#tokens.length;
  }

  either(depth: number): boolean | null {
    let answer = this.#all(depth);
    while (answer !== null && this.#take("OR")) {
      const other = this.#all(depth);
      answer = other === null ? null : answer || other;
    }
    return answer;
  }

  #all(depth: number): boolean | null {
    let answer = this.#one(depth);
    while (answer !== null && this.#take("AND")) {
      const other = this.#one(depth);
      answer = other === null ? null : answer && other;
    }
    return answer;
  }

  #one(depth: number): boolean | null {
    if (depth > deepest) return null;
    if (this.#take("(")) {
      const inside = this.either(depth + 1);
      return this.#take(")") ? inside : null;
    }
    const licence = this.#identifier();
    if (licence === null) return null;
    const isAllowed = this.#allowed.has(licence);
    if (!this.#take("WITH")) return isAllowed;
    return this.#identifier() === null ? null : isAllowed;
  }

  #identifier(): string | null {
    const token = this.#tokens[this.#at];
    if (token === undefined || !/^[A-Za-z0-9][A-Za-z0-9.+:-]*$/.test(token)) return null;
    if (/^(and|or|with)$/i.test(token)) return null;
    this.#at += 1;
    return token.toLowerCase();
  }

  #take(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false;
    this.#at += 1;
    return true;
  }
}
