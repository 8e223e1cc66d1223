import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { installDebian } from "./debian.ts";
import { freePort } from "./unipkg.ts";

/** Debian's PostgreSQL with an empty database, in a folder of its own. */
export interface Postgres {
  readonly url: string;
  /** Ends all connections at once, and lets nobody in. */
  stop(): void;
  /** Lets them in again. */
  start(): void;
}

/** Starts a database; it ends with the test. The server refuses to run as root, which tests are in containers. */
export async function startPostgres(): Promise<Postgres> {
  installDebian({ "/usr/share/postgresql-common/pg_wrapper": "postgresql" });
  const version = readdirSync("/usr/lib/postgresql").sort().at(-1)!;
  const programs = `/usr/lib/postgresql/${version}/bin`;
  const folder = mkdtempSync(join(tmpdir(), "unipkg-postgres-"));
  chmodSync(folder, 0o777);
  const run = (program: string, ...words: string[]) => {
    const isRoot = process.getuid?.() === 0;
    const [command, ...rest] = isRoot
      ? ["runuser", "-u", "postgres", "--", join(programs, program)]
      : [join(programs, program)];
    execFileSync(command!, [...rest, ...words], {
      cwd: folder,
      stdio: ["ignore", "ignore", "pipe"],
    });
  };
  const data = join(folder, "data");
  const port = await freePort();
  run("initdb", "-D", data, "-A", "trust", "-U", "registry", "--no-sync");
  const options = `-c listen_addresses=127.0.0.1 -p ${port} -k ${folder}`;
  const begin = () =>
    run("pg_ctl", "-D", data, "-w", "-l", join(folder, "log"), "-o", options, "start");
  const end = (mode: string) => run("pg_ctl", "-D", data, "-w", "-m", mode, "stop");
  onTestFinished(() => {
    if (existsSync(join(data, "postmaster.pid"))) end("immediate");
    rmSync(folder, { recursive: true, force: true });
  });
  begin();
  return {
    url: `postgres://registry@127.0.0.1:${port}/postgres`,
    start: begin,
    stop: () => end("fast"),
  };
}
