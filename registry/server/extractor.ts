import { type ChildProcess, fork } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { failed, type Result } from "../../model/problem.ts";
import type { Extraction } from "../extract.ts";
import type { ExtractionJob } from "./extraction-job.ts";

export interface ExtractorLimits {
  /** Milliseconds for one package. */
  readonly time: number;
  /** MiB of memory that the process may hold. */
  readonly memory: number;
}

export const extractorLimits: ExtractorLimits = { time: 20_000, memory: 1024 };

/**
 * Extracts types and effects of packages in a process of its own, one at a time: under Node's permission model,
 * with no environment, limited in time and memory. A process that ran into a limit is killed, and the next package gets
 * a new one.
 */
export class Extractor {
  readonly #program: string;
  readonly #installation: string;
  readonly #limits: ExtractorLimits;
  #process: ChildProcess | null = null;
  #queue: Promise<unknown> = Promise.resolve();

  /** @param program path of the compiled server/extraction-process, below `installation` */
  constructor(program: string, installation: string, limits: ExtractorLimits = extractorLimits) {
    this.#program = program;
    this.#installation = installation;
    this.#limits = limits;
  }

  extract(job: ExtractionJob): Promise<Result<Extraction>> {
    const done = this.#queue.then(() => this.#run(job));
    this.#queue = done.catch(() => null);
    return done;
  }

  close(): void {
    this.#process?.kill("SIGKILL");
    this.#process = null;
  }

  #run(job: ExtractionJob): Promise<Result<Extraction>> {
    const child = this.#process ?? this.#start();
    this.#process = child;
    return new Promise((resolve) => {
      const end = (result: Result<Extraction>, kill: boolean) => {
        clearTimeout(timer);
        clearInterval(watch);
        child.removeAllListeners("message").removeAllListeners("exit").removeAllListeners("error");
        if (kill) {
          child.kill("SIGKILL");
          this.#process = null;
        }
        resolve(result);
      };
      const stopped = (what: string) => end(refused(what), true);
      const timer = setTimeout(
        () => stopped(`it was not compiled within ${this.#limits.time / 1000} seconds`),
        this.#limits.time,
      );
      // The heap of V8 is limited by an option; the memory of the compiler's wasm is not.
      const watch = setInterval(() => {
        if (residentMiB(child.pid) > this.#limits.memory) {
          stopped(`compiling it takes more than ${this.#limits.memory} MiB`);
        }
      }, 100);
      child.on("message", (result) => end(result as Result<Extraction>, false));
      child.on("error", () => stopped("the compiler's process failed"));
      child.on("exit", () => stopped("the compiler's process ended, for lack of memory perhaps"));
      child.send(job);
    });
  }

  #start(): ChildProcess {
    const permission = process.allowedNodeEnvironmentFlags.has("--permission")
      ? "--permission"
      : "--experimental-permission";
    const compiler = fileURLToPath(import.meta.resolve("assemblyscript"));
    const modules = compiler.slice(0, compiler.lastIndexOf(`${sep}node_modules${sep}`));
    const child = fork(this.#program, [], {
      env: {},
      cwd: dirname(this.#program),
      serialization: "advanced",
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      execArgv: [
        `--max-old-space-size=${Math.round(this.#limits.memory / 2)}`,
        "--no-warnings",
        "--liftoff-only",
        permission,
        `--allow-fs-read=${join(this.#installation, "*")}`,
        `--allow-fs-read=${join(modules, "node_modules", "*")}`,
      ],
    });
    // It holds no server up that wants to end.
    child.unref();
    child.channel?.unref();
    return child;
  }
}

/** Memory that a process holds; 0 where the system does not tell. */
function residentMiB(pid: number | undefined): number {
  try {
    const [, pages = "0"] = readFileSync(`/proc/${pid}/statm`, "utf8").split(" ");
    return (Number(pages) * 4096) / (1 << 20);
  } catch {
    return 0;
  }
}

function refused(reason: string): Result<Extraction> {
  return failed({ code: "UP401", message: `the package is refused: ${reason}` });
}
