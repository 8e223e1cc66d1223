import type { Release } from "../model/release.ts";
import type { Slice, SlicedPackage } from "./slice.ts";

/**
 * Breadth-first from the root, by name within a step: a step leads from a package (over all its versions that are not
 * refused outright) to what it requires, to the providers of the interfaces that it requires, and to the
 * interfaces that it provides; from the root also to the targets and to the packages of `--with`.
 */
export function walk(slice: Slice): ReadonlyMap<string, SlicedPackage> {
  return new Walk(slice).run();
}

class Walk {
  readonly #slice: Slice;
  readonly #reached = new Map<string, SlicedPackage>();
  #step = new Set<string>();
  #next = new Set<string>();
  /** Interfaces of which all providers are known. */
  readonly #served = new Set<string>();

  constructor(slice: Slice) {
    this.#slice = slice;
  }

  run(): ReadonlyMap<string, SlicedPackage> {
    const { targets, with: asked, suppose } = this.#slice.request;
    this.#step = new Set([this.#slice.root]);
    while (this.#step.size > 0) {
      for (const name of [...this.#step].sort()) {
        const found = this.#slice.find(name);
        if (found === null) continue;
        this.#reached.set(name, found);
        for (const release of found.releases) this.#follow(release);
        if (name !== this.#slice.root) continue;
        for (const one of targets) this.#add(one);
        for (const one of asked) this.#add(one.name);
        if (suppose !== undefined) this.#add(suppose.name);
      }
      this.#step = this.#next;
      this.#next = new Set();
    }
    return this.#reached;
  }

  #isKnown(name: string): boolean {
    return this.#reached.has(name) || this.#step.has(name) || this.#next.has(name);
  }

  #add(name: string): void {
    if (!this.#isKnown(name)) this.#next.add(name);
  }

  #follow(release: Release): void {
    // Most releases lead where others led before: they need not be judged, which compares signatures.
    if (!this.#leadsOn(release)) return;
    for (const target of this.#slice.request.targets) {
      if (this.#slice.refusals(target, release).length > 0) continue;
      for (const { interface: of } of release.manifest.provides) this.#add(of);
      for (const requirement of this.#slice.requirements(release, target)) {
        this.#add(requirement.of);
        if (!this.#slice.wantsProvider(release, requirement)) continue;
        if (this.#served.has(requirement.of)) continue;
        this.#served.add(requirement.of);
        for (const { name } of this.#slice.providers(requirement.of)) this.#add(name);
      }
    }
  }

  /** Whether it leads to anything that is not known yet, on whatever target. */
  #leadsOn(release: Release): boolean {
    const { requires, provides } = release.manifest;
    return (
      requires.some(
        (one) =>
          !this.#isKnown(one.of) ||
          (!this.#served.has(one.of) && this.#slice.wantsProvider(release, one)),
      ) || provides.some((one) => !this.#isKnown(one.interface))
    );
  }
}
