/**
 * From a package's sources to what the solver knows of it: signatures, uses, effects. Needs the compiler, so
 * that it is done when a package is indexed, and never on the way of a solve: import this file dynamically.
 */
import type {
  ClassPrototype,
  Compiler,
  DeclaredElement,
  DiagnosticMessage,
  Element,
  FunctionPrototype,
  Global,
  Program,
  PropertyPrototype,
  Range,
} from "assemblyscript";
import { initializeProgram } from "assemblyscript";
import { failed, ok, type Problem, type Result } from "../model/problem.ts";
import type { Release } from "../model/release.ts";
import type { Signature } from "../model/signature.ts";
import {
  CommonFlags,
  compileProgram,
  dispose,
  ElementKind,
  forgetStandardLibrary,
  NodeKind,
  newProgram,
} from "./compiler.ts";
import { effectsOf } from "./effects.ts";
import { exportCircles } from "./export-circles.ts";
import { errorCategory } from "./imports.ts";
import { type ModuleText, readModuleText } from "./module-text.ts";
import type { PackageSource } from "./package-folder.ts";
import { placeOf, SignatureReader } from "./signature-reader.ts";
import { placeAt } from "./source-place.ts";
import { entryModules, type FindPackage, SourceTree } from "./source-tree.ts";
import { ambientDeclarations } from "./syntax.ts";
import { isOwnFunction, ownPaths, usesOf } from "./uses.ts";

/** What is extracted from sources and stored beside the manifest. */
export type Extraction = Pick<Release, "signature" | "provided" | "uses" | "effects">;

const mostProblems = 20;

/** Path of the generated entry, which imports every module that others can reach. */
const entry = "entry";

/**
 * Compiles a package against the declarations of what it requires, all of it, used or not, and reads
 * what it exports, uses and does. A provider that differs from its interface is not refused here: the truth
 * is extracted, and `accepts` judges.
 *
 * @param find a required package by name and range: the newest that fits
 */
export function extract(source: PackageSource, find: FindPackage): Result<Extraction> {
  const { manifest } = source;
  const modules = entryModules(manifest);
  if (modules.length === 0) return ok({ signature: null, provided: {}, uses: {}, effects: [] });
  const tree = new SourceTree(source, find);
  if (tree.problems.length > 0) return failed(...distinct(tree.problems).slice(0, mostProblems));
  const files = new Map([...tree.files].map(([path, { text }]) => [path, text]));
  files.set(
    entry,
    modules.map((file) => `import "./${SourceTree.pathOf(tree.root, file)}";\n`).join(""),
  );
  const program = newProgram(files, entry);
  try {
    const extracted = extractFrom(program, tree);
    if (!extracted.ok) forgetStandardLibrary();
    return extracted;
  } catch (error) {
    forgetStandardLibrary();
    // The compiler asserts on some wrong sources, after it has told what is wrong, as a rule.
    const told = diagnosed(program, tree);
    if (told.length > 0) return failed(...told);
    return failed({
      code: "UP401",
      message: `AssemblyScript failed on ${manifest.name}: ${(error as Error).message}`,
      hint: "this is a fault of AssemblyScript: leave parts of the source out to find what it stumbles on",
    });
  } finally {
    dispose(program);
  }
}

function extractFrom(program: Program, tree: SourceTree): Result<Extraction> {
  const { manifest } = tree.root.source;
  const circles = exportCircles(program, tree.files.keys());
  if (circles.length > 0) return failed(...circles.map((range) => circleProblem(range, tree)));
  initializeProgram(program);
  const early = diagnosed(program, tree);
  if (early.length > 0) return failed(...early);
  const reader = new SignatureReader(program, tree);
  let signature: Signature | null = null;
  const provided: [string, Signature][] = [];
  const text = compileProgram(program, entry, (compiler) => {
    for (const path of ownPaths(tree)) {
      const file = program.filesByName.get(path);
      for (const element of file?.members?.values() ?? []) {
        if (element.parent === file) compileWhole(compiler, program, element);
      }
    }
    if (manifest.module !== null && manifest.kind !== "app") {
      signature = reader.read(tree.root, manifest.module);
    }
    for (const { interface: name, module } of manifest.provides) {
      const read = reader.read(tree.root, module);
      if (read !== null) provided.push([name, read]);
    }
  });
  const module = readModuleText(text, (path) => tree.files.get(path)?.owner === tree.root);
  const { effects, problems: hostless } = effectsOf(program, tree, module);
  const problems = [
    ...diagnosed(program, tree),
    ...reader.problems,
    ...misplacedDeclarations(program, tree),
    ...missingMain(program, tree),
    ...hostless,
    ...impossibleConstructions(program, tree, module),
  ];
  if (problems.length > 0) return failed(...distinct(problems).slice(0, mostProblems));
  return ok({
    signature,
    provided: Object.fromEntries(provided),
    uses: usesOf(program, tree, module),
    effects,
  });
}

function circleProblem(range: Range, tree: SourceTree): Problem {
  const found = placeOf(tree, range);
  return {
    code: "UP401",
    message: "these exports lead in a circle, with nothing at its end",
    ...(found === null ? {} : { place: tree.placeIn(found.owner, found.place) }),
    hint: "export each name from the file that defines it",
  };
}

/** Compiles an element and all its members, so that what nobody calls yet is checked too. */
function compileWhole(compiler: Compiler, program: Program, element: DeclaredElement): void {
  if (element.isAny(CommonFlags.Generic | CommonFlags.Ambient)) return;
  const { resolver } = program;
  switch (element.kind as number) {
    case ElementKind.FunctionPrototype: {
      const compiled = resolver.resolveFunction(element as FunctionPrototype, null);
      if (compiled !== null && !compiled.is(CommonFlags.Abstract))
        compiler.compileFunction(compiled);
      break;
    }
    case ElementKind.Global:
      compiler.compileGlobal(element as Global);
      break;
    case ElementKind.PropertyPrototype: {
      const property = resolver.resolveProperty(element as PropertyPrototype);
      if (property === null || property.isField) break;
      for (const accessor of [property.getterInstance, property.setterInstance]) {
        if (accessor !== null) compiler.compileFunction(accessor);
      }
      break;
    }
    case ElementKind.InterfacePrototype:
      resolver.resolveClass(element as ClassPrototype, null);
      break;
    case ElementKind.ClassPrototype: {
      const compiled = resolver.resolveClass(element as ClassPrototype, null);
      if (compiled === null) break;
      compiler.ensureConstructor(compiled, element.declaration);
      const own = (member: Element) => member.parent === compiled || member.parent === element;
      const members = [...(element.members?.values() ?? []), ...(compiled.members?.values() ?? [])];
      for (const member of members) {
        if (own(member)) compileWhole(compiler, program, member);
      }
      break;
    }
  }
}

/** Errors of the compiler, at the author's own places and without the tree's paths. */
function diagnosed(program: Program, tree: SourceTree): readonly Problem[] {
  const problems = program.diagnostics
    .filter(({ category }) => category === errorCategory)
    .map((diagnostic) => toProblem(diagnostic, tree));
  return distinct(problems).slice(0, mostProblems);
}

function toProblem(diagnostic: DiagnosticMessage, tree: SourceTree): Problem {
  const { range, relatedRange } = diagnostic;
  const found =
    (range && placeOf(tree, range)) ?? (relatedRange && placeOf(tree, relatedRange)) ?? null;
  return {
    code: "UP401",
    message: withoutPaths(diagnostic.message, tree),
    ...(found === null ? {} : { place: tree.placeIn(found.owner, found.place) }),
  };
}

/** `shared/tcp/src/tcp/Handler` -> `tcp.Handler`, `package/src/main/Page` -> `Page`, `~lib/string/String` -> `String`. */
function withoutPaths(message: string, tree: SourceTree): string {
  let text = message;
  for (const [path, { owner }] of tree.files) {
    const prefix = owner === tree.root ? "" : `${owner.source.manifest.name}.`;
    text = text.replaceAll(`${path}/`, prefix);
    text = text.replaceAll(
      `'${path}'`,
      `'${owner === tree.root ? path.slice(owner.folder.length + 1) : owner.source.manifest.name}'`,
    );
  }
  return text.replaceAll(/~lib\/(?:[a-z0-9]+\/)*/g, "").replace(/\.$/, "");
}

/** `declare` promises code that is elsewhere: of the host, in files of a folder `host`, and nowhere else. */
function misplacedDeclarations(program: Program, tree: SourceTree): readonly Problem[] {
  if (tree.root.source.manifest.kind === "interface") return [];
  return ownPaths(tree).flatMap((path) => {
    const { file, text } = tree.files.get(path)!;
    const source = program.filesByName.get(path)?.source;
    if (source === undefined) return [];
    const isHost = file.split("/").slice(0, -1).includes("host");
    return ambientDeclarations(source)
      .filter((node) => !isHost || (node.kind as number) !== NodeKind.FunctionDeclaration)
      .map(
        (node): Problem => ({
          code: "UP402",
          message: isHost
            ? "a host has functions only"
            : "`declare` has no body to link, outside of a folder `host`",
          place: placeAt(text, file, node.range.start),
          hint: "write the body, require an interface, or declare the host's function in `src/host/MODULE.ts`",
        }),
      );
  });
}

function missingMain(program: Program, tree: SourceTree): readonly Problem[] {
  const { kind, module } = tree.root.source.manifest;
  if (kind !== "app" || module === null) return [];
  const file = program.filesByName.get(SourceTree.pathOf(tree.root, module));
  const main = file?.lookupExport("main") ?? null;
  if (main !== null && (main.kind as number) === ElementKind.FunctionPrototype) {
    const signature = program.resolver.resolveFunction(main as FunctionPrototype, null)?.signature;
    if (signature?.parameterTypes.length === 0 && signature.returnType.toString() === "void") {
      return [];
    }
  }
  const found = main === null ? null : placeOf(tree, main.identifierNode.range);
  return [
    {
      code: "UP405",
      message: `${module} must export \`main(): void\`, where the program begins`,
      place: found?.place ?? { file: module, line: 1, column: 1 },
      hint: "write `export function main(): void { … }`",
    },
  ];
}

/** An interface's class without a declared constructor is made by its provider alone. */
function impossibleConstructions(
  program: Program,
  tree: SourceTree,
  module: ModuleText,
): readonly Problem[] {
  const problems: Problem[] = [];
  for (const { name, references } of module.functions.values()) {
    if (!isOwnFunction(name)) continue;
    for (const { name: called, place } of references) {
      const element = program.elementsByName.get(called.replace(/#constructor$/, ""));
      const file = place === null ? undefined : tree.files.get(place.path);
      if (element === undefined || !called.endsWith("#constructor") || file === undefined) continue;
      if ((element.kind as number) !== ElementKind.ClassPrototype) continue;
      if (!element.is(CommonFlags.Ambient) || hasConstructor(element as ClassPrototype)) continue;
      problems.push({
        code: "UP401",
        message: `\`${element.name}\` cannot be constructed here: its interface declares no constructor`,
        place: { file: file.file, line: place!.line, column: place!.column },
        hint: "use what the interface's functions give",
      });
    }
  }
  return problems;
}

function hasConstructor(prototype: ClassPrototype): boolean {
  for (let base: ClassPrototype | null = prototype; base !== null; base = base.basePrototype) {
    if (base.constructorPrototype !== null) return !base.isDeclaredInLibrary;
  }
  return false;
}

/** Without repeats, in the order of files and lines. */
function distinct(problems: readonly Problem[]): readonly Problem[] {
  const unique = new Map(problems.map((problem) => [JSON.stringify(problem), problem]));
  const key = ({ place }: Problem) =>
    place === undefined ? "" : `${place.file}\0${pad(place.line)}${pad(place.column)}`;
  return [...unique.values()].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}

function pad(count: number): string {
  return String(count).padStart(8, "0");
}
