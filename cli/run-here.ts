import { createInterface } from "node:readline/promises";
import { failed, ok, type Result } from "../model/problem.ts";
import { exit } from "./exit.ts";
import { type KernelHere, kernelHere, loadHere, whyNotHere } from "./load-module.ts";
import type { Report } from "./report.ts";

export interface HereRequest {
  /** The module's file, absolute. */
  readonly image: string;
  readonly parameters: readonly string[];
  /** Do not ask. */
  readonly yes: boolean;
}

/** Loads a module into the kernel of this machine, if that is wanted, and leaves it there. */
export async function runHere(
  { image, parameters, yes }: HereRequest,
  report: Report,
  kernel: KernelHere = kernelHere(),
): Promise<Result<number>> {
  const problem = whyNotHere(image, kernel);
  if (problem !== null) return failed(problem);
  if (!yes && !(await confirmed(`Load ${image} into the running Linux ${kernel.release}?`))) {
    return failed({
      code: "UP702",
      message: "nothing was loaded: that was not confirmed",
      hint: "a module is a part of the kernel; `--yes` says that it is wanted",
    });
  }
  const loaded = loadHere(image, parameters);
  if (!loaded.ok) return loaded;
  for (const line of loaded.value) report.line(line);
  return ok(exit.ok);
}

/** Asks on a terminal; where there is none, nobody agrees. */
async function confirmed(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}
