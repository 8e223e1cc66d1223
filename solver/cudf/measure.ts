import type { Criterion, Measure, Scope } from "./criteria.ts";
import type { CudfDocument } from "./document.ts";
import { installedStatus, Status } from "./status.ts";

/** The value of each criterion for a set of packages, straight from the definitions. */
export function measure(
  document: CudfDocument,
  criteria: readonly Criterion[],
  packages: readonly number[],
): readonly number[] {
  const meter = new Meter(document, packages);
  return criteria.map(({ parts }) =>
    parts.reduce((sum, part) => sum + part.weight * meter.value(part.measure), 0),
  );
}

class Meter {
  readonly #document: CudfDocument;
  readonly #before: Status;
  readonly #after: Status;
  #latest: Float64Array | null = null;

  constructor(document: CudfDocument, packages: readonly number[]) {
    this.#document = document;
    this.#before = installedStatus(document.universe);
    this.#after = new Status(document.universe, packages);
  }

  value(measure: Measure): number {
    const { universe } = this.#document;
    switch (measure.kind) {
      case "removed":
      case "changed":
      case "new":
      case "notuptodate":
        return this.#names().filter((name) => this.#isName(measure.kind, name)).length;
      case "count":
        return this.#members(measure.scope).length;
      case "outdated":
        return this.#members(measure.scope).filter(
          (index) => universe.version[index] !== this.#latestOf(universe.name[index]!),
        ).length;
      case "sum": {
        const property = universe.properties.get(measure.property);
        if (property?.kind !== "number") return 0;
        return this.#members(measure.scope).reduce(
          (sum, index) => sum + (property.values.get(index) ?? property.fallback),
          0,
        );
      }
      case "unsatisfied": {
        const property = universe.properties.get(measure.property);
        if (property?.kind !== "formula") return 0;
        let unsatisfied = 0;
        for (const index of this.#members(measure.scope)) {
          const { start, end } = property.values.get(index) ?? property.fallback;
          for (let clause = start; clause < end; clause++) {
            if (!this.#holds(clause, measure.features)) unsatisfied += 1;
          }
        }
        return unsatisfied;
      }
    }
  }

  /** Names of which a package is or was installed. */
  #names(): readonly number[] {
    const { name } = this.#document.universe;
    const indices = [...this.#before.packages, ...this.#after.packages];
    return [...new Set(indices.map((index) => name[index]!))];
  }

  #isName(kind: "removed" | "changed" | "new" | "notuptodate", name: number): boolean {
    const before = this.#before.versionsOf(name);
    const after = this.#after.versionsOf(name);
    switch (kind) {
      case "removed":
        return before.length > 0 && after.length === 0;
      case "new":
        return before.length === 0 && after.length > 0;
      case "changed":
        return before.length !== after.length || before.some((each) => !after.includes(each));
      case "notuptodate":
        return after.length > 0 && !after.includes(this.#latestOf(name));
    }
  }

  /** The packages that the scope counts. */
  #members(scope: Scope): readonly number[] {
    const { universe, request } = this.#document;
    const before = [...this.#before.packages];
    const after = [...this.#after.packages];
    const old = (index: number) => this.#before.versionsOf(universe.name[index]!);
    switch (scope) {
      case "solution":
        return after;
      case "arriving":
        return after.filter((index) => !this.#before.packages.has(index));
      case "changed":
        return [
          ...after.filter((index) => !this.#before.packages.has(index)),
          ...before.filter((index) => !this.#after.packages.has(index)),
        ];
      case "new":
        return after.filter((index) => old(index).length === 0);
      case "removed":
        return before.filter((index) => this.#after.versionsOf(universe.name[index]!).length === 0);
      case "up":
      case "down": {
        const sign = scope === "up" ? 1 : -1;
        return after.filter(
          (index) =>
            old(index).length > 0 &&
            old(index).every((version) => sign * (universe.version[index]! - version) > 0),
        );
      }
      case "named":
        return after.filter((index) =>
          requested(request, ["install", "remove", "upgrade"]).some(
            (atom) => universe.atoms.name[atom] === universe.name[index],
          ),
        );
      case "installrequest":
        return this.#meeting(after, requested(request, ["install"]));
      case "upgraderequest":
        return this.#meeting(after, requested(request, ["upgrade"]));
      case "request":
        return this.#meeting(after, requested(request, ["install", "upgrade"]));
    }
  }

  #meeting(indices: readonly number[], atoms: readonly number[]): readonly number[] {
    return indices.filter((index) => {
      const alone = new Status(this.#document.universe, [index]);
      return atoms.some((atom) => alone.meets(atom));
    });
  }

  #holds(clause: number, features: boolean): boolean {
    const { start, end } = this.#document.universe.clauses;
    for (let atom = start[clause]!; atom < end[clause]!; atom++) {
      if (features ? this.#after.meets(atom) : this.#after.meetsOwn(atom)) return true;
    }
    return false;
  }

  #latestOf(name: number): number {
    const { universe } = this.#document;
    if (this.#latest === null) {
      this.#latest = new Float64Array(universe.names.size);
      for (let index = 0; index < universe.name.length; index++) {
        const each = universe.name[index]!;
        this.#latest[each] = Math.max(this.#latest[each]!, universe.version[index]!);
      }
    }
    return this.#latest[name]!;
  }
}

function requested(
  request: CudfDocument["request"],
  parts: readonly ("install" | "remove" | "upgrade")[],
): readonly number[] {
  if (request === null) return [];
  return parts.flatMap((part) => {
    const { start, end } = request[part];
    return Array.from({ length: end - start }, (_, offset) => start + offset);
  });
}
