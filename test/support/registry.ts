import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import {
  cli,
  freePort,
  type Outcome,
  projectRoot,
  type Running,
  start,
  testFolder,
} from "./unipkg.ts";

/** A registry of ours, running on this machine. */
export interface TestRegistry {
  readonly url: string;
  readonly port: number;
  /** Token of its administrator. */
  readonly token: string;
  readonly data: string;
  readonly running: Running;
}

/** Starts a registry in a new folder, or again in one that was used; it ends with the test. */
export async function startRegistry(
  options: readonly string[] = [],
  again?: { readonly data: string; readonly token: string },
  environment: NodeJS.ProcessEnv = {},
): Promise<TestRegistry> {
  const data = again?.data ?? join(testFolder(), "data");
  const port = await freePort();
  const words = ["registry", "serve", "--data", data, "--listen", `127.0.0.1:${port}`, ...options];
  const running = start(process.execPath, [cli, ...words], projectRoot, environment);
  onTestFinished(async () => {
    await running.stop();
  });
  await running.until("listening on");
  const token = again?.token ?? /upt_\S+/.exec(running.output())![0];
  return { url: `http://127.0.0.1:${port}/`, port, token, data, running };
}

/** Speaks with a registry as somebody. */
export function speaker({ url, token }: Pick<TestRegistry, "url" | "token">) {
  return async (path: string, method = "GET", body?: object) => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, text, headers: answer.headers };
  };
}

/** A person at a machine of his own: a folder, settings and a cache that nobody else has. */
export class Person {
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;

  constructor(environment: NodeJS.ProcessEnv = {}) {
    this.folder = testFolder();
    const home = join(this.folder, ".home");
    mkdirSync(home);
    this.environment = {
      PATH: process.env["PATH"],
      HOME: home,
      XDG_CONFIG_HOME: join(home, "config"),
      XDG_CACHE_HOME: join(home, "cache"),
      XDG_STATE_HOME: join(home, "state"),
      npm_config_userconfig: join(home, "npmrc"),
      npm_config_cache: join(home, "npm"),
      npm_config_update_notifier: "false",
      ...environment,
    };
  }

  get configPath(): string {
    return join(this.folder, ".home/config/unipkg/config");
  }

  write(files: Readonly<Record<string, string>>): void {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.folder, path)), { recursive: true });
      writeFileSync(join(this.folder, path), text);
    }
  }

  /** Runs `unipkg …` in a folder below the person's. */
  unipkg(at: string, words: readonly string[], input = ""): Outcome {
    return this.run(process.execPath, [cli, ...words], at, input);
  }

  /** Like `unipkg`, but throws with the whole output when it fails. */
  unipkgOk(at: string, words: readonly string[], input = ""): Outcome {
    return passed(this.unipkg(at, words, input), `unipkg ${words.join(" ")}`);
  }

  npm(at: string, ...words: readonly string[]): Outcome {
    return this.run("npm", words, at, "");
  }

  npmOk(at: string, ...words: readonly string[]): Outcome {
    return passed(this.npm(at, ...words), `npm ${words.join(" ")}`);
  }

  run(command: string, words: readonly string[], at: string, input: string): Outcome {
    const { status, stdout, stderr, error } = spawnSync(command, words, {
      cwd: join(this.folder, at),
      env: this.environment,
      encoding: "utf8",
      input,
      maxBuffer: 1 << 26,
    });
    if (error !== undefined) throw error;
    return { status, stdout, stderr };
  }
}

function passed(outcome: Outcome, what: string): Outcome {
  if (outcome.status === 0) return outcome;
  throw new Error(`${what}: status ${outcome.status}\n${outcome.stdout}${outcome.stderr}`);
}

/** Files of a package. */
export function packageFiles(
  folder: string,
  name: string,
  version: string,
  unipkg: object,
  sources: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const manifest = { name, version, description: `The package ${name}`, license: "ISC", unipkg };
  const files = Object.entries(sources).map(([path, text]) => [`${folder}/${path}`, text]);
  return {
    [`${folder}/package.json`]: `${JSON.stringify(manifest, null, 2)}\n`,
    ...Object.fromEntries(files),
  };
}
