import type { Result } from "../../model/problem.ts";
import type { BackendInput, ImageReport } from "../backend.ts";
import { compileImage } from "./c-compiler.ts";

/** An executable of the system that it is made on. */
export function elfHosted(input: BackendInput): Promise<Result<ImageReport>> {
  return compileImage(input, {
    name: "unix",
    hasParameters: true,
    compile: ["-fPIE"],
    link: [
      ...["-pie", "-Wl,--gc-sections", "-Wl,--build-id=none", "-Wl,-O1", "-Wl,--hash-style=gnu"],
      ...["-Wl,-z,now", "-Wl,-z,relro", "-Wl,-z,noexecstack"],
    ],
  });
}
