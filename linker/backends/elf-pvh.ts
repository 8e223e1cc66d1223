import type { Result } from "../../model/problem.ts";
import type { BackendInput, ImageReport } from "../backend.ts";
import { tightElf } from "../native/tight-elf.ts";
import { compileImage } from "./c-compiler.ts";

/**
 * What makes an image a third smaller (docs/targets.md): the shortest code but for what is often run (docs/package.md), no texts that the
 * debug file has (linker/native/prelude.ts), no padding between functions and in frames, no code that is there twice but for what is shorter
 * than a call or so.
 */
const small: readonly string[] = [
  ...["-DSMALL", "-Oz", "-falign-functions=1", "-falign-loops=1", "-falign-jumps=1"],
  ...["-fno-caller-saves", "-momit-leaf-frame-pointer", "-mpreferred-stack-boundary=3"],
  ...["--param", "max-inline-insns-auto=8", "-fno-partial-inlining", "-fno-jump-tables"],
  ...["-fno-tree-ch", "-fno-tree-pre", "-freorder-blocks-algorithm=simple"],
];

/** A kernel for Xen's and QEMU's PVH boot protocol. */
export function elfPvh(input: BackendInput): Promise<Result<ImageReport>> {
  return compileImage(input, {
    name: "xen",
    hasParameters: false,
    compile: [...["-ffreestanding", "-fno-pie", "-mcmodel=kernel", "-mno-red-zone"], ...small],
    hasLayout: true,
    finish: tightElf,
    link: [
      ...["-nostdlib", "-static", "-no-pie", "-Wl,-T,{runtime}/link.ld", "-Wl,--gc-sections"],
      ...["-Wl,--build-id=none", "-Wl,-z,max-page-size=4096", "-Wl,-z,noexecstack"],
    ],
  });
}
