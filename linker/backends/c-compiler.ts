/**
 * What the back ends that go through C have in common: translate, compile the program and the runtime,
 * link, take the symbols out into `IMAGE.debug`, and tell where the bytes went.
 */
import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { failed, ok, type Problem, type Result } from "../../model/problem.ts";
import { type Action, type ActionFailure, run } from "../action.ts";
import type { BackendInput, ImageReport } from "../backend.ts";
import { blobAddress } from "../blob.ts";
import { randomLayout } from "../native/layout.ts";
import { parameterTable } from "../native/parameter-table.ts";
import { sizesByOwner } from "../native/sizes.ts";
import { namesSection, writeNames } from "../native/symbolize.ts";
import { type Translation, translate } from "../native/translate.ts";

/** What differs from target to target. */
export interface CTarget {
  /** Owner of the runtime's bytes: the target package's name. */
  readonly name: string;
  /** Command line of the compiler for program and runtime. */
  readonly compile: readonly string[];
  /** Whether its images are given settings when they start (docs/abi.md, parameter). */
  readonly hasParameters: boolean;
  /** Its linker script includes `layout.ld`, the order of functions, and moves all by `layout_shift`: both by the layout's seed (layout.ts). */
  readonly hasLayout?: boolean;
  /** Makes the image's file of what the linker wrote; without it, the symbols are stripped. */
  readonly finish?: (linked: Uint8Array) => Uint8Array;
  /** Command line of the linker, through the compiler; `{runtime}` stands for the runtime's folder. */
  readonly link: readonly string[];
}

/** Options for whatever is compiled from a translated module. */
export const commonOptions: readonly string[] = [
  // The level after the format, which sets it to 2: half as much to compile and to keep.
  ...["-std=gnu11", "-O2", "-gdwarf-4", "-g1", "-w", "-pipe"],
  ...["-ffunction-sections", "-fdata-sections", "-fvisibility=hidden"],
  // WebAssembly's semantics: addresses are numbers (0 is one of them), floats are not contracted.
  ...["-fno-delete-null-pointer-checks", "-fno-strict-aliasing", "-fwrapv"],
  // gcc 12's late dead store elimination takes stores and loads at two constant addresses for disjoint
  // even when they overlap (found by test/native, seeds 19 and 24).
  "-fno-dse",
  ...["-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math"],
  // So that an abort can tell who called (message.c).
  "-fno-omit-frame-pointer",
  // The same on every distribution, whatever its compiler's defaults.
  ...["-fno-stack-protector", "-fcf-protection=none", "-fno-asynchronous-unwind-tables"],
  ...["-gno-record-gcc-switches", "-frandom-seed=unipkg"],
];

/** For the program itself: a load may fault, and is neither left out nor moved to where its value is wanted. */
export const programOptions: readonly string[] = [
  ...["-fnon-call-exceptions", "-fno-delete-dead-exceptions", "-fno-tree-sink"],
];

/** Makes `input.output` and `input.output.debug`. */
export async function compileImage(
  input: BackendInput,
  target: CTarget,
): Promise<Result<ImageReport>> {
  const translation = translateProgram(input);
  if (!translation.ok) return translation;
  const { c, symbols } = translation.value;
  const table = target.hasParameters ? parameterTable(input.parameters) : "";
  const compiler = process.env["CC"] ?? "cc";
  const runtime = await readRuntime(input, target, compiler);
  const work = input.workFolder;
  const unstripped = join(work, "image.unstripped");
  const names = symbols.map((symbol) => symbol.c);
  const layout = randomLayout(input.layoutSeed, names);
  const failure = await run([
    { kind: "folder", path: work },
    { kind: "write", path: join(work, "program.c"), content: `${c}${table}` },
    { kind: "write", path: join(work, "layout.ld"), content: layout.script },
    { kind: "write", path: join(work, "blob.bin"), content: input.blob },
    { kind: "write", path: join(work, "blob.S"), content: blobAssembly },
    { kind: "write", path: join(work, "names.txt"), content: writeNames(symbols) },
    {
      kind: "together",
      lists: [
        [
          command(compiler, "compile the program", work, [
            ...[...flags(input, target), ...programOptions],
            ...["-c", "program.c", "-o", "program.o"],
          ]),
        ],
        runtime.actions,
      ],
    },
    command(compiler, "link the image", work, [
      ...flags(input, target),
      ...["-o", "image.unstripped", "program.o", "blob.S", ...runtime.objects],
      ...target.link.map((option) => option.replace("{runtime}", runtime.folder)),
      ...(target.hasLayout === true ? [`-Wl,--defsym=layout_shift=${layout.shift}`] : []),
    ]),
    command("objcopy", "keep the symbols", work, [
      ...["--only-keep-debug", "--add-section", `${namesSection}=names.txt`],
      ...["image.unstripped", "image.debug"],
    ]),
    ...(target.finish === undefined
      ? [command("objcopy", "strip the image", work, ["--strip-all", "image.unstripped", "image"])]
      : []),
  ]);
  if (failure !== null) return failed(explain(failure));
  if (target.finish !== undefined) {
    const content = target.finish(await readFile(unstripped));
    const failure = await run([{ kind: "write", path: join(work, "image"), content }]);
    if (failure !== null) return failed(explain(failure));
  }
  return publish(input, target.name, unstripped, symbols);
}

/** The program in C, with its memory and blob as every back end has them. */
export function translateProgram(input: BackendInput): Result<Translation> {
  const memory = {
    blobAddress,
    blobLength: input.blob.length,
    maximumPages: input.maximumPages,
  };
  const translation = translate(input.wasm, input.sourceMap, memory, input.frequencies);
  return "kind" in translation ? failed(refused(translation)) : ok(translation);
}

/** Puts image and symbols in place, the image last, and counts. */
export async function publish(
  input: BackendInput,
  target: string,
  unstripped: string,
  symbols: Parameters<typeof sizesByOwner>[0]["symbols"],
): Promise<Result<ImageReport>> {
  try {
    const image = await readFile(join(input.workFolder, "image"));
    const debug = await readFile(join(input.workFolder, "image.debug"));
    const sizes = sizesByOwner({
      image: await readFile(unstripped),
      bytes: image.length,
      symbols,
      blobLength: input.blob.length,
      target,
    });
    const failure = await run([
      { kind: "folder", path: dirname(input.output) },
      { kind: "write", path: `${input.output}.debug`, content: debug },
      { kind: "write", path: input.output, content: image, executable: true },
    ]);
    return failure === null ? ok({ bytes: image.length, sizes }) : failed(explain(failure));
  } catch (error) {
    return failed({ code: "UP705", message: (error as Error).message });
  }
}

/** The blob as an object file of its own; `blob.bin` is read where the assembler runs. */
export const blobAssembly = `.section .blob,"a",@progbits
.balign 4096
.globl image_blob
.hidden image_blob
.type image_blob,@object
image_blob:
.incbin "blob.bin"
.size image_blob, .-image_blob
.section .note.GNU-stack,"",@progbits
`;

interface Runtime {
  readonly folder: string;
  /** Object files, to be linked in this order. */
  readonly objects: readonly string[];
  /** What makes them; nothing when an earlier build has made them of the same sources. */
  readonly actions: readonly Action[];
}

/** Objects are kept under a digest of all that they are made from. */
async function readRuntime(
  input: BackendInput,
  target: CTarget,
  compiler: string,
): Promise<Runtime> {
  const folder = join(input.targetFolder, "runtime");
  const names = (await readdir(folder)).sort();
  const digest = createHash("sha256").update(JSON.stringify([compiler, target, commonOptions]));
  for (const name of names) digest.update(name).update(await readFile(join(folder, name)));
  const kept = `runtime-${digest.digest("hex").slice(0, 16)}`;
  const sources = names.filter((name) => /\.[cS]$/.test(name));
  const objects = sources.map((name) => `${kept}/${name.replace(/\.[cS]$/, ".o")}`);
  const whole = join(input.workFolder, kept);
  if (await exists(whole)) return { folder, objects, actions: [] };
  const temporary = join(input.workFolder, "runtime.new");
  const older = await readdir(input.workFolder).catch(() => []);
  const options = [
    ...flags(input, target),
    `-ffile-prefix-map=${temporary}=.`,
    ...["-c", ...sources.map((name) => join(folder, name))],
  ];
  return {
    folder,
    objects,
    actions: [
      ...older
        .filter((name) => name.startsWith("runtime"))
        .map((name): Action => ({ kind: "remove", path: join(input.workFolder, name) })),
      { kind: "folder", path: temporary },
      command(compiler, "compile the runtime", temporary, options),
      { kind: "rename", from: temporary, to: whole },
    ],
  };
}

/** No path of this machine gets into the image: debugging tools see names that are the same everywhere. */
function flags(input: BackendInput, target: CTarget): string[] {
  return [
    ...commonOptions,
    ...target.compile,
    `-I${join(input.targetFolder, "runtime")}`,
    `-ffile-prefix-map=${input.targetFolder}=${target.name}`,
    `-ffile-prefix-map=${input.workFolder}=.`,
  ];
}

export function command(
  name: string,
  purpose: string,
  folder: string,
  options: readonly string[],
): Action & { kind: "command" } {
  return { kind: "command", command: name, arguments: options, folder, purpose };
}

function refused(refusal: Extract<ReturnType<typeof translate>, { kind: string }>): Problem {
  return refusal.kind === "host"
    ? {
        code: "UP505",
        message: `the program calls \`${refusal.call}\`, which no native target offers`,
        hint: "use only the host calls of docs/abi.md, with their types",
      }
    : { code: "UP501", message: `the program cannot be made native: ${refusal.reason}` };
}

export function explain(
  failure: ActionFailure,
  hint = "sudo apt-get install gcc libc6-dev",
): Problem {
  switch (failure.kind) {
    case "missing":
      return {
        code: "UP502",
        message: `\`${failure.command}\` was not found; it is needed to ${failure.purpose}`,
        hint,
      };
    case "command":
      return {
        code: "UP503",
        message: `\`${failure.command}\` failed to ${failure.purpose} (${failure.status})`,
        details: failure.output.trimEnd().split("\n").slice(0, 40),
      };
    case "file":
      return { code: "UP705", message: failure.message };
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}
