import { readFileSync, statSync } from "node:fs";
import { emptyConfig, type RegistryConfig, readConfig } from "../../client/config.ts";

/**
 * Who this registry is at its upstreams: a file of the server's folder in the form of users' settings
 * (docs/registry.md), of which tokens, token helpers, `archives` and `cafile` count. It is read anew when it was
 * changed; nothing of it is ever in the log.
 */
export class UpstreamSettings {
  readonly path: string;
  readonly #environment: Readonly<Record<string, string | undefined>>;
  #read: { readonly stamp: string; readonly config: RegistryConfig } | null = null;

  constructor(path: string, environment: Readonly<Record<string, string | undefined>>) {
    this.path = path;
    this.#environment = environment;
  }

  /** Throws a sentence when others than the server's user may read the file, or it makes no sense. */
  config(): RegistryConfig {
    const stat = statSync(this.path, { throwIfNoEntry: false });
    if (stat === undefined) return emptyConfig;
    if ((stat.mode & 0o077) !== 0) {
      throw new Error(`${this.path} can be read by others: \`chmod 600\` it`);
    }
    const stamp = `${stat.mtimeMs} ${stat.size} ${stat.ino}`;
    if (this.#read?.stamp !== stamp) {
      const file = { path: this.path, text: readFileSync(this.path, "utf8") };
      const config = readConfig(file, null, this.#environment);
      if (!config.ok) throw new Error(`${this.path}: ${config.problems[0]!.message}`);
      this.#read = { stamp, config: config.value };
    }
    return this.#read.config;
  }
}
