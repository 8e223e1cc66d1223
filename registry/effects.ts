import type { Program } from "assemblyscript";
import type { Effect, EffectUse } from "../model/effect.ts";
import type { Problem } from "../model/problem.ts";
import type { DebugPlace, ModuleText } from "./module-text.ts";
import { placeAt } from "./source-place.ts";
import type { SourceTree } from "./source-tree.ts";
import { isUnsafeMemory, nodesOf } from "./syntax.ts";
import { isOwnFunction, ownPaths } from "./uses.ts";

/**
 * What the package's own code does, each effect with its first occurrence: files in the order reached,
 * then line by line. Code of AssemblyScript's library counts where the package calls it; code of other
 * packages is theirs.
 */
export function effectsOf(
  program: Program,
  tree: SourceTree,
  module: ModuleText,
): { readonly effects: readonly EffectUse[]; readonly problems: readonly Problem[] } {
  const collected = new Collector(tree);
  const library = new LibraryEffects(module);
  const problems: Problem[] = [];
  for (const { name, references, float } of module.functions.values()) {
    if (!isOwnFunction(name)) continue;
    if (float !== undefined) collected.add("float", name, float.place);
    for (const reference of references) {
      const imported = module.imports.get(reference.name);
      if (imported?.float === true) collected.add("float", name, reference.place);
      if (imported !== undefined && reference.name.startsWith("package/")) {
        collected.add(`host:${imported.module}`, name, reference.place);
      }
      for (const effect of library.of(reference.name)) {
        if (effect === "float") collected.add("float", name, reference.place);
        else problems.push(hostless(tree, effect, reference.place));
      }
    }
  }
  for (const path of ownPaths(tree)) {
    const file = program.filesByName.get(path);
    if (file === undefined) continue;
    for (const { node, function: name } of nodesOf(file.source)) {
      if (!isUnsafeMemory(node, (own) => file.members?.has(own) === true)) continue;
      const { line, column } = placeAt(tree.files.get(path)!.text, "", node.range.start);
      collected.add("unsafe-memory", `${path}/${name}`, { path, line, column });
      break;
    }
  }
  return { effects: collected.first(), problems };
}

class Collector {
  readonly #found = new Map<Effect, { name: string; place: DebugPlace | null }>();
  readonly #tree: SourceTree;
  readonly #order: ReadonlyMap<string, number>;

  constructor(tree: SourceTree) {
    this.#tree = tree;
    this.#order = new Map(ownPaths(tree).map((path, index) => [path, index]));
  }

  add(effect: Effect, name: string, place: DebugPlace | null): void {
    const other = this.#found.get(effect);
    if (other === undefined || this.#before(place, other.place)) {
      this.#found.set(effect, { name, place });
    }
  }

  first(): readonly EffectUse[] {
    const uses = [...this.#found].map(([effect, { name, place }]): EffectUse => {
      const path = place?.path ?? this.#fileOf(name);
      const file = this.#tree.files.get(path)?.file ?? path;
      const { line, column } = place ?? { line: 1, column: 1 };
      return {
        effect,
        function: this.#asWritten(name),
        place: { file, line, column },
      };
    });
    return uses.sort((a, b) => (a.effect < b.effect ? -1 : 1));
  }

  /** What the compiler made (a field's accessors) has no place, and comes after what has one. */
  #before(a: DebugPlace | null, b: DebugPlace | null): boolean {
    if (a === null || b === null) return a !== null;
    const file = (this.#order.get(a.path) ?? 0) - (this.#order.get(b.path) ?? 0);
    return (file || a.line - b.line || a.column - b.column) < 0;
  }

  #fileOf(name: string): string {
    const inside = name.replace(/^start:/, "");
    return [...this.#order.keys()].find((path) => `${inside}/`.startsWith(`${path}/`)) ?? inside;
  }

  /** `package/src/http/Server#parse~anonymous|0` -> `Server#parse`. */
  #asWritten(name: string): string {
    const inside = name.replace(/^start:/, "");
    const local = inside.slice(this.#fileOf(name).length + 1);
    const written = local
      .replace(/~anonymous.*$/, "")
      .replace(/#[gs]et:/, "#")
      .replace(/@\w+$/, "");
    return written === "" ? "(top level)" : written;
  }
}

/** Effects of AssemblyScript's own library, through all that its functions call. */
class LibraryEffects {
  readonly #module: ModuleText;
  readonly #known = new Map<string, ReadonlySet<string>>();

  constructor(module: ModuleText) {
    this.#module = module;
  }

  /** `float`, and names of what it imports from a host that unipkg has not. */
  of(name: string): ReadonlySet<string> {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const effects = new Set<string>();
    // Set before it is full: a function that calls itself adds nothing by it.
    this.#known.set(name, effects);
    for (const reached of this.#reachable(name)) {
      if (this.#module.functions.get(reached)?.float !== undefined) effects.add("float");
      if (this.#module.imports.has(reached) && !offered.has(reached)) effects.add(reached);
    }
    return effects;
  }

  #reachable(name: string): ReadonlySet<string> {
    const reached = new Set<string>();
    const waiting = [name];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (reached.has(next) || !next.startsWith("~lib/")) continue;
      reached.add(next);
      const { references = [] } = this.#module.functions.get(next) ?? {};
      waiting.push(...references.map((reference) => reference.name));
    }
    return reached;
  }
}

/** What every host has to have (docs/abi.md, Ends). */
const offered = new Set(["~lib/builtins/abort"]);

function hostless(tree: SourceTree, imported: string, place: DebugPlace | null): Problem {
  const name = imported.slice(imported.lastIndexOf("/") + 1);
  const file = place === null ? undefined : tree.files.get(place.path);
  return {
    code: "UP505",
    message: `\`${name}\` of AssemblyScript's library needs a host that images do not have`,
    ...(place === null || file === undefined
      ? {}
      : { place: { file: file.file, line: place.line, column: place.column } }),
    hint: "require an interface for it: `console`, `clock` or `random`",
  };
}
