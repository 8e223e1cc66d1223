import { readFileSync } from "node:fs";
import { join } from "node:path";
import { plainText } from "../../model/plain-text.ts";
import { failed, ok, type Problem, type Result } from "../../model/problem.ts";
import { unpackTo } from "../archive/unpack.ts";
import { integrityOf } from "../integrity.ts";
import { manifestFile, parseManifest } from "../manifest.ts";
import { listFiles, openPackageFolder, type PackageFolder } from "../package-folder.ts";
import { isDemanded } from "../trust/trust-policy.ts";
import type { RegistryConfig } from "./config.ts";
import type { DownloadCache } from "./download-cache.ts";
import { HttpClient, type HttpLimits } from "./http-client.ts";
import { RegistryTrust, type TrustOptions } from "./registry-trust.ts";
import { type NetworkMode, RemoteDocuments } from "./remote-documents.ts";
import { RemoteRegistry } from "./remote-registry.ts";
import type { RemoteVersion } from "./remote-version.ts";

/** The registries of a configuration, and what was unpacked of them on this machine. */
export class Registries {
  readonly config: RegistryConfig;
  readonly http: HttpClient;
  readonly #cache: DownloadCache;
  readonly #mode: NetworkMode;
  readonly #trust: TrustOptions | null;
  readonly #byUrl = new Map<string, RemoteRegistry>();
  readonly #trustByUrl = new Map<string, RegistryTrust>();
  /** What was brought, by the archive and what it has to be. */
  readonly #obtained = new Map<string, Promise<Result<PackageFolder>>>();

  /** @param trust how far registries are believed; null for as far as their digests go */
  constructor(
    config: RegistryConfig,
    cache: DownloadCache,
    mode: NetworkMode,
    environment: Readonly<Record<string, string | undefined>>,
    trust: TrustOptions | null,
    limits?: HttpLimits,
  ) {
    this.config = config;
    this.#trust = trust;
    this.#cache = cache;
    this.#mode = mode;
    this.http = new HttpClient(config, environment, limits);
  }

  at(url: string): RemoteRegistry {
    const known = this.#byUrl.get(url);
    if (known !== undefined) return known;
    const made = new RemoteRegistry(
      url,
      this.config,
      new RemoteDocuments(url, this.config, this.http, this.#cache, this.#mode, (text) =>
        this.#trust?.notice(text),
      ),
    );
    this.#byUrl.set(url, made);
    return made;
  }

  /** What is verified of a registry's versions; null when nothing is. */
  trustIn(url: string): RegistryTrust | null {
    if (this.#trust === null) return null;
    const known =
      this.#trustByUrl.get(url) ??
      new RegistryTrust(url, this.http, this.#cache, this.#mode, this.#trust);
    this.#trustByUrl.set(url, known);
    return known;
  }

  /** Verifies versions before they are used: in the log, signed, of known provenance, as their registries and policies go. */
  async verify(versions: readonly RemoteVersion[]): Promise<Result<null>> {
    const byRegistry = new Map<string, RemoteVersion[]>();
    for (const version of versions) {
      const known = byRegistry.get(version.registry);
      if (known === undefined) byRegistry.set(version.registry, [version]);
      else known.push(version);
    }
    const results = await Promise.all(
      [...byRegistry].map(([url, all]) => this.trustIn(url)?.verify(all) ?? ok(null)),
    );
    const problems = results.flatMap((result) => (result.ok ? [] : result.problems));
    return problems.length > 0 ? failed(...problems) : ok(null);
  }

  /**
   * The versions that have been published long enough for the policy, that their registry offers already, and those that
   * the lockfile has. One without a time of publishing is too young.
   *
   * @param asked versions that are required by their very number: a registry gives them earlier, the policy does not
   */
  oldEnough(
    versions: readonly RemoteVersion[],
    locked: readonly string[],
    asked: readonly string[] = [],
  ): readonly RemoteVersion[] {
    const trust = this.#trust;
    if (trust === null) return versions;
    const { age } = trust.policy;
    return versions.filter(({ name, version, published: taken, released, offered }) => {
      if (locked.includes(version)) return true;
      // A time that cannot be read is none that has come.
      const isOffered = offered === null || Date.parse(offered) <= trust.now;
      if (!isOffered && !asked.includes(version)) {
        trust.notice(
          `${name}@${version} is left out: a policy of its registry offers it from ${plainText(offered)} on; who requires \`${version}\` has it now`,
        );
        return false;
      }
      if (!isDemanded(age, name)) return true;
      // A registry takes a version of its upstream in when it is first asked for it, which may be years later.
      const published = released ?? taken;
      if (trust.now - Date.parse(published) >= age.least) return true;
      const hours = age.least / 3_600_000;
      trust.notice(
        `${name}@${version} is left out: it was published ${published === "" ? "nobody knows when" : `at ${published}`}, and a policy wants ${hours} hours to have passed`,
      );
      return false;
    });
  }

  /** Where a version's files are, once `obtain` brought them. */
  folderOf({ archive }: Pick<RemoteVersion, "archive">): string {
    return this.#cache.unpackedFolder(archive);
  }

  /**
   * Brings the files of a version: from this machine when they are here and whole, from its registry otherwise. What is
   * in the archive must be what the index said of it (UP803), or the plan was made for another package.
   */
  async obtain(version: RemoteVersion): Promise<Result<PackageFolder>> {
    const { registry, archive, extracted, manifest } = version;
    const key = [registry, archive, extracted?.integrity, comparable(manifest)].join("\n");
    const obtaining = this.#obtained.get(key) ?? this.#obtain(version);
    this.#obtained.set(key, obtaining);
    const obtained = await obtaining;
    if (!obtained.ok) this.#obtained.delete(key);
    return obtained;
  }

  async #obtain(version: RemoteVersion): Promise<Result<PackageFolder>> {
    const folder = this.folderOf(version);
    const called = `${version.name}@${version.version}`;
    const integrity = version.extracted?.integrity ?? null;
    const here = openWhole(folder, called, integrity, version);
    if (here?.ok === true) return here;
    if (here !== null) this.#cache.removeUnpacked(version.archive);
    const archive = await this.at(version.registry).archive(version);
    if (!archive.ok) return archive;
    const unpacked = await unpackTo(archive.value, folder, called);
    if (!unpacked.ok) return unpacked;
    return (
      openWhole(folder, called, integrity, version) ?? failed(changed(called, "no package.json"))
    );
  }

  close(): Promise<void> {
    return this.http.close();
  }
}

/** The package in a folder if it is what the index says; null when there is no folder. */
function openWhole(
  folder: string,
  called: string,
  integrity: string | null,
  version: RemoteVersion,
): Result<PackageFolder> | null {
  let text: string;
  try {
    text = readFileSync(join(folder, manifestFile), "utf8");
  } catch {
    return null;
  }
  const manifest = parseManifest(text, `${called} package.json`);
  if (!manifest.ok) return manifest;
  if (comparable(manifest.value) !== comparable(version.manifest)) {
    return failed(changed(called, "its package.json is not the one that the index has"));
  }
  const files = listFiles(folder, new Set());
  if (!files.ok) return files;
  if (integrity !== null) {
    const found = integrityOf(
      files.value.map((path) => ({ path, bytes: readFileSync(join(folder, path)) })),
    );
    if (found !== integrity)
      return failed(changed(called, "its files are not those that the index has"));
  }
  return openPackageFolder(folder);
}

/** A manifest as a text, without what a registry may say later. */
function comparable({ yanked: _, deprecated: __, ...lasting }: RemoteVersion["manifest"]): string {
  return JSON.stringify(lasting);
}

function changed(called: string, reason: string): Problem {
  return {
    code: "UP803",
    message: `the archive of ${called} is not the package that was chosen: ${reason}`,
    hint: "do not use it, and tell its registry",
  };
}
