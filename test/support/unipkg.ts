import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

export const projectRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** The built tool, as `npm install` would put it on the path. `npm test` builds it first. */
export const cli = join(projectRoot, "dist/cli/main.js");

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `unipkg …` as a user's shell would, in a pipe. */
export function unipkg(folder: string, ...args: readonly string[]): Outcome {
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [cli, ...args], {
    cwd: folder,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  if (error !== undefined) throw error;
  return { status, stdout, stderr };
}

/** Like `unipkg`, but throws with the whole output when it fails. */
export function unipkgOk(folder: string, ...args: readonly string[]): Outcome {
  const outcome = unipkg(folder, ...args);
  if (outcome.status !== 0) {
    throw new Error(
      `unipkg ${args.join(" ")}: status ${outcome.status}\n${outcome.stdout}${outcome.stderr}`,
    );
  }
  return outcome;
}

/** A folder of a test's own. Without a running test, call `remove` yourself. */
export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "unipkg-test-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** A folder that goes away with the test that asks for it. */
export function testFolder(): string {
  const folder = temporaryFolder();
  onTestFinished(() => folder.remove());
  return folder.path;
}

export interface Running {
  readonly child: ChildProcess;
  /** All that it printed so far, both streams. */
  output(): string;
  /** Waits until the output contains the text; throws with the output when the process ends before. */
  until(text: string): Promise<void>;
  /** Sends SIGTERM and waits for the end. */
  stop(): Promise<number | null>;
  readonly ended: Promise<number | null>;
}

/** Starts a program that goes on until it is stopped. */
export function start(
  command: string,
  args: readonly string[],
  folder: string,
  environment: NodeJS.ProcessEnv = {},
): Running {
  const env = { ...process.env, ...environment };
  const child = spawn(command, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"], env });
  let printed = "";
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => {
      printed += text;
      for (const listener of listeners) listener();
    });
  }
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  return {
    child,
    ended,
    output: () => printed,
    until: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!printed.includes(text)) return;
          listeners.delete(look);
          resolve();
        };
        listeners.add(look);
        void ended.then(() => reject(new Error(`ended before "${text}":\n${printed}`)));
        look();
      }),
    stop: () => {
      child.kill("SIGTERM");
      return ended;
    },
  };
}

/** A TCP port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const { createServer } = await import("node:net");
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
