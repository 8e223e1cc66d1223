import { execFile } from "node:child_process";
import { failed, ok, type Result } from "../../model/problem.ts";
import type { RegistryConfig } from "./config.ts";
import { untrusted } from "./http-problem.ts";

/** Tokens by address, as the user's file has them or its helpers print them. */
export class Credentials {
  readonly #config: RegistryConfig;
  readonly #environment: Readonly<Record<string, string | undefined>>;
  readonly #helpers = new Map<string, Promise<string | null>>();

  constructor(config: RegistryConfig, environment: Readonly<Record<string, string | undefined>>) {
    this.#config = config;
    this.#environment = environment;
  }

  /**
   * The token for an address; null when there is none for it.
   *
   * @param given instead of the configured one
   */
  async tokenFor(url: string, given: string | undefined): Promise<Result<string | null>> {
    const credential =
      given === undefined
        ? this.#config.credentialFor(url)
        : ({ kind: "token", token: given } as const);
    if (credential === null) return ok(null);
    const { protocol, hostname } = new URL(url);
    if (protocol !== "https:" && !isLoopback(hostname)) {
      return failed(untrusted(`${url} is to get a token over plain http, which others can read`));
    }
    if (credential.kind === "token") return ok(credential.token);
    const { command } = credential;
    const printed = this.#helpers.get(command) ?? runHelper(command, this.#environment);
    this.#helpers.set(command, printed);
    const token = await printed;
    return token === null
      ? failed({
          code: "UP807",
          message: `the token helper ${command} failed, or printed no token`,
        })
      : ok(token);
  }
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname);
}

function runHelper(
  command: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(
      command,
      [],
      { env: environment, timeout: 30_000, encoding: "utf8" },
      (error, stdout) => {
        const token = stdout.trim();
        resolve(error === null && /^\S+$/.test(token) ? token : null);
      },
    );
  });
}
