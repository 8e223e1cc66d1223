import type { ExportStatement, ImportStatement, Program, Range } from "assemblyscript";
import { NodeKind } from "./compiler.ts";

/** Where a name that a file exports comes from. */
interface Origin {
  readonly path: string;
  readonly name: string;
  readonly range: Range;
}

interface FileExports {
  /** Exported name -> its origin in another file. */
  readonly named: Map<string, Origin>;
  /** `export *`. */
  readonly stars: { readonly path: string; readonly range: Range }[];
}

/**
 * Exports that lead in a circle back to themselves, so that nothing is behind their name; and files that export all
 * of each other. AssemblyScript follows such a circle without end, so that they must be found before
 * its names are resolved.
 *
 * @returns one place for each circle
 */
export function exportCircles(program: Program, paths: Iterable<string>): readonly Range[] {
  const files = new Map<string, FileExports>();
  const wanted = new Set(paths);
  for (const source of program.sources) {
    if (wanted.has(source.internalPath)) files.set(source.internalPath, readExports(source));
  }
  const circles = new Set<Range>();
  // 1: on the way that is being followed, 2: followed to its end.
  const state = new Map<string, 1 | 2>();
  const follow = (path: string, name: string, via: Range | null): void => {
    const key = `${path}\0${name}`;
    if (state.get(key) === 1 && via !== null) circles.add(via);
    if (state.has(key)) return;
    state.set(key, 1);
    const file = files.get(path);
    const origin = file?.named.get(name);
    if (origin !== undefined) follow(origin.path, origin.name, origin.range);
    else for (const star of file?.stars ?? []) follow(star.path, name, star.range);
    state.set(key, 2);
  };
  for (const [path, { named }] of files) {
    // No name is empty: this one follows the `export *` alone.
    follow(path, "", null);
    for (const name of named.keys()) follow(path, name, null);
  }
  return [...circles];
}

function readExports(source: Program["sources"][number]): FileExports {
  const imports = new Map<string, Origin>();
  const exports: FileExports = { named: new Map(), stars: [] };
  for (const statement of source.statements) {
    if ((statement.kind as number) !== NodeKind.Import) continue;
    const { internalPath: path, declarations, range } = statement as ImportStatement;
    for (const { name, foreignName } of declarations ?? []) {
      imports.set(name.text, { path, name: foreignName.text, range });
    }
  }
  for (const statement of source.statements) {
    if ((statement.kind as number) !== NodeKind.Export) continue;
    const { internalPath: path, members, range } = statement as ExportStatement;
    if (members === null && path !== null) exports.stars.push({ path, range });
    for (const { localName, exportedName } of members ?? []) {
      const origin =
        path === null ? imports.get(localName.text) : { path, name: localName.text, range };
      if (origin !== undefined) exports.named.set(exportedName.text, origin);
    }
  }
  return exports;
}
