import type { Literal } from "../sat.ts";
import type { Measure, Part } from "./criteria.ts";
import type { Encoding } from "./encode.ts";
import { inScope } from "./scope.ts";
import { latestOf } from "./slice.ts";

/** A cost that a solution has when the literal is true. */
export interface Term {
  readonly literal: Literal;
  /** Above 0. */
  readonly weight: number;
}

/** The terms of one level, counted part by part. */
export class Level {
  constant = 0;
  readonly terms: Term[] = [];
  readonly #encoding: Encoding;

  constructor(encoding: Encoding) {
    this.#encoding = encoding;
  }

  count({ measure, weight }: Part): void {
    switch (measure.kind) {
      case "removed":
      case "changed":
      case "new":
      case "notuptodate":
        this.#countNames(measure.kind, weight);
        break;
      case "count":
      case "outdated":
      case "sum":
        this.#countPackages(measure, weight);
        break;
      case "unsatisfied":
        this.#countUnsatisfied(measure, weight);
        break;
    }
  }

  /** A cost when all the literals are true. */
  #cost(condition: readonly Literal[], weight: number): void {
    if (weight === 0) return;
    const [only] = condition;
    if (weight > 0 && condition.length === 1) this.terms.push({ literal: only!, weight });
    else if (weight > 0) {
      const literal = this.#encoding.fresh();
      this.#encoding.add([literal, ...condition.map((each) => -each)]);
      this.terms.push({ literal, weight });
    } else
      this.#reward(
        condition.map((each) => [each]),
        -weight,
      );
  }

  /** A reward when each of the clauses holds: a cost when not. */
  #reward(clauses: readonly (readonly Literal[])[], weight: number): void {
    const granted = this.#encoding.fresh();
    for (const clause of clauses) this.#encoding.add([-granted, ...clause]);
    this.terms.push({ literal: -granted, weight });
    this.constant -= weight;
  }

  /** A cost when one of the literals is true. */
  #costOfAny(literals: readonly Literal[], weight: number): void {
    if (literals.length === 0 || weight === 0) return;
    if (literals.length === 1) this.#cost(literals, weight);
    else if (weight < 0) this.#reward([literals], -weight);
    else this.terms.push({ literal: this.#encoding.impliedBy(literals), weight });
  }

  #countNames(kind: "removed" | "changed" | "new" | "notuptodate", weight: number): void {
    const { document, providers, slice } = this.#encoding;
    const { name, installed } = document.universe;
    for (const each of new Set(slice.map((index) => name[index]!))) {
      const versions = [...providers.packagesOf(each)];
      const literals = this.#encoding.literals(versions);
      const before = versions.filter((index) => installed[index] === true);
      switch (kind) {
        case "removed":
          if (before.length > 0)
            this.#cost(
              literals.map((literal) => -literal),
              weight,
            );
          break;
        case "new":
          if (before.length === 0) this.#costOfAny(literals, weight);
          break;
        case "changed": {
          const changes = versions.map((index) => {
            const literal = this.#encoding.literal(index);
            return installed[index] === true ? -literal : literal;
          });
          this.#costOfAny(
            changes.filter((literal) => literal !== 0),
            weight,
          );
          break;
        }
        case "notuptodate": {
          const latest = latestOf(document, providers, each);
          const older = this.#encoding.literals(versions.filter((index) => index !== latest));
          if (older.length === 0) break;
          const isLatest = this.#encoding.literal(latest);
          if (weight < 0) this.#reward(isLatest === 0 ? [older] : [older, [-isLatest]], -weight);
          else {
            const outdated = this.#encoding.fresh();
            for (const literal of older) {
              this.#encoding.add([outdated, -literal, isLatest].filter((each) => each !== 0));
            }
            this.terms.push({ literal: outdated, weight });
          }
          break;
        }
      }
    }
  }

  #countPackages(
    measure: Extract<Measure, { kind: "count" | "outdated" | "sum" }>,
    weight: number,
  ): void {
    const { document, providers, slice } = this.#encoding;
    const { universe } = document;
    const property = measure.kind === "sum" ? universe.properties.get(measure.property) : undefined;
    const worthOf = (index: number): number => {
      switch (measure.kind) {
        case "count":
          return 1;
        case "outdated":
          return latestOf(document, providers, universe.name[index]!) === index ? 0 : 1;
        case "sum":
          return property?.kind === "number"
            ? (property.values.get(index) ?? property.fallback)
            : 0;
      }
    };
    const member = inScope(document, providers, measure.scope);
    /** Costs of the versions of a name of which at most one can be in a solution. */
    const exclusive = new Map<number, { literal: Literal; cost: number }[]>();
    for (const index of slice) {
      const when = member(index);
      if (when === null) continue;
      const cost = worthOf(index) * weight;
      if (cost === 0) continue;
      const literal = this.#encoding.literal(index);
      const name = universe.name[index]!;
      if (when === "absent") this.#cost([-literal], cost);
      else if (when === "gone") this.#cost(this.#gone(index), cost);
      else if (cost < 0 || !this.#encoding.isExclusive(name)) this.#cost([literal], cost);
      else exclusive.set(name, [...(exclusive.get(name) ?? []), { literal, cost }]);
    }
    for (const costs of exclusive.values()) this.#costOfOne(costs);
  }

  /**
   * Costs of literals of which at most one is true, in order encoding: a cost of 5 for one and 7 for
   * another is 5 for either and 2 more for the second. A core then says at once how much is lost.
   */
  #costOfOne(costs: readonly { readonly literal: Literal; readonly cost: number }[]): void {
    const steps = [...new Set(costs.map(({ cost }) => cost))].sort((a, b) => a - b);
    let below = 0;
    let atLeastBelow: Literal | null = null;
    for (const step of steps) {
      const exact = costs.filter(({ cost }) => cost === step);
      let atLeast = exact[0]!.literal;
      if (exact.length > 1 || step !== steps.at(-1)) {
        atLeast = this.#encoding.fresh();
        for (const { literal } of exact) this.#encoding.add([atLeast, -literal]);
      }
      if (atLeastBelow !== null) this.#encoding.add([atLeastBelow, -atLeast]);
      this.terms.push({ literal: atLeast, weight: step - below });
      below = step;
      atLeastBelow = atLeast;
    }
  }

  #countUnsatisfied(measure: Extract<Measure, { kind: "unsatisfied" }>, weight: number): void {
    const { document, providers, slice } = this.#encoding;
    const { universe } = document;
    const property = universe.properties.get(measure.property);
    if (property?.kind !== "formula") return;
    const member = inScope(document, providers, measure.scope);
    for (const index of slice) {
      const when = member(index);
      if (when === null) continue;
      const literal = this.#encoding.literal(index);
      const counted =
        when === "present" ? [literal] : when === "absent" ? [-literal] : this.#gone(index);
      const { start, end } = property.values.get(index) ?? property.fallback;
      for (let clause = start; clause < end; clause++) {
        const satisfying = this.#satisfying(clause, measure.features);
        // A package that meets its own recommendation costs nothing while it is there.
        if (when === "present" && satisfying.has(literal)) continue;
        this.#cost([...counted, ...[...satisfying].map((each) => -each)], weight);
      }
    }
  }

  #satisfying(clause: number, features: boolean): ReadonlySet<Literal> {
    const { document, providers } = this.#encoding;
    const { clauses } = document.universe;
    const found = new Set<Literal>();
    for (let atom = clauses.start[clause]!; atom < clauses.end[clause]!; atom++) {
      const indices = features ? providers.candidates(atom) : providers.own(atom);
      for (const literal of this.#encoding.literals(indices)) found.add(literal);
    }
    return found;
  }

  /** Literals that are all true when nothing of the package's name is in the solution. */
  #gone(index: number): Literal[] {
    const { document, providers } = this.#encoding;
    const versions = providers.packagesOf(document.universe.name[index]!);
    return this.#encoding.literals(versions).map((literal) => -literal);
  }
}
