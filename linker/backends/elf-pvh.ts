import type { Result } from "../../model/problem.ts";
import type { BackendInput, ImageReport } from "../backend.ts";
import { compileImage } from "./c-compiler.ts";

/** A kernel for Xen's and QEMU's PVH boot protocol. */
export function elfPvh(input: BackendInput): Promise<Result<ImageReport>> {
  return compileImage(input, {
    name: "xen",
    hasParameters: false,
    compile: ["-ffreestanding", "-fno-pie", "-mcmodel=kernel", "-mno-red-zone"],
    link: [
      ...["-nostdlib", "-static", "-no-pie", "-Wl,-T,{runtime}/link.ld", "-Wl,--gc-sections"],
      ...["-Wl,--build-id=none", "-Wl,-z,max-page-size=4096", "-Wl,-z,noexecstack"],
    ],
  });
}
