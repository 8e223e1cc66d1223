import { spawn } from "node:child_process";
import { cp, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/**
 * What making an image does to the world, as values: a back end answers with a list of actions, `run`
 * performs it, `dryRun` tells it. Tests assert the list; nothing else in linker/ writes or spawns.
 */
export type Action =
  | { readonly kind: "folder"; readonly path: string }
  /** Written under a temporary name beside it, synced and renamed: never seen half-written. */
  | {
      readonly kind: "write";
      readonly path: string;
      readonly content: string | Uint8Array;
      readonly executable?: boolean;
      /** A file that has this content already stays as it is, with its time: for what `make` compares. */
      readonly unlessEqual?: boolean;
    }
  | {
      readonly kind: "command";
      readonly command: string;
      readonly arguments: readonly string[];
      readonly folder: string;
      /** What is being done, for people: `compile the program`. */
      readonly purpose: string;
    }
  /** Runs these lists at the same time. */
  | { readonly kind: "together"; readonly lists: readonly (readonly Action[])[] }
  | { readonly kind: "rename"; readonly from: string; readonly to: string }
  /** Times of files are kept. */
  | { readonly kind: "copy"; readonly from: string; readonly to: string }
  | { readonly kind: "remove"; readonly path: string };

/** Why a list stopped. */
export type ActionFailure =
  /** There is no such command. */
  | { readonly kind: "missing"; readonly command: string; readonly purpose: string }
  | {
      readonly kind: "command";
      readonly command: string;
      readonly purpose: string;
      readonly status: number | string;
      /** What it printed, standard error after standard output. */
      readonly output: string;
    }
  | { readonly kind: "file"; readonly path: string; readonly message: string };

/** Performs the actions in order; stops at the first failure and gives it, null when all is done. */
export async function run(actions: readonly Action[]): Promise<ActionFailure | null> {
  for (const action of actions) {
    const failure = await perform(action);
    if (failure !== null) return failure;
  }
  return null;
}

/** One line for each action, for people and for tests. */
export function dryRun(actions: readonly Action[], indent = ""): string[] {
  return actions.flatMap((action) => tell(action, indent));
}

function tell(action: Action, indent: string): string[] {
  switch (action.kind) {
    case "folder":
      return [`${indent}make folder ${action.path}`];
    case "write":
      return [`${indent}write ${action.path} (${Buffer.byteLength(action.content)} bytes)`];
    case "command":
      return [`${indent}${action.purpose}: ${[action.command, ...action.arguments].join(" ")}`];
    case "together":
      return action.lists.flatMap((list, index) => [
        `${indent}${index === 0 ? "together" : "and"}:`,
        ...dryRun(list, `${indent}  `),
      ]);
    case "rename":
      return [`${indent}rename ${action.from} to ${action.to}`];
    case "copy":
      return [`${indent}copy ${action.from} to ${action.to}`];
    case "remove":
      return [`${indent}remove ${action.path}`];
  }
}

async function perform(action: Action): Promise<ActionFailure | null> {
  if (action.kind === "together") {
    const failures = await Promise.all(action.lists.map(run));
    return failures.find((failure) => failure !== null) ?? null;
  }
  if (action.kind === "command") return command(action);
  try {
    switch (action.kind) {
      case "folder":
        await mkdir(action.path, { recursive: true });
        break;
      case "write":
        if (action.unlessEqual === true && (await hasContent(action.path, action.content))) break;
        await writeWhole(action.path, action.content, action.executable === true);
        break;
      case "rename":
        await rename(action.from, action.to);
        break;
      case "copy":
        await cp(action.from, action.to, { recursive: true, preserveTimestamps: true });
        break;
      case "remove":
        await rm(action.path, { recursive: true, force: true });
        break;
    }
    return null;
  } catch (error) {
    const path = "path" in action ? action.path : action.to;
    return { kind: "file", path, message: (error as Error).message };
  }
}

async function hasContent(path: string, content: string | Uint8Array): Promise<boolean> {
  const present = await readFile(path).catch(() => null);
  return present?.equals(Buffer.from(content)) === true;
}

async function writeWhole(path: string, content: string | Uint8Array, executable: boolean) {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}`);
  try {
    const file = await open(temporary, "w", executable ? 0o755 : 0o644);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

function command(action: Action & { kind: "command" }): Promise<ActionFailure | null> {
  return new Promise((resolve) => {
    const { command, purpose } = action;
    const child = spawn(command, action.arguments, {
      cwd: action.folder,
      stdio: ["ignore", "pipe", "pipe"],
      // A compiler's messages and bytes must not depend on who runs it.
      env: { ...process.env, LC_ALL: "C", SOURCE_DATE_EPOCH: "0" },
    });
    const output: Buffer[] = [];
    const errors: Buffer[] = [];
    child.stdout.on("data", (bytes: Buffer) => output.push(bytes));
    child.stderr.on("data", (bytes: Buffer) => errors.push(bytes));
    child.on("error", (error: NodeJS.ErrnoException) => {
      resolve(
        error.code === "ENOENT"
          ? { kind: "missing", command, purpose }
          : { kind: "command", command, purpose, status: error.code ?? "", output: error.message },
      );
    });
    child.on("close", (code, signal) => {
      const text = Buffer.concat([...output, ...errors]).toString();
      resolve(
        code === 0
          ? null
          : { kind: "command", command, purpose, status: code ?? signal ?? "", output: text },
      );
    });
  });
}
