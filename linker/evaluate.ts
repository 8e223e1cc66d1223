import type binaryen from "assemblyscript/binaryen";
import { failed, ok, type Problem, type Result } from "../model/problem.ts";
import type { Blob } from "./blob.ts";
import { blobAddress } from "./blob.ts";
import { decodeModule } from "./native/decode.ts";
import { Exit } from "./node-host/abi.ts";
import { describeTrap, textAt } from "./node-host/trap.ts";
import { type LinearMemory, webAssembly } from "./node-host/webassembly.ts";
import type { Program } from "./program.ts";
import { refusalProblems } from "./refusal.ts";
import { allocatorRoot } from "./runtime.ts";
import { clearFreeBlocks, segmentsOf } from "./snapshot.ts";
import { clearDeadData } from "./static-data.ts";

/** What became of a program's initialisers. */
export type Evaluation =
  /** They have run: their results are the program's data, and they are gone themselves. */
  | { readonly kind: "evaluated" }
  /** They want the host, which is not there yet: they run when the image starts. */
  | { readonly kind: "at start"; readonly where: string };

/** Export names that no source can give. */
const exported = {
  global: (index: number) => `unipkg:global ${index}`,
  collect: "unipkg:collect",
} as const;

/** The linker's collector (runtime.ts). */
const collectFunction = "unipkg/collector/__collect";

/**
 * Build-time evaluation: runs the initialisers of all modules of a compiled program now, in Node, and makes what they
 * leave in memory and in variables the program's data. What only they used is not linked then.
 *
 * Nothing but the program decides the result: no host call is answered. A program whose initialisers make one is left
 * as it was, unless it has files for the build alone, which are not there at the start.
 *
 * @param module before it is optimised; it is changed in place
 */
export async function evaluate(
  module: binaryen.Module,
  binary: typeof binaryen,
  program: Program,
  blob: Blob,
): Promise<Result<Evaluation>> {
  const globals = mutableGlobals(module, binary);
  const wasm = withExports(module, globals);
  const outcome = await runInitialisers(wasm, blob);
  switch (outcome.kind) {
    case "host":
      return hostWanted(outcome, blob);
    case "refused":
      return { ok: false, problems: refusalProblems(outcome.exit, program, outcome.told) };
    case "trapped":
      return failed(trapProblem(outcome.told));
    case "done":
      break;
  }
  const memory = new Uint8Array(outcome.memory.buffer);
  const files = blob.allBytes();
  if (Buffer.compare(memory.subarray(blobAddress, blobAddress + files.length), files) !== 0) {
    return failed({
      code: "UP507",
      message: "an initialiser wrote to a file of a setting",
      hint: "copy what is to be changed",
    });
  }
  const root = globals.findIndex(({ name }) => name === allocatorRoot);
  if (!clearFreeBlocks(memory, root < 0 ? 0 : Number(outcome.values[root]))) {
    return failed({
      code: "UP501",
      message: "this AssemblyScript has another allocator than the one unipkg knows",
      hint: "install unipkg with the exact AssemblyScript that it names",
    });
  }
  for (const [index, { name, type }] of globals.entries()) {
    const value = outcome.values[index]!;
    module.removeGlobal(name);
    module.addGlobal(name, type, true, constant(module, binary, type, value));
  }
  module.removeExport("_initialize");
  // A variable that only initialisers wrote is a constant from now on.
  module.runPasses(["remove-unused-module-elements", "simplify-globals"]);
  const before = decodeModule(wasm.binary);
  const after = decodeModule(module.emitBinary());
  if (!("reason" in before || "reason" in after)) {
    clearDeadData(memory, before.data, after, blob.end);
  }
  keepMemory(module, memory, blob.end);
  return ok({ kind: "evaluated" });
}

interface Variable {
  readonly name: string;
  readonly type: number;
}

function mutableGlobals(module: binaryen.Module, binary: typeof binaryen): Variable[] {
  const found: Variable[] = [];
  for (let index = 0; index < module.getNumGlobals(); index++) {
    const { name, type, mutable } = binary.getGlobalInfo(module.getGlobalByIndex(index));
    if (mutable) found.push({ name, type });
  }
  return found;
}

/** The program as it is, with its variables to be seen from outside; `module` itself stays as it was. */
function withExports(
  module: binaryen.Module,
  globals: readonly Variable[],
): { readonly binary: Uint8Array; readonly sourceMap: string | null } {
  const collects = module.getFunction(collectFunction) !== 0;
  for (const [index, { name }] of globals.entries()) {
    module.addGlobalExport(name, exported.global(index));
  }
  if (collects) module.addFunctionExport(collectFunction, exported.collect);
  const emitted = module.emitBinary("image.wasm.map");
  for (const index of globals.keys()) module.removeExport(exported.global(index));
  if (collects) module.removeExport(exported.collect);
  return emitted;
}

type Outcome =
  | {
      readonly kind: "done";
      readonly memory: LinearMemory;
      readonly values: readonly (number | bigint)[];
    }
  | { readonly kind: "host"; readonly call: string; readonly where: string }
  | { readonly kind: "refused"; readonly exit: Exit; readonly told: string }
  | { readonly kind: "trapped"; readonly told: string };

/** Thrown through the program when it calls what is not there. */
class HostWanted extends Exit {
  readonly call: string;

  constructor(call: string) {
    super(-1, call);
    this.call = call;
  }
}

async function runInitialisers(
  { binary, sourceMap }: { readonly binary: Uint8Array; readonly sourceMap: string | null },
  blob: Blob,
): Promise<Outcome> {
  let memory: LinearMemory | null = null;
  const bytes = () => new Uint8Array(memory!.buffer);
  const imports: Record<string, Record<string, unknown>> = {};
  for (const { module: from, name } of webAssembly.Module.imports(new webAssembly.Module(binary))) {
    imports[from] ??= {};
    imports[from][name] = () => {
      throw new HostWanted(`${from}.${name}`);
    };
  }
  const abort = (message: number, file: number, line: number, column: number): never => {
    const place = `${textAt(bytes(), file)}:${line}:${column}`;
    throw new Exit(-1, textAt(bytes(), message) || "assertion failed", place);
  };
  imports["env"] = { ...imports["env"], abort };
  try {
    const instance = new webAssembly.Instance(await webAssembly.compile(binary), imports);
    const exports = instance.exports as {
      readonly memory: LinearMemory;
      _initialize?(): void;
      readonly [name: string]: unknown;
    };
    memory = exports.memory;
    bytes().set(blob.allBytes(), blobAddress);
    exports._initialize?.();
    (exports[exported.collect] as (() => void) | undefined)?.();
    const values: (number | bigint)[] = [];
    for (let index = 0; ; index++) {
      const global = exports[exported.global(index)] as { value: number | bigint } | undefined;
      if (global === undefined) break;
      values.push(global.value);
    }
    return { kind: "done", memory, values };
  } catch (error) {
    const told = describeTrap(error, { sourceMap: sourceMap ?? undefined }).message;
    if (error instanceof HostWanted) {
      return { kind: "host", call: error.call, where: told.replace("trap: ", "") };
    }
    if (error instanceof Exit) return { kind: "refused", exit: error, told };
    return { kind: "trapped", told };
  }
}

function hostWanted(
  { call, where }: { readonly call: string; readonly where: string },
  blob: Blob,
): Result<Evaluation> {
  if (!blob.hasBuildTime) return ok({ kind: "at start", where });
  return failed({
    code: "UP508",
    message: `an initialiser calls \`${call}\`, but the host is not there at build time`,
    details: [where],
    hint: "call it from `main`, or later: this program has files that only its build reads",
  });
}

function trapProblem(told: string): Problem {
  return {
    code: "UP507",
    message: "an initialiser failed when it was run at build time",
    details: [told],
    hint: "it would fail at every start of the image: mend the place that is named",
  };
}

/** The program's memory at its start: `memory` from `start` on, as data segments. */
function keepMemory(module: binaryen.Module, memory: Uint8Array, start: number): void {
  const { max } = module.getMemoryInfo();
  const segments = segmentsOf(memory, start).map(({ offset, bytes }) => ({
    offset: module.i32.const(offset),
    data: bytes,
  }));
  module.removeExport("memory");
  module.setMemory(memory.length / 65536, max ?? 65536, "memory", segments, false, false, "0");
}

function constant(
  module: binaryen.Module,
  binary: typeof binaryen,
  type: number,
  value: number | bigint,
): number {
  switch (type) {
    case binary.i32:
      return module.i32.const(Number(value));
    case binary.i64:
      return module.i64.const(BigInt(value));
    case binary.f32:
      return module.f32.const(Number(value));
    case binary.f64:
      return module.f64.const(Number(value));
    default:
      throw new Error("a variable of a type that AssemblyScript does not make here");
  }
}
