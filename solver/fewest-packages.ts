import type { Candidates } from "./candidates.ts";
import type { Encoding } from "./encode.ts";
import { Landmarks } from "./landmarks.ts";
import type { LevelSearch } from "./level-search.ts";
import type { Levels } from "./levels.ts";
import { breakFewest } from "./optimise.ts";

/** The level "packages" on some targets: begins with what landmarks tell, and leaves out what they rule out. */
export function fewestPackages(
  { encoding, levels }: { readonly encoding: Encoding; readonly levels: Levels },
  level: LevelSearch,
  targets: readonly string[],
  candidates: Candidates,
): void {
  const bounds = targets.map((target) => new Bound(encoding, level, target, candidates));
  const sets = bounds.flatMap((one) => one.sets());
  levels.update();
  const fresh = () => {
    for (const one of bounds) one.leaveOut();
    return level.fresh();
  };
  breakFewest({ ...level, fresh }, sets);
}

/** What is known of a target's smallest images. */
class Bound {
  readonly #encoding: Encoding;
  readonly #level: LevelSearch;
  readonly #target: string;
  readonly #landmarks: Landmarks;
  /** The packages of an image that there is. */
  readonly #most: number;
  /** How many packages were looked at. */
  #seen = 0;

  constructor(encoding: Encoding, level: LevelSearch, target: string, candidates: Candidates) {
    const roots = encoding.roots.filter((one) => one.target === target);
    this.#encoding = encoding;
    this.#level = level;
    this.#target = target;
    this.#landmarks = new Landmarks(
      encoding.slice,
      target,
      roots.map((one) => one.found.name),
      (name) => candidates.of(target, name),
    );
    this.#most = encoding.metOn(target).filter((one) => level.holds(one.present)).length;
  }

  /** Literals of which every image has one, in sets. */
  sets(): readonly (readonly number[])[] {
    return this.#landmarks.sets.map((names) =>
      names.map((name) => this.#encoding.meet(this.#target, name)!.present),
    );
  }

  /** Rules packages out, of those that are new, that no image with so few has. */
  leaveOut(): void {
    const met = this.#encoding.metOn(this.#target);
    for (const { found, present } of met.slice(this.#seen)) {
      if (this.#landmarks.isBeyond(found.name, this.#most)) this.#level.fix([-present]);
    }
    this.#seen = met.length;
  }
}
