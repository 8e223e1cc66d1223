import type { Transform } from "assemblyscript/asc";
import { failed, ok, type Problem, type Result } from "../model/problem.ts";
import type { Blob } from "./blob.ts";
import { entryFile } from "./entry.ts";
import { type Evaluation, evaluate } from "./evaluate.ts";
import type { Frequencies } from "./native/translate.ts";
import type { Program } from "./program.ts";
import { runtimeFile, runtimeFiles } from "./runtime.ts";

/** A linked, optimised image as wasm, before a back end makes it native. */
export interface WasmImage {
  readonly wasm: Uint8Array;
  /** Source map (version 3) of `wasm`; its sources are paths in the program's tree. */
  readonly sourceMap: string;
  /** Whether its initialisers have run. */
  readonly evaluation: Evaluation;
  /** Its files that say of themselves how often their code is run, as the source map names them. */
  readonly frequencies: Frequencies;
}

export interface CompileOptions {
  /** The files of settings. The program's data come after them. */
  readonly blob: Blob;
  /** Bytes that are left out before the program's data, a multiple of 16. */
  readonly gap?: number;
  /** Limit of the linear memory in pages of 64 KiB. */
  readonly maximumPages: number;
  /** Whether its WebAssembly is what runs, so that no other compiler makes it better. */
  readonly isLast?: boolean;
}

/**
 * Compiles the whole program by AssemblyScript in this process, from memory, runs its initialisers (evaluate.ts), and
 * optimises it by binaryen across all packages. Deterministic: equal programs give equal bytes.
 */
export async function compileProgram(
  program: Program,
  options: CompileOptions,
): Promise<Result<WasmImage>> {
  // Loaded when there is something to compile: they take longer than most commands.
  const asc = await import("assemblyscript/asc");
  const { wholeProgram } = await import("./whole-program.ts");
  const runtime = runtimeFiles(asc.libraryFiles, options.maximumPages);
  if (!runtime.ok) return runtime;
  const problems: Problem[] = [];
  const written = new Map<string, string | Uint8Array>();
  let evaluation: Result<Evaluation> | null = null;
  const initialise: Pick<Transform, "afterCompile"> = {
    afterCompile: async (module) => {
      const binary = (await import("assemblyscript/binaryen")).default;
      evaluation = await evaluate(module, binary, program, options.blob);
      if (!evaluation.ok) throw new Error("an initialiser failed");
    },
  };
  const { error, stderr } = await asc.main(
    [
      entryFile,
      ...["--outFile", "image.wasm", "--sourceMap", "--debug"],
      ...["--runtime", runtimeFile.replace(/\.ts$/, ""), "--exportStart", "_initialize"],
      // Level 1: what 2 and 3 would add, the C compiler does again; they cost a quarter more time.
      ...["--optimizeLevel", options.isLast === true ? "3" : "1", "--shrinkLevel", "1"],
      ...["--memoryBase", String(options.blob.end + (options.gap ?? 0))],
      ...["--maximumMemory", String(options.maximumPages)],
    ],
    {
      readFile: (path) => program.files.get(path) ?? runtime.value.get(path) ?? null,
      writeFile: (path, content) => {
        written.set(path, content);
      },
      listFiles: () => null,
      transforms: [wholeProgram as Transform, initialise as Transform],
      reportDiagnostic: (diagnostic) => {
        // 3 is DiagnosticCategory.Error; warnings of libraries are not the application's business.
        if (diagnostic.category === 3) problems.push(toProblem(program, diagnostic));
      },
    },
  );
  if (problems.length > 0) return failed(...problems.slice(0, 20));
  const evaluated = evaluation as Result<Evaluation> | null;
  if (evaluated?.ok === false) return evaluated;
  const wasm = written.get("image.wasm");
  const sourceMap = written.get("image.wasm.map");
  if (
    error !== null ||
    evaluated === null ||
    !(wasm instanceof Uint8Array) ||
    typeof sourceMap !== "string"
  ) {
    return failed({
      code: "UP501",
      message: "AssemblyScript ended without an image",
      details: [error?.message ?? "", stderr.toString()].filter((line) => line !== ""),
    });
  }
  const frequencies = new Map<string, "often" | "seldom">();
  for (const [path, text] of program.files) {
    const mark = frequencyMark.exec(text)?.[1];
    if (mark === "often" || mark === "seldom") frequencies.set(path, mark);
  }
  return ok({
    wasm,
    sourceMap,
    evaluation: evaluated.value,
    frequencies,
  });
}

/** What the first line of such a file says (docs/package.md). */
const frequencyMark = /^\/\/ @(often|seldom)\n/;

type Diagnostic = Parameters<
  NonNullable<
    NonNullable<Parameters<typeof import("assemblyscript/asc").main>[1]>["reportDiagnostic"]
  >
>[0];

function toProblem(program: Program, { message, code, range }: Diagnostic): Problem {
  const path = range?.source?.normalizedPath;
  const owner = path === undefined ? undefined : program.owners.get(path);
  const problem = { code: "UP501", message: `${message} (AS${code})` } as const;
  if (range === null || path === undefined || owner === undefined) {
    return path === undefined ? problem : { ...problem, details: [`in ${path}`] };
  }
  const before = (program.files.get(path) ?? "").slice(0, range.start).split("\n");
  return {
    ...problem,
    place: {
      package: owner.package,
      file: owner.file,
      line: before.length,
      column: (before.at(-1)?.length ?? 0) + 1,
    },
  };
}
