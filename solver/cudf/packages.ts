import { type Keep, keep, packageText, type Universe } from "./document.ts";
import { SyntaxFault } from "./scanner.ts";

/** The columns of a universe that are indexed by package, while they are filled. */
export class Packages {
  readonly name: number[] = [];
  readonly version: number[] = [];
  readonly installed: boolean[] = [];
  readonly keep: Keep[] = [];
  readonly dependsStart: number[] = [];
  readonly dependsEnd: number[] = [];
  readonly conflictsStart: number[] = [];
  readonly conflictsEnd: number[] = [];
  readonly providesStart: number[] = [];
  readonly providesEnd: number[] = [];
  /** Where each package's stanza begins. */
  readonly #places: number[] = [];

  /** The package that was begun last. */
  get last(): number {
    return this.name.length - 1;
  }

  /** A package of which nothing but the name is known; version 0 is none. */
  begin(name: number, place: number): void {
    this.#places.push(place);
    this.name.push(name);
    this.version.push(0);
    this.installed.push(false);
    this.keep.push(keep.none);
    this.dependsStart.push(0);
    this.dependsEnd.push(0);
    this.conflictsStart.push(0);
    this.conflictsEnd.push(0);
    this.providesStart.push(0);
    this.providesEnd.push(0);
  }

  /** Throws when a name has two stanzas for one version. */
  refuseRepeated(universe: Universe): void {
    const { name, version, names } = universe;
    /** The last package of each name so far, and before each package the one of its name before it. */
    const last = new Int32Array(names.size).fill(-1);
    const before = new Int32Array(name.length);
    for (let index = 0; index < name.length; index++) {
      before[index] = last[name[index]!]!;
      last[name[index]!] = index;
    }
    for (const end of last) {
      if (end < 0 || before[end]! < 0) continue;
      const seen = new Map<number, number>();
      for (let index = end; index >= 0; index = before[index]!) {
        const later = seen.get(version[index]!);
        if (later !== undefined) {
          throw new SyntaxFault(
            this.#places[later]!,
            `a second stanza for ${packageText(universe, index)}`,
          );
        }
        seen.set(version[index]!, index);
      }
    }
  }
}
