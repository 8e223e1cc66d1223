import { failed, ok, type Problem, type Result } from "../../model/problem.ts";
import { archiveLimits } from "../archive/limits.ts";
import { parseIndexLine } from "../protocol/index-line.ts";
import { archiveFile, isPackageName } from "../protocol/package-name.ts";
import { parseTypes, type ReleaseTypes } from "../protocol/types-document.ts";
import type { RegistryConfig } from "./config.ts";
import { readPackument } from "./packument.ts";
import { type ProviderList, providerListName, readProviderList } from "./provider-list.ts";
import type { RemoteDocuments } from "./remote-documents.ts";
import { type ExtractedVersion, type RemoteVersion, withState } from "./remote-version.ts";

/** Bytes that a types document may have. */
const mostTypes = 4 << 20;

/**
 * One registry, ours or any that speaks npm's protocol. Nothing of its answers is trusted: they are read strictly,
 * archives and types are known by their digest.
 */
export class RemoteRegistry {
  /** Address, with `/` at its end. */
  readonly url: string;
  readonly #config: RegistryConfig;
  readonly #documents: RemoteDocuments;
  readonly #versions = new Map<string, Promise<Result<readonly RemoteVersion[]>>>();
  #isOurs: Promise<Result<boolean>> | null = null;
  #lists: Promise<readonly Result<ProviderList>[]> | null = null;

  constructor(url: string, config: RegistryConfig, documents: RemoteDocuments) {
    this.url = url;
    this.#config = config;
    this.#documents = documents;
  }

  /**
   * All versions of a package, in the order of the index; none when the registry has no such package, or does not tell.
   *
   * @param needed versions that the lockfile has: an index on this machine that is too old for them is fetched anew
   */
  versions(
    name: string,
    needed: readonly string[] = [],
  ): Promise<Result<readonly RemoteVersion[]>> {
    const known = this.#versions.get(name) ?? this.#fetchVersions(name, needed);
    this.#versions.set(name, known);
    return known;
  }

  /** Names of packages that say they provide an interface; on registries that cannot tell, those that the scopes list. */
  async providers(interfaceName: string): Promise<Result<readonly string[]>> {
    const ours = await this.isOurs();
    if (!ours.ok) return ours;
    if (!ours.value) return this.#listedProviders(interfaceName);
    const url = `${this.url}-/unipkg/providers/${encodeURIComponent(interfaceName)}`;
    const text = await this.#documents.document(url, `providers of ${interfaceName}`);
    if (!text.ok) return text;
    if (text.value === null) return ok([]);
    try {
      const { providers } = JSON.parse(text.value) as { providers: { name: unknown }[] };
      const names = providers.map(({ name }) => String(name));
      if (!names.every(isPackageName)) throw new Error("a name that is none");
      return ok(names);
    } catch (error) {
      return failed(this.#senseless(url, (error as Error).message));
    }
  }

  async #listedProviders(interfaceName: string): Promise<Result<readonly string[]>> {
    const scopes = [...this.#config.scopes].filter(([, url]) => url === this.url);
    this.#lists ??= Promise.all(scopes.map(([scope]) => this.#providerList(scope)));
    const names: string[] = [];
    for (const list of await this.#lists) {
      if (!list.ok) return list;
      names.push(...(list.value.get(interfaceName) ?? []));
    }
    return ok(names);
  }

  async #providerList(scope: string): Promise<Result<ProviderList>> {
    const name = providerListName(scope);
    const url = `${this.url}${name.replace("/", "%2f")}`;
    // Nobody has to have a list: without a network, and without one on this machine, there is none.
    if (this.#documents.mode === "offline" && !this.#documents.has(url)) return ok(new Map());
    const text = await this.#documents.document(url, name);
    if (!text.ok) return text;
    if (text.value === null) return ok(new Map());
    try {
      return ok(readProviderList(text.value, scope).list);
    } catch (error) {
      return failed(this.#senseless(url, (error as Error).message));
    }
  }

  /** The types of a version. */
  async types({ types }: ExtractedVersion, called: string): Promise<Result<ReleaseTypes>> {
    if (types === null) return ok({ signature: null, provided: {}, uses: {} });
    if ("signature" in types) return ok(types);
    const { digest, url } = types;
    const bytes = await this.#documents.blob(url, digest, mostTypes, `types of ${called}`);
    if (!bytes.ok) return bytes;
    try {
      return ok(parseTypes(bytes.value.toString("utf8")));
    } catch (error) {
      return failed(this.#senseless(url, `types of ${called}: ${(error as Error).message}`));
    }
  }

  /** The archive of a version, its digest checked. */
  async archive({ name, version, archive, archiveUrl }: RemoteVersion): Promise<Result<Buffer>> {
    const isOwn = new URL(archiveUrl).origin === new URL(this.url).origin;
    const isAllowed = isOwn || this.#config.mayHaveArchives(this.url, archiveUrl);
    if (!isAllowed && !this.#documents.hasBlob(archive)) {
      return failed({
        code: "UP808",
        message: `${this.url} says that the archive of ${name}@${version} is on another host, at ${archiveUrl}`,
        hint: `if that is right, add \`//${new URL(this.url).host}/:archives=${new URL(archiveUrl).origin}/\` to your own settings`,
      });
    }
    const what = `archive of ${name}@${version}`;
    return this.#documents.blob(archiveUrl, archive, archiveLimits.archiveBytes, what);
  }

  /** The policy that the organisation of a scope, `@acme`, has here; null when there is none for the reader. */
  async policy(scope: string): Promise<Result<string | null>> {
    const ours = await this.isOurs();
    if (!ours.ok) return ours;
    if (!ours.value && this.#documents.mode !== "offline") return ok(null);
    const url = `${this.url}-/unipkg/organisations/${scope.slice(1)}/policy`;
    const text = await this.#documents.document(url, `policy of ${scope}`);
    if (!text.ok || text.value === null) return text;
    try {
      const { text: policy } = JSON.parse(text.value) as { readonly text?: unknown };
      if (typeof policy !== "string") throw new Error("it has no text");
      return ok(policy);
    } catch (error) {
      return failed(this.#senseless(url, (error as Error).message));
    }
  }

  /** Whether the registry has our sparse index. */
  isOurs(): Promise<Result<boolean>> {
    this.#isOurs ??= this.#documents.isOurs();
    return this.#isOurs;
  }

  async #fetchVersions(
    name: string,
    needed: readonly string[],
  ): Promise<Result<readonly RemoteVersion[]>> {
    const ours = await this.isOurs();
    if (!ours.ok) return ours;
    const escaped = name.replace("/", "%2f");
    const url = ours.value ? `${this.url}-/unipkg/index/${escaped}` : `${this.url}${escaped}`;
    const read = async (anew: boolean): Promise<Result<readonly RemoteVersion[]>> => {
      const text = await this.#documents.document(url, name, anew);
      return text.ok ? this.#readVersions(text.value, name, url, ours.value) : text;
    };
    const known = await read(false);
    const isTooOld =
      known.ok && needed.some((version) => !known.value.some((each) => each.version === version));
    return isTooOld && this.#documents.mode === "prefer-offline" ? read(true) : known;
  }

  #readVersions(
    text: string | null,
    name: string,
    url: string,
    isOurs: boolean,
  ): Result<readonly RemoteVersion[]> {
    if (text === null) return ok([]);
    try {
      return ok(isOurs ? this.#fromIndex(text, name) : this.#fromPackument(text, name));
    } catch (error) {
      return failed(this.#senseless(url, (error as Error).message));
    }
  }

  #fromIndex(text: string, name: string): readonly RemoteVersion[] {
    const seen = new Set<string>();
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map((line): RemoteVersion => {
        const parsed = parseIndexLine(line, name);
        const { version } = parsed.manifest;
        if (seen.has(version)) throw new Error(`it has ${version} twice`);
        seen.add(version);
        const types =
          parsed.types === null
            ? null
            : {
                digest: parsed.types,
                url: `${this.url}-/unipkg/types/${name.replace("/", "%2f")}/${version}`,
              };
        return {
          ...{ registry: this.url, name, version },
          manifest: withState(parsed.manifest, parsed),
          archive: parsed.archive,
          archiveUrl: `${this.url}${name}/-/${archiveFile(name, version)}`,
          extracted: { integrity: parsed.integrity, effects: parsed.effects, types },
          ...{
            published: parsed.published,
            offered: parsed.offered,
            released: parsed.released,
            signatures: parsed.signatures,
          },
          derived: true,
        };
      });
  }

  #fromPackument(text: string, name: string): readonly RemoteVersion[] {
    return readPackument(text, name, this.url, (version, reason) => {
      // A version that cannot be read is as good as none; the others are not worse for it.
      this.refused.push(`${name}@${version} at ${this.url} is left out: ${reason}`);
    });
  }

  /** Versions that were left out, and why, for whoever wants to tell. */
  readonly refused: string[] = [];

  #senseless(url: string, reason: string): Problem {
    return { code: "UP806", message: `the answer of ${url} makes no sense: ${reason}` };
  }
}
