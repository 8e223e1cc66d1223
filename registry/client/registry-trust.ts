import { createHash } from "node:crypto";
import { failed, ok, type Problem, type Result } from "../../model/problem.ts";
import { mostProvenance } from "../trust/provenance.ts";
import { faultOfSignature, type RegistryKey } from "../trust/registry-key.ts";
import { isDemanded, type TrustPolicy } from "../trust/trust-policy.ts";
import type { DownloadCache } from "./download-cache.ts";
import type { HttpClient } from "./http-client.ts";
import { leafOfEntry } from "./log-entry.ts";
import { type Leaf, type LogReader, logPath } from "./log-reader.ts";
import { openPinnedLog } from "./pinned-log.ts";
import { verifyProvenance } from "./provenance-check.ts";
import { refusedBy } from "./refusal.ts";
import { RegistryKeyring } from "./registry-keyring.ts";
import type { NetworkMode } from "./remote-documents.ts";
import type { RemoteVersion } from "./remote-version.ts";
import type { TrustStore } from "./trust-store.ts";

/** How far registries are believed, and what is remembered of them. */
export interface TrustOptions {
  readonly policy: TrustPolicy;
  readonly store: TrustStore;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Gets a sentence for the user: that a registry is trusted from now on. */
  readonly notice: (text: string) => void;
}

/** Bytes of the log's answers, and of lists of keys. */
const mostAnswer = 1 << 20;

/**
 * What is verified of the versions of a registry before they are used: that they are in its transparency log, that it
 * signed them, and where the policy asks for it, where they come from.
 */
export class RegistryTrust {
  readonly #url: string;
  readonly #http: HttpClient;
  readonly #cache: DownloadCache;
  readonly #mode: NetworkMode;
  readonly #options: TrustOptions;
  readonly #keyring: RegistryKeyring;
  #log: Promise<Result<LogReader | null>> | null = null;

  constructor(
    url: string,
    http: HttpClient,
    cache: DownloadCache,
    mode: NetworkMode,
    options: TrustOptions,
  ) {
    this.#url = url;
    this.#http = http;
    this.#cache = cache;
    this.#mode = mode;
    this.#options = options;
    const { store, notice } = options;
    this.#keyring = new RegistryKeyring({
      ...{ registry: url, mode, store, notice },
      get: (path, what) => this.#get(path, what),
      openLog: () => this.#openLog(),
    });
  }

  /** The keys that the registry signs with, as far as this machine believes in them. */
  keys(): Promise<Result<readonly RegistryKey[]>> {
    return this.#keyring.keys([]);
  }

  /** Verifies versions of this registry. When its log cannot be believed, nothing else of it is looked at. */
  async verify(versions: readonly RemoteVersion[]): Promise<Result<null>> {
    const logged = await this.#inLog(versions);
    if (!logged.ok) return logged;
    const checks = [await this.#signed(versions), await this.#provenance(versions)];
    const problems = checks.flatMap((check) => (check.ok ? [] : check.problems));
    // What is wrong with the registry's keys is wrong for each version.
    const once = new Map(problems.map((problem) => [problem.message, problem]));
    return problems.length > 0 ? failed(...once.values()) : ok(null);
  }

  /** What is wrong with a version's registry signature; null when it has a right one, or has none and need not. */
  async faultOfSignature(version: RemoteVersion, mustHave: boolean): Promise<Result<null>> {
    const called = `${version.name}@${version.version}`;
    if (version.signatures.length === 0) {
      return mustHave ? failed(unsigned(called, this.#url, "has no signature")) : ok(null);
    }
    const keys = await this.#keyring.keys(version.signatures.map(({ keyid }) => keyid));
    if (!keys.ok) return keys;
    // A mirror of another registry has that one's signatures, and cannot say whose they are.
    if (keys.value.length === 0 && !mustHave) return ok(null);
    const faults: string[] = [];
    for (const signature of version.signatures) {
      const key = keys.value.find(({ keyid }) => keyid === signature.keyid);
      if (key === undefined) {
        faults.push(`has a signature of ${signature.keyid}, a key that the registry does not have`);
        continue;
      }
      const fault = faultOfSignature(version, signature, key);
      if (fault !== null) faults.push(fault);
    }
    // One right signature is enough: others may be of keys that were given up.
    return faults.length < version.signatures.length
      ? ok(null)
      : failed(unsigned(called, this.#url, faults[0]!));
  }

  async #inLog(versions: readonly RemoteVersion[]): Promise<Result<null>> {
    const { policy } = this.#options;
    const seen = this.#seenInLog();
    const fresh = versions.filter((each) => !seen.has(markOf(each)));
    if (this.#mode === "offline" || (this.#mode === "prefer-offline" && fresh.length === 0)) {
      const unseen = fresh.filter(({ name }) => isDemanded(policy.log, name));
      return unseen.length === 0
        ? ok(null)
        : failed(...unseen.map(({ name, version }) => notSeen(`${name}@${version}`, this.#url)));
    }
    const log = await this.#openLog();
    if (!log.ok) return log;
    if (log.value === null) {
      const demanded = versions.find(({ name }) => isDemanded(policy.log, name));
      return demanded === undefined ? ok(null) : failed(noLog(demanded.name, this.#url));
    }
    const results = await Promise.all(fresh.map((version) => this.#leafOf(version)));
    const problems = results.flatMap((result) => (result.ok ? [] : result.problems));
    if (problems.length > 0) return failed(...problems);
    const verified = await log.value.verify(
      results.flatMap((result) => (result.ok ? [result.value] : [])),
    );
    if (!verified.ok) return verified;
    if (fresh.length > 0) {
      // What another process has added meanwhile stays; what gets lost between the two is looked for again.
      const all = [...this.#seenInLog(), ...fresh.map(markOf)];
      this.#cache.putIndex(this.#seenPath, "log", { etag: null, text: all.join("\n") });
    }
    return ok(null);
  }

  /** Versions that were in the log when it was looked at before, on this machine. */
  #seenInLog(): ReadonlySet<string> {
    return new Set(this.#cache.index(this.#seenPath, "log")?.text?.split("\n"));
  }

  get #seenPath(): string {
    return `${this.#url}${logPath}verified`;
  }

  /** The leaf that published a version; it must say of the version what the index says. */
  async #leafOf(version: RemoteVersion): Promise<Result<Leaf>> {
    const called = `${version.name}@${version.version}`;
    const path = `${logPath}published/${version.name.replace("/", "%2f")}/${version.version}`;
    const got = await this.#get(path, `the entry of ${called} in its log`);
    if (!got.ok) return got;
    const types = version.extracted?.types ?? null;
    const digest = types !== null && "digest" in types ? types.digest : null;
    const { archive, published: time } = version;
    const leaf = leafOfEntry(got.value, {
      ...{ subject: `package:${version.name}`, time },
      event: {
        ...{ type: "published", version: version.version, archive, types: digest },
        ...(version.released === null ? {} : { released: version.released }),
      },
    });
    return "index" in leaf
      ? ok({ ...leaf, called })
      : failed({
          code: "UP824",
          message: `${called} is not what the transparency log of ${this.#url} has: ${leaf.wrong}`,
          hint: "the registry tells you something that it does not tell everybody: do not use it, and ask its operator",
        });
  }

  #openLog(): Promise<Result<LogReader | null>> {
    const { store, policy, now, notice } = this.#options;
    this.#log ??= openPinnedLog({
      ...{ registry: this.#url, store, now, notice, oldest: policy.logAge },
      named: policy.logs.get(this.#url) ?? null,
      get: (path, what) => this.#get(path, what),
    });
    return this.#log;
  }

  async #signed(versions: readonly RemoteVersion[]): Promise<Result<null>> {
    const { policy } = this.#options;
    const problems: Problem[] = [];
    for (const version of versions) {
      const fault = await this.faultOfSignature(
        version,
        isDemanded(policy.signatures, version.name),
      );
      if (!fault.ok) problems.push(...fault.problems);
    }
    return problems.length > 0 ? failed(...problems) : ok(null);
  }

  async #provenance(versions: readonly RemoteVersion[]): Promise<Result<null>> {
    const { policy } = this.#options;
    const asked = versions.filter(({ name }) => isDemanded(policy.provenance, name));
    const options = {
      ...{ registry: this.#url, cache: this.#cache, keyFiles: policy.provenanceKeys },
      get: (path: string, what: string) => this.#get(path, what, 10 * mostProvenance),
    };
    const results = await Promise.all(asked.map((each) => verifyProvenance(each, options)));
    const problems = results.flatMap((result) => (result.ok ? [] : result.problems));
    return problems.length > 0 ? failed(...problems) : ok(null);
  }

  async #get(path: string, what: string, most = mostAnswer): Promise<Result<Buffer | null>> {
    if (this.#mode === "offline") {
      return failed({
        code: "UP811",
        message: `${what} of ${this.#url} is not on this machine`,
        hint: "`unipkg fetch` verifies what the lockfile has, while there is a network",
      });
    }
    const answer = await this.#http.request(`${this.#url}${path}`, { most });
    if (!answer.ok) return answer;
    const { status, body } = answer.value;
    if (status === 404) return ok(null);
    return status === 200 ? ok(body) : failed(refusedBy(this.#url, answer.value, what));
  }
}

/** A version, with its bytes, in few characters: 128 bits of a SHA-256. */
function markOf({ name, version, archive }: RemoteVersion): string {
  const digest = createHash("sha256").update(`${name}@${version}:${archive}`);
  return digest.digest("base64url").slice(0, 22);
}

function unsigned(called: string, registry: string, fault: string): Problem {
  return {
    code: "UP826",
    message: `${called} of ${registry} ${fault}`,
    hint: "do not use it, and ask the registry's operator",
  };
}

function noLog(name: string, registry: string): Problem {
  return {
    code: "UP824",
    message: `${registry} has no transparency log, and a policy asks for one for ${name}`,
    hint: "`require log except PKG` leaves a package out",
  };
}

function notSeen(called: string, registry: string): Problem {
  return {
    code: "UP824",
    message: `${called} was never looked for in the log of ${registry}, and \`--offline\` forbids to do it now`,
    hint: "`unipkg fetch` does it while there is a network",
  };
}
