import { createHash, randomUUID } from "node:crypto";
import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Problem } from "../../model/problem.ts";
import type { RegistryKey } from "../trust/registry-key.ts";

/** What is remembered of a registry from the first time on. */
export interface PinnedRegistry {
  readonly format: 1;
  /** Its address. */
  readonly registry: string;
  /** Public key of its log; null when it had none. */
  readonly log: string | null;
  /** Keys that it signs versions with. */
  readonly keys: readonly RegistryKey[];
}

/**
 * What this machine knows of registries and must not forget: their keys, and the last heads of their logs. Not a cache:
 * whoever deletes it trusts each registry anew, as on the first day.
 *
 * Safe under several processes and SIGKILL without locks. A head is a file of its own, named by what it says; whoever
 * has verified that it goes on from all others here writes it and takes those away. Two processes that were shown
 * different histories leave both heads here, and the next to look finds that they do not fit.
 */
export class TrustStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Null when nothing is known of a registry. A file that cannot be read throws: to forget is not to be safe. */
  pinned(registry: string): PinnedRegistry | null {
    let text: string;
    try {
      text = readFileSync(this.#pinPath(registry), "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
      throw error;
    }
    return JSON.parse(text) as PinnedRegistry;
  }

  /** Remembers a registry that nothing is known of. @returns what is known then: another process may have been faster */
  pin(made: PinnedRegistry): PinnedRegistry {
    const path = this.#pinPath(made.registry);
    const unfinished = this.#unfinished(made.registry, `${JSON.stringify(made, null, 2)}\n`);
    try {
      linkSync(unfinished, path);
      return made;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      return this.pinned(made.registry) ?? made;
    } finally {
      rmSync(unfinished, { force: true });
    }
  }

  /** Remembers changed keys of a registry. */
  repin(changed: PinnedRegistry): void {
    const text = `${JSON.stringify(changed, null, 2)}\n`;
    renameSync(this.#unfinished(changed.registry, text), this.#pinPath(changed.registry));
  }

  /** The heads that are known of a registry's log, signed notes by their files; one, but for a moment. */
  heads(registry: string): ReadonlyMap<string, string> {
    const folder = this.#folderOf(registry);
    const heads = new Map<string, string>();
    for (const file of list(folder).filter((name) => /^head-.*\.note$/.test(name))) {
      try {
        heads.set(join(folder, file), readFileSync(join(folder, file), "utf8"));
      } catch (error) {
        // Another process has verified a later one meanwhile.
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      }
    }
    return heads;
  }

  /** Remembers a head. @returns its file */
  keep(registry: string, size: number, note: string): string {
    return this.#keepAs(registry, `head-${size}`, note);
  }

  /** Keeps a head that does not fit those that are known, as a proof. @returns its file */
  keepRefused(registry: string, note: string): string {
    return this.#keepAs(registry, "refused", note);
  }

  /** Takes heads away that a later one goes on from. */
  drop(files: Iterable<string>): void {
    for (const file of files) rmSync(file, { force: true });
  }

  /** Forgets a registry. @returns whether anything was known of it */
  forget(registry: string): boolean {
    const folder = this.#folderOf(registry);
    const known = list(folder).length > 0;
    rmSync(folder, { recursive: true, force: true });
    return known;
  }

  #keepAs(registry: string, what: string, note: string): string {
    const digest = createHash("sha256").update(note).digest("hex").slice(0, 16);
    const path = join(this.#folderOf(registry), `${what}-${digest}.note`);
    renameSync(this.#unfinished(registry, note), path);
    return path;
  }

  #unfinished(registry: string, text: string): string {
    const folder = this.#folderOf(registry);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, `${randomUUID()}.part`);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  }

  #pinPath(registry: string): string {
    return join(this.#folderOf(registry), "registry.json");
  }

  #folderOf(registry: string): string {
    const { host } = new URL(registry);
    const digest = createHash("sha256").update(registry).digest("hex").slice(0, 16);
    return join(this.#folder, `${host.replaceAll(/[^a-z0-9.-]/gi, "_")}-${digest}`);
  }
}

export function storeFailed(error: Error): Problem {
  return {
    code: "UP705",
    message: `what is known of registries cannot be read or written: ${error.message}`,
  };
}

function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
