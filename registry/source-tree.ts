import { posix } from "node:path";
import type { Manifest, Requirement } from "../model/manifest.ts";
import type { PackagePlace, Place } from "../model/place.ts";
import type { Problem } from "../model/problem.ts";
import { rewriteImports } from "./imports.ts";
import type { PackageSource } from "./package-folder.ts";
import { settingsSlot } from "./requirements.ts";
import { settingsModule } from "./settings-module.ts";

/** Finds a package that another requires; null when there is none. */
export type FindPackage = (name: string, range: string) => PackageSource | null;

/** A package in the tree: the one under extraction, or one that it requires and is compiled against. */
export interface TreePackage {
  readonly source: PackageSource;
  /** Folder in the tree: `package`, `shared/tcp`, `own/htdocs`. */
  readonly folder: string;
  /** Slot -> the package that it is compiled against, with the requirement. */
  readonly slots: Map<
    string,
    { readonly requirement: Requirement; readonly filledBy: TreePackage }
  >;
}

/** A source file in the tree. */
export interface TreeFile {
  readonly owner: TreePackage;
  /** Path inside its package. */
  readonly file: string;
  /** With its imports bound. */
  readonly text: string;
}

const settingsFile = "unipkg-config.ts";

/**
 * A package's sources beside those of what it requires, with every import bound to a path in one tree. A
 * required interface's own declarations stand for its provider. A slot named as its interface is shared
 * by all of the tree, as it is in an image; a slot of another name has declarations of its own.
 */
export class SourceTree {
  readonly root: TreePackage;
  /** Path without `.ts` -> file, in the order reached. */
  readonly files = new Map<string, TreeFile>();
  readonly problems: Problem[] = [];
  readonly #packages = new Map<string, TreePackage>();
  readonly #find: FindPackage;

  constructor(source: PackageSource, find: FindPackage) {
    this.#find = find;
    this.root = { source, folder: "package", slots: new Map() };
    this.#packages.set(this.root.folder, this.root);
    for (const file of entryModules(source.manifest)) {
      this.#load([{ owner: this.root, file, from: null }]);
    }
  }

  /** Where a module of a package is in the tree. */
  static pathOf(owner: TreePackage, file: string): string {
    return `${owner.folder}/${file.replace(/\.ts$/, "")}`;
  }

  /** The package whose folder a path, or the internal name of an element, is in. */
  ownerOf(path: string): TreePackage | null {
    for (const candidate of this.#packages.values()) {
      if (path.startsWith(`${candidate.folder}/`)) return candidate;
    }
    return null;
  }

  /** A place as users see it: bare in the package under extraction, with the package's name in another. */
  placeIn(owner: TreePackage, place: Place): Place | PackagePlace {
    if (owner === this.root) return place;
    const { name, version } = owner.source.manifest;
    return { ...place, package: name, version };
  }

  #load(queue: Wanted[]): void {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { owner, file, from } = next;
      const path = SourceTree.pathOf(owner, file);
      if (this.files.has(path)) continue;
      const text = owner.source.read(file);
      if (text === null) {
        this.problems.push({
          code: "UP404",
          message: `${owner.source.manifest.name} has no file \`${file}\``,
          ...(from === null ? {} : { place: this.placeIn(owner, from) }),
        });
        continue;
      }
      const bound = rewriteImports(text, file, (specifier, place) =>
        this.#bind(owner, file, specifier, place, queue),
      );
      if (bound.ok) this.files.set(path, { owner, file, text: bound.value });
      else this.problems.push(...bound.problems.map((problem) => this.#located(owner, problem)));
    }
  }

  #bind(
    owner: TreePackage,
    file: string,
    specifier: string,
    place: Place,
    queue: Wanted[],
  ): string | null {
    const wrong = (message: string, hint?: string) => {
      this.problems.push({
        code: "UP404",
        message,
        place: this.placeIn(owner, place),
        ...(hint === undefined ? {} : { hint }),
      });
      return null;
    };
    const here = posix.dirname(SourceTree.pathOf(owner, file));
    const relative = (path: string) => {
      const found = posix.relative(here, path);
      return found.startsWith(".") ? found : `./${found}`;
    };
    if (specifier.startsWith(".")) {
      const target = posix.join(posix.dirname(file), `${specifier.replace(/\.ts$/, "")}.ts`);
      if (target.startsWith("..")) return wrong(`"${specifier}" leads out of the package`);
      queue.push({ owner, file: target, from: place });
      return relative(SourceTree.pathOf(owner, target));
    }
    if (specifier === settingsSlot) {
      const path = `${owner.folder}/${settingsFile.replace(/\.ts$/, "")}`;
      const module = settingsModule(owner.source.manifest.config, {}, {});
      if (!module.ok) this.problems.push(...module.problems);
      else this.files.set(path, { owner, file: settingsFile, text: module.value });
      return relative(path);
    }
    const { name, requires, targets } = owner.source.manifest;
    const asked = requires.filter(({ slot }) => slot === specifier);
    const [requirement] = asked;
    if (requirement === undefined) {
      return wrong(
        `"${specifier}" is not a slot that ${name} requires`,
        `add "${specifier}": "^1.0.0" to \`requires\` in its package.json`,
      );
    }
    const everywhere = asked.some(({ when }) => when === undefined);
    const covered = asked.flatMap(({ when }) => when ?? []);
    if (!everywhere && !targets.every((target) => covered.includes(target))) {
      return wrong(
        `"${specifier}" is required on ${covered.join(", ")} only, but ${name} is for ${targets.join(", ")}`,
        "require it on every target, or move the import to a package for those targets",
      );
    }
    if (requirement.optional) {
      return wrong(`"${specifier}" is optional, so that the source cannot import it`);
    }
    const filledBy = this.#slot(owner, requirement);
    if (filledBy === null) {
      this.problems.push({
        code: "UP201",
        message: `no package \`${requirement.of}\` for the slot "${specifier}" of ${name}`,
        place: this.placeIn(owner, place),
      });
      return null;
    }
    const { module } = filledBy.source.manifest;
    if (module === null) {
      return wrong(`${requirement.of} has no module of its own that "${specifier}" could be`);
    }
    queue.push({ owner: filledBy, file: module, from: null });
    return relative(SourceTree.pathOf(filledBy, module));
  }

  #slot(owner: TreePackage, requirement: Requirement): TreePackage | null {
    const { slot, of, range } = requirement;
    const known = owner.slots.get(slot);
    if (known !== undefined) return known.filledBy;
    const source = this.#find(of, range);
    if (source === null) return null;
    // A library is there once. Slots of slots are shared too, or packages that require each other had no end.
    const own = slot !== of && source.manifest.kind === "interface" && owner === this.root;
    const folder = own ? `own/${slot}` : `shared/${of}`;
    let filledBy = this.#packages.get(folder);
    if (filledBy === undefined) {
      filledBy = { source, folder, slots: new Map() };
      this.#packages.set(folder, filledBy);
    }
    owner.slots.set(slot, { requirement, filledBy });
    return filledBy;
  }

  #located(owner: TreePackage, problem: Problem): Problem {
    if (owner === this.root || problem.place === undefined) return problem;
    return { ...problem, place: this.placeIn(owner, problem.place) };
  }
}

interface Wanted {
  readonly owner: TreePackage;
  readonly file: string;
  readonly from: Place | null;
}

/** Modules that others can reach: the package's own, and those that provide interfaces. */
export function entryModules(manifest: Manifest): readonly string[] {
  const provided = manifest.provides.map(({ module }) => module);
  return [...new Set([...(manifest.module === null ? [] : [manifest.module]), ...provided])];
}
