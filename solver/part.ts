import { type Clause, type Engine, isTrue, type Literal, type Refine, Sat } from "./sat.ts";
import type { SatHeap } from "./sat-heap.ts";
import type { Variables } from "./variables.ts";

/**
 * A search in which all that speaks of other targets stands as it does in a model: what it has to decide is much less. Clauses
 * are added as to any other; those that hold are left out, and so are literals that do not.
 */
export class Part implements Engine {
  readonly #sat: Sat;
  readonly #variables: Variables;
  readonly #target: string;
  readonly #base: Uint8Array;
  /** Variable -> its number in `#sat`; 0 or nothing when it has none. */
  readonly #numbers: number[] = [];
  /** Variables that have one. */
  readonly #named: Literal[] = [];
  /** Variable -> 1 or -1 when it is decided. */
  readonly #values: (1 | -1 | undefined)[] = [];
  #contradiction = false;
  /** Variables that were decided since the last model. */
  readonly #fresh: (readonly [Literal, 0 | 1])[] = [];
  /** Changed in place. */
  #model: Uint8Array;

  /** @param base a model, of all variables */
  constructor(
    heap: SatHeap | number,
    refine: Refine,
    variables: Variables,
    target: string,
    base: Uint8Array,
  ) {
    this.#variables = variables;
    this.#target = target;
    this.#base = base;
    this.#model = base.slice();
    this.#sat = new Sat(heap, (holds) =>
      // The clauses are added here, under other numbers, and not there.
      this.#renamed(
        refine((literal) => {
          const number = this.#numbers[Math.abs(literal)];
          const known = this.#value(literal);
          if (known !== null) return known;
          return number === undefined ? literal < 0 : holds(literal > 0 ? number : -number);
        }),
      ),
    );
  }

  variable(): Literal {
    return this.#variables.next(this.#target);
  }

  add(clause: Clause): void {
    for (const renamed of this.#renamed([clause])) this.#sat.add(renamed);
  }

  solve(wanted: readonly Literal[] = []): boolean {
    const open: Literal[] = [];
    for (const literal of wanted) {
      const known = this.#value(literal);
      if (known === false) return false;
      if (known === null) open.push(this.#number(literal));
    }
    if (this.#contradiction || !this.#sat.solve(open)) return false;
    if (this.#model.length <= this.#variables.count) {
      const model = new Uint8Array(this.#variables.count + 1000);
      model.set(this.#model);
      this.#model = model;
    }
    const { model } = this.#sat;
    for (const variable of this.#named)
      this.#model[variable] = model[this.#numbers[variable]!] ?? 0;
    for (const [variable, value] of this.#fresh) this.#model[variable] = value;
    this.#fresh.length = 0;
    return true;
  }

  holds = (literal: Literal): boolean => isTrue(this.#model, literal);

  get model(): Uint8Array {
    return this.#model;
  }

  /** Clauses by the numbers of `#sat`, without what is decided. */
  #renamed(clauses: readonly Clause[]): readonly Clause[] {
    const renamed: Clause[] = [];
    for (const clause of clauses) {
      const rest: Literal[] = [];
      let holds = false;
      for (const literal of clause) {
        const known = this.#value(literal);
        if (known === null) rest.push(literal);
        else if (known) holds = true;
        if (holds) break;
      }
      if (holds || clause.every((literal) => this.#isOther(literal))) continue;
      if (rest.length === 0) this.#contradiction = true;
      renamed.push(rest.map((literal) => this.#number(literal)));
      const [only] = rest;
      if (rest.length === 1) this.#decide(only!);
    }
    return renamed;
  }

  #decide(literal: Literal): void {
    const variable = Math.abs(literal);
    this.#values[variable] = literal > 0 ? 1 : -1;
    this.#fresh.push([variable, literal > 0 ? 1 : 0]);
  }

  /** Null when it is open. */
  #value(literal: Literal): boolean | null {
    const value = this.#values[Math.abs(literal)];
    if (value !== undefined) return value > 0 === literal > 0;
    return this.#isOther(literal) ? isTrue(this.#base, literal) : null;
  }

  #isOther(literal: Literal): boolean {
    const target = this.#variables.targetOf(literal);
    return target !== null && target !== this.#target;
  }

  #number(literal: Literal): Literal {
    const variable = Math.abs(literal);
    let number = this.#numbers[variable];
    if (number === undefined) {
      number = this.#sat.variable();
      this.#numbers[variable] = number;
      this.#named.push(variable);
    }
    return literal > 0 ? number : -number;
  }
}
