/** A module of the Linux kernel, by the kernel's own build system. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { failed, type Result } from "../../model/problem.ts";
import { type Action, run } from "../action.ts";
import type { BackendInput, ImageReport } from "../backend.ts";
import { parameterTable, stringOfC } from "../native/parameter-table.ts";
import { namesSection, writeNames } from "../native/symbolize.ts";
import { nameTaken } from "../parameters.ts";
import { blobAssembly, command, explain, publish, translateProgram } from "./c-compiler.ts";
import { findKernelHeaders } from "./kernel-headers.ts";

/** Name of a module for an application: what the kernel accepts of it. */
export function moduleName(application: string): string {
  return application.replace(/^@[^/]*\//, "").replace(/[^A-Za-z0-9]/g, "_");
}

/** Makes the module `input.output` and `input.output.debug`. */
export async function kbuild(input: BackendInput): Promise<Result<ImageReport>> {
  const taken = input.parameters.filter(({ name }) => ownParameters.includes(name));
  if (taken.length > 0) {
    return failed(...taken.map(({ name }) => nameTaken(name, "the module's own and a setting")));
  }
  const headers = findKernelHeaders(input.kernel);
  if (!headers.ok) return headers;
  const translation = translateProgram(input);
  if (!translation.ok) return translation;
  const { c, symbols } = translation.value;
  const name = moduleName(input.application.name);
  const runtime = join(input.targetFolder, "runtime");
  const sources = (await readdir(runtime)).filter((file) => file.endsWith(".c")).sort();
  const work = join(input.workFolder, headers.value.release);
  const built = join(work, `${name}.ko`);
  const failure = await run([
    // What is the same stays as it is, with its time: `make` compiles what has changed.
    { kind: "folder", path: join(work, "program") },
    { kind: "copy", from: runtime, to: join(work, "runtime") },
    write(work, "program/program.c", c),
    write(work, "program/blob.bin", input.blob),
    write(work, "program/blob.S", blobAssembly.replace('"blob.bin"', '"program/blob.bin"')),
    write(work, "program/about.c", about(input)),
    write(work, "program/parameters.c", parameterTable(input.parameters)),
    write(work, "program/names.txt", writeNames(symbols)),
    write(work, "Makefile", makefile(name, sources)),
    command("make", "build the module", work, [
      ...["-s", "-C", headers.value.folder, `M=${work}`, "modules"],
    ]),
    command("objcopy", "keep the symbols", work, [
      ...["--only-keep-debug", "--add-section", `${namesSection}=program/names.txt`],
      ...[`${name}.ko`, "image.debug"],
    ]),
    command("objcopy", "strip the module", work, ["--strip-debug", `${name}.ko`, "image"]),
  ]);
  if (failure !== null) return failed(explain(failure, "sudo apt-get install make gcc"));
  return publish({ ...input, workFolder: work }, "kernel-module", built, symbols);
}

function write(folder: string, name: string, content: string | Uint8Array): Action {
  return { kind: "write", path: join(folder, name), content, unlessEqual: true };
}

/**
 * The module's list of objects. trap.c is the first: program counters are told from its start on. Nothing is
 * instrumented for tracing, and the kernel's check of object files is left out: it takes functions that do not return, which it knows by
 * a list of names, for such that fall through.
 */
function makefile(name: string, sources: readonly string[]): string {
  const first = "trap.c";
  const ordered = [first, ...sources.filter((file) => file !== first)];
  const objects = [
    ...ordered.map((file) => `runtime/${file.replace(/\.c$/, ".o")}`),
    ...["program/program.o", "program/blob.o", "program/about.o", "program/parameters.o"],
  ];
  return [
    "OBJECT_FILES_NON_STANDARD := y",
    `obj-m := ${name}.o`,
    `${name}-y := ${objects.join(" ")}`,
    "ccflags-y := -I$(src)/runtime/include -I$(src)/runtime -include $(src)/runtime/include/machine.h",
    // As the other back ends have it (c-compiler.ts).
    "ccflags-y += -w -g1 -gdwarf-4 -fvisibility=hidden -fno-dse -fno-omit-frame-pointer",
    "ccflags-y += -frandom-seed=unipkg -ffile-prefix-map=$(src)=. -ffile-prefix-map=$(abs_objtree)=.",
    "asflags-y := -I$(src)",
    "ccflags-remove-y := $(CC_FLAGS_FTRACE)",
    "CFLAGS_runtime/message.o := -Denv_abort=message_abort",
    "",
  ].join("\n");
}

/** What `modinfo` tells. */
function about({ application, lockDigest, parameters }: BackendInput): string {
  return [
    "#include <linux/module.h>",
    '#include "module.h"',
    // The licences that unipkg lets into a module (package kernel-module) all allow both.
    'MODULE_LICENSE("Dual BSD/GPL");',
    `MODULE_DESCRIPTION(${stringOfC(application.description)});`,
    `MODULE_VERSION(${stringOfC(application.version)});`,
    `MODULE_INFO(application, ${stringOfC(application.name)});`,
    `MODULE_INFO(licences, ${stringOfC(application.licences.join(", "))});`,
    `MODULE_INFO(lock, ${stringOfC(lockDigest)});`,
    ...parameters.flatMap(({ name, type, doc, value }, number) => [
      `module_param_cb(${name}, &parameter_operations, &image_parameters[${number}], 0444);`,
      `MODULE_PARM_DESC(${name}, ${stringOfC(`${doc} (${type}; ${value})`)});`,
    ]),
    "",
  ].join("\n");
}

/** Parameters of the module itself (recipes/targets/kernel-module/runtime/main.c). */
const ownParameters: readonly string[] = ["memory", "status"];
