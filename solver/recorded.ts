import type { Release, Universe } from "../model/release.ts";
import { newestFirst } from "./range.ts";
import { targetNames } from "./targets.ts";

/** A universe that remembers what was read of it: all that an answer depends on. */
export class RecordedUniverse implements Universe {
  readonly #universe: Universe;
  readonly #read = new Set<string>();
  #namesWereRead = false;

  constructor(universe: Universe) {
    this.#universe = universe;
  }

  releases(name: string): readonly Release[] {
    this.#read.add(name);
    return this.#universe.releases(name);
  }

  providers(interfaceName: string): readonly Release[] {
    const found = this.#universe.providers(interfaceName);
    for (const { manifest } of found) this.#read.add(manifest.name);
    return found;
  }

  names(): readonly string[] {
    this.#namesWereRead = true;
    return this.#universe.names();
  }

  targets(): readonly string[] {
    const names = targetNames(this.#universe);
    for (const name of names) this.#read.add(name);
    return names;
  }

  /** Every release of the packages that were read, by name, then newest first. */
  recordedReleases(): readonly Release[] {
    return [...this.#read]
      .sort()
      .flatMap((name) =>
        [...this.#universe.releases(name)].sort((a, b) =>
          newestFirst(a.manifest.version, b.manifest.version),
        ),
      );
  }

  /** The names of all packages when they were asked for (suggestions come from them), those that were read otherwise. */
  recordedNames(): readonly string[] {
    const known = [...this.#read].filter((name) => this.#universe.releases(name).length > 0);
    return this.#namesWereRead ? this.#universe.names() : known.sort();
  }
}
