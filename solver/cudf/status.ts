import { admits, type Operator, operator, type Universe } from "./document.ts";

/**
 * A set of packages that are installed together, asked as the specification asks: by searching, without
 * any of the tables that the solver works with.
 */
export class Status {
  readonly packages: ReadonlySet<number>;
  readonly #universe: Universe;
  /** For each name, who has it, in which version; null is every version. */
  readonly #holders = new Map<
    number,
    { readonly owner: number; readonly version: number | null }[]
  >();
  readonly #versions = new Map<number, number[]>();

  constructor(universe: Universe, packages: Iterable<number>) {
    this.#universe = universe;
    this.packages = new Set(packages);
    const { atoms } = universe;
    for (const index of this.packages) {
      const name = universe.name[index]!;
      const version = universe.version[index]!;
      this.#versions.set(name, [...(this.#versions.get(name) ?? []), version]);
      this.#hold(name, index, version);
      for (let atom = universe.providesStart[index]!; atom < universe.providesEnd[index]!; atom++) {
        const unversioned = atoms.operator[atom] === operator.any;
        this.#hold(atoms.name[atom]!, index, unversioned ? null : atoms.version[atom]!);
      }
    }
  }

  /** The versions that packages of this name have. */
  versionsOf(name: number): readonly number[] {
    return this.#versions.get(name) ?? [];
  }

  /** The versions in which the name is there, provided or not; null stands for all. */
  provisionsOf(name: number): ReadonlySet<number | null> {
    return new Set((this.#holders.get(name) ?? []).map(({ version }) => version));
  }

  /** Whether the atom is met, by packages other than `except`. */
  meets(atom: number, except = -1): boolean {
    const { atoms } = this.#universe;
    return this.meetsConstraint(
      atoms.name[atom]!,
      atoms.operator[atom]!,
      atoms.version[atom]!,
      except,
    );
  }

  meetsConstraint(name: number, wanted: Operator, bound: number, except = -1): boolean {
    return (this.#holders.get(name) ?? []).some(
      ({ owner, version }) =>
        owner !== except && (version === null || admits(wanted, bound, version)),
    );
  }

  /** Whether the atom is met by a package of that very name. */
  meetsOwn(atom: number): boolean {
    const { atoms } = this.#universe;
    return this.versionsOf(atoms.name[atom]!).some((version) =>
      admits(atoms.operator[atom]!, atoms.version[atom]!, version),
    );
  }

  #hold(name: number, owner: number, version: number | null): void {
    const holders = this.#holders.get(name);
    if (holders === undefined) this.#holders.set(name, [{ owner, version }]);
    else holders.push({ owner, version });
  }
}

/** The packages that the document says are installed. */
export function installedStatus(universe: Universe): Status {
  const packages: number[] = [];
  for (let index = 0; index < universe.installed.length; index++) {
    if (universe.installed[index] === true) packages.push(index);
  }
  return new Status(universe, packages);
}
