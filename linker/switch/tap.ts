import { type ChildProcessWithoutNullStreams, execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { failed, ok, type Result } from "../../model/problem.ts";
import type { Members } from "./members.ts";
import { joinStream } from "./stream.ts";
import { tapProgram } from "./tap-program.ts";

/** Joins tap interfaces of this machine. The program for it is made by the C compiler, which images need as well, at the first one. */
export class Taps {
  readonly #members: Members;
  #folder: string | null = null;

  constructor(members: Members) {
    this.#members = members;
  }

  /** Joins the interface, which must be there and this user's. */
  async join(name: string): Promise<Result<void>> {
    const program = await this.#make();
    if (!program.ok) return program;
    const child = spawn(program.value, [name], { stdio: "pipe" });
    const refusal = await isReady(child);
    if (refusal !== null) {
      return failed({
        code: "UP543",
        message: `the tap ${name} cannot be joined: ${refusal}`,
        hint: "it is joined by one at a time, and by the user that it was made for",
      });
    }
    const ends = { input: child.stdout, output: child.stdin };
    joinStream(this.#members, "tap", name, ends, () => child.stdin.destroy());
    return ok(undefined);
  }

  /** To be called at the end. */
  close(): void {
    if (this.#folder !== null) rmSync(this.#folder, { recursive: true, force: true });
  }

  async #make(): Promise<Result<string>> {
    const program = join(this.#folder ?? "", "tap");
    if (this.#folder !== null) return ok(program);
    this.#folder = mkdtempSync(join(tmpdir(), "unipkg-switch-"));
    const made = join(this.#folder, "tap");
    const source = `${made}.c`;
    writeFileSync(source, tapProgram);
    try {
      await promisify(execFile)(process.env["CC"] ?? "cc", ["-O2", "-w", source, "-o", made]);
      return ok(made);
    } catch (error) {
      return failed({
        code: "UP543",
        message: `the program that joins taps cannot be made: ${(error as Error).message}`,
        hint: "it takes a C compiler: `unipkg doctor` says how to have one",
      });
    }
  }
}

/** Waits for the empty frame that says that the interface is joined: null then, or why it is not. */
function isReady(child: ChildProcessWithoutNullStreams): Promise<string | null> {
  return new Promise((resolve) => {
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => {
      said = `${said}${chunk}`.slice(0, 1000);
    });
    child.stdin.on("error", () => {});
    child.on("error", (error) => resolve(error.message));
    child.on("close", () => resolve(said.trim() || "its program ended"));
    child.stdout.once("readable", () => {
      if (child.stdout.read(emptyFrame) !== null) resolve(null);
    });
  });
}

/** Octets of a frame's length. */
const emptyFrame = 4;
