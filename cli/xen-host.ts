import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { Transform } from "node:stream";
import {
  consoleWords,
  createWords,
  destroyWords,
  readState,
  shutdown,
  stateWords,
  unpauseWords,
  type XlState,
  xlCommand,
} from "../linker/native/xl.ts";
import { failed, ok, type Result } from "../model/problem.ts";
import { passOn } from "./trap-lines.ts";

/** Whether domains can be started here: we are Xen's control domain, and `xl` is there. */
export function isXenHost(): boolean {
  try {
    if (!readFileSync("/proc/xen/capabilities", "utf8").includes("control_d")) return false;
  } catch {
    return false;
  }
  return spawnSync(xlCommand, ["help"], { stdio: "ignore" }).error === undefined;
}

export interface DomainRequest {
  /** A name that no domain has. */
  readonly name: string;
  /** The file that `unipkg build` wrote. */
  readonly configuration: string;
  /** Absolute; none for those of the configuration. */
  readonly disks: readonly string[];
  /** Where the image's symbols are. */
  readonly debugFile: string;
}

/** How often xl is asked whether the domain still runs: it has no command that waits for that. */
const interval = 300;

/**
 * Runs an image as a domain until it ends, its console being ours: 0 when it powered off, 134 when it crashed, which every other status of
 * an image is on Xen. The domain is gone afterwards, also when we are told to stop.
 */
export async function runDomain(request: DomainRequest): Promise<Result<number>> {
  const { name, configuration, disks, debugFile } = request;
  const created = xl(createWords(configuration, name, disks));
  if (created.status !== 0) {
    return failed({
      code: created.status === null ? "UP612" : "UP610",
      message: `\`xl\` cannot create a domain from ${configuration}`,
      details: created.output.trimEnd().split("\n"),
    });
  }
  const screen = spawn(xlCommand, consoleWords(name), { stdio: ["ignore", "pipe", "inherit"] });
  const shown = passOn(screen.stdout.pipe(withoutReturns()), process.stdout, debugFile);
  const gone = new Promise((resolve) => screen.on("close", resolve));
  let stopped: NodeJS.Signals | null = null;
  const signals = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM"] as const;
  const stop = (signal: NodeJS.Signals) => {
    stopped = signal;
  };
  for (const signal of signals) process.on(signal, stop);
  try {
    xl(unpauseWords(name));
    const state = await ended(name, () => stopped !== null);
    // What the domain has printed last is on its way: xenconsoled passes it on at once.
    if (state.kind === "ended") await pause(interval);
    xl(destroyWords(name));
    screen.kill();
    await gone;
    await shown;
    if (stopped !== null) return ok(128 + constants.signals[stopped]);
    if (state.kind === "ended" && state.reason === shutdown.powerOff) return ok(0);
    if (state.kind === "ended" && state.reason === shutdown.crash) return ok(134);
    const how = state.kind === "ended" ? `for Xen's reason ${state.reason}` : "from elsewhere";
    return failed({ code: "UP611", message: `the domain ${name} was ended ${how}` });
  } finally {
    for (const signal of signals) process.off(signal, stop);
  }
}

/** A domain's console is a terminal of xenconsoled's, which puts a carriage return before every end of a line. */
function withoutReturns(): Transform {
  let held = "";
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const text = held + chunk.toString("latin1");
      held = text.endsWith("\r") ? "\r" : "";
      const whole = text.slice(0, text.length - held.length);
      done(null, Buffer.from(whole.replaceAll("\r\n", "\n"), "latin1"));
    },
    flush(done) {
      done(null, Buffer.from(held, "latin1"));
    },
  });
}

/** Waits until a domain runs no more, or `enough`. */
async function ended(name: string, enough: () => boolean): Promise<XlState> {
  for (;;) {
    const state = readState(xl(stateWords(name)).output, name);
    if (state.kind !== "running" || enough()) return state;
    await pause(interval);
  }
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Runs `xl` to its end; status null when it is not there. */
function xl(words: readonly string[]): { readonly status: number | null; readonly output: string } {
  const { status, stdout, stderr, error } = spawnSync(xlCommand, words, { encoding: "utf8" });
  return error === undefined
    ? { status, output: `${stdout}${stderr}` }
    : { status: null, output: error.message };
}
