/**
 * AssemblyScript's compiler as a library. Its API is not promised stable: the version is pinned exactly, and
 * only the files named in ARCHITECTURE.md import it, all others through this one.
 */
import * as asc from "assemblyscript";
import { libraryFiles } from "assemblyscript/asc";
import binaryen from "assemblyscript/binaryen";

/**
 * The compiler's `const enum`s as values: they exist when it runs, but its declarations do not let
 * an isolated module use them.
 */
const enums = asc as unknown as {
  readonly CommonFlags: Readonly<
    Record<
      "Abstract" | "Ambient" | "Generic" | "Private" | "Protected" | "Readonly" | "Static",
      number
    >
  >;
  readonly ElementKind: Readonly<
    Record<
      | "ClassPrototype"
      | "Enum"
      | "FunctionPrototype"
      | "Global"
      | "InterfacePrototype"
      | "Namespace"
      | "PropertyPrototype",
      number
    >
  >;
  readonly NodeKind: Readonly<
    Record<
      | "Call"
      | "ClassDeclaration"
      | "Decorator"
      | "Export"
      | "FunctionDeclaration"
      | "Identifier"
      | "Import"
      | "MethodDeclaration"
      | "NamedType"
      | "PropertyAccess"
      | "Variable",
      number
    >
  >;
};
export const { CommonFlags, ElementKind, NodeKind } = enums;

/** Files of one program: path without `.ts` -> text. */
export type SourceFiles = ReadonlyMap<string, string>;

/** Parses one file alone; what it imports is not looked at. */
export function parseAlone(
  text: string,
  path: string,
): { readonly source: asc.Source; readonly diagnostics: readonly asc.DiagnosticMessage[] } {
  const parser = new asc.Parser([], []);
  parser.parseFile(text, path, false);
  return { source: parser.sources[0]!, diagnostics: parser.diagnostics };
}

/** Parses a program from its entry and resolves its names. Errors are in its `diagnostics`. */
export function newProgram(files: SourceFiles, entry: string): asc.Program {
  const options = asc.newOptions();
  asc.setRuntime(options, minimalRuntime);
  asc.setSourceMap(options, true);
  asc.setDebugInfo(options, true);
  const program = asc.newProgram(options);
  addStandardLibrary(program);
  asc.parse(program, files.get(entry) ?? null, `${entry}.ts`, true);
  parseRest(program, files);
  return program;
}

/**
 * Compiles without optimising.
 *
 * @param entry path of the entry that the program was parsed from
 * @param alsoCompile called when the entry's statements are compiled: what it passes to the compiler is compiled too, used or not
 * @returns the module's text, with the source place of every expression
 */
export function compileProgram(
  program: asc.Program,
  entry: string,
  alsoCompile: (compiler: asc.Compiler) => void,
): string {
  const compiler = new asc.Compiler(program);
  // The one step between an entry's statements and everything that they reach. The runtime is an entry too.
  Object.defineProperty(compiler, "compileModuleExports", {
    value: ({ internalName }: asc.File) => {
      if (internalName === entry) alsoCompile(compiler);
    },
  });
  const module = compiler.compile();
  return binaryen.wrapModule(asc.getBinaryenModuleRef(module)).emitText();
}

/** Frees the memory that a program's module has in the code generator. */
export function dispose(program: asc.Program): void {
  binaryen.wrapModule(asc.getBinaryenModuleRef(program.module)).dispose();
}

/** `--runtime minimal`, which images are linked with. */
const minimalRuntime = 1;
const runtimeFile = "rt/index-minimal";

/**
 * The parsed standard library. Parsing it is three quarters of a small program's time, and the compiler keeps
 * what it finds out in elements of the program, not in the syntax tree; only the index of a source among a
 * module's debug files is kept there.
 */
let standardSources: readonly asc.Source[] | null = null;

/**
 * Has the standard library parsed afresh: after a failure, when the compiler may have left a type of it half
 * resolved.
 */
export function forgetStandardLibrary(): void {
  standardSources = null;
}

function addStandardLibrary(program: asc.Program): void {
  if (standardSources === null) {
    for (const [name, text] of Object.entries(libraryFiles)) {
      if (!name.includes("/")) asc.parse(program, text, `~lib/${name}.ts`, false);
    }
    asc.parse(program, libraryFiles[runtimeFile] ?? null, `~lib/${runtimeFile}.ts`, true);
    parseRest(program, new Map());
    standardSources = [...program.sources];
    return;
  }
  for (const source of standardSources) {
    source.debugInfoIndex = -1;
    program.parser.sources.push(source);
    program.parser.seenlog.add(source.internalPath);
    program.parser.donelog.add(source.internalPath);
  }
}

function parseRest(program: asc.Program, files: SourceFiles): void {
  for (let path = asc.nextFile(program); path !== null; path = asc.nextFile(program)) {
    const library = path.startsWith("~lib/") ? path.slice("~lib/".length) : null;
    const text =
      library === null
        ? files.get(path)
        : (libraryFiles[library] ?? libraryFiles[`${library}/index`]);
    asc.parse(program, text ?? null, `${path}.ts`, false);
  }
}
