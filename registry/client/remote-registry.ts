import { createHash } from "node:crypto";
import { plainText } from "../../model/plain-text.ts";
import { failed, ok, type Problem, type Result } from "../../model/problem.ts";
import { archiveLimits } from "../archive/limits.ts";
import { isOfIntegrity } from "../protocol/digest.ts";
import { parseIndexLine } from "../protocol/index-line.ts";
import { archiveFile, isPackageName } from "../protocol/package-name.ts";
import { parseTypes, type ReleaseTypes } from "../protocol/types-document.ts";
import type { RegistryConfig } from "./config.ts";
import type { DownloadCache } from "./download-cache.ts";
import type { HttpAnswer, HttpClient } from "./http-client.ts";
import { readPackument } from "./packument.ts";
import { PartialBody } from "./partial-body.ts";
import { type ProviderList, providerListName, readProviderList } from "./provider-list.ts";
import { type ExtractedVersion, type RemoteVersion, withState } from "./remote-version.ts";

/**
 * Whether indexes are fetched: always asked for anew ("online"), only when there is none on this machine
 * ("prefer-offline"), or never ("offline").
 */
export type NetworkMode = "online" | "prefer-offline" | "offline";

/** Bytes that an index, a packument and a types document may have. */
const mostIndex = 64 << 20;
const mostTypes = 4 << 20;

/**
 * One registry, ours or any that speaks npm's protocol. Nothing of its answers is trusted: they are read strictly,
 * archives and types are known by their digest.
 */
export class RemoteRegistry {
  /** Address, with `/` at its end. */
  readonly url: string;
  readonly #config: RegistryConfig;
  readonly #http: HttpClient;
  readonly #cache: DownloadCache;
  readonly #mode: NetworkMode;
  readonly #reader: string;
  readonly #versions = new Map<string, Promise<Result<readonly RemoteVersion[]>>>();
  #isOurs: Promise<Result<boolean>> | null = null;
  #lists: Promise<readonly Result<ProviderList>[]> | null = null;

  constructor(
    url: string,
    config: RegistryConfig,
    http: HttpClient,
    cache: DownloadCache,
    mode: NetworkMode,
  ) {
    this.url = url;
    this.#config = config;
    this.#http = http;
    this.#cache = cache;
    this.#mode = mode;
    // What was fetched with one token is not shown to another.
    const credential = JSON.stringify(config.credentialFor(url));
    this.#reader = createHash("sha256").update(credential).digest("hex");
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
    const text = await this.#document(url, `providers of ${interfaceName}`);
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
    if (this.#mode === "offline" && this.#cache.index(url, this.#reader) === null)
      return ok(new Map());
    const text = await this.#document(url, name);
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
    const bytes =
      this.#cache.blob(digest) ??
      (await this.#download(url, digest, mostTypes, `types of ${called}`));
    if ("ok" in bytes) return bytes;
    try {
      return ok(parseTypes(bytes.toString("utf8")));
    } catch (error) {
      return failed(this.#senseless(url, `types of ${called}: ${(error as Error).message}`));
    }
  }

  /** The archive of a version, its digest checked. */
  async archive({ name, version, archive, archiveUrl }: RemoteVersion): Promise<Result<Buffer>> {
    const known = this.#cache.blob(archive);
    if (known !== null) return ok(known);
    const isOwn = new URL(archiveUrl).origin === new URL(this.url).origin;
    if (!isOwn && !this.#config.mayHaveArchives(this.url, archiveUrl)) {
      return failed({
        code: "UP808",
        message: `${this.url} says that the archive of ${name}@${version} is on another host, at ${archiveUrl}`,
        hint: `if that is right, add \`//${new URL(this.url).host}/:archives=${new URL(archiveUrl).origin}/\` to your own settings`,
      });
    }
    const bytes = await this.#download(
      archiveUrl,
      archive,
      archiveLimits.archiveBytes,
      `archive of ${name}@${version}`,
    );
    return "ok" in bytes ? bytes : ok(bytes);
  }

  /** Whether the registry has our sparse index. */
  isOurs(): Promise<Result<boolean>> {
    this.#isOurs ??= this.#askIfOurs();
    return this.#isOurs;
  }

  async #askIfOurs(): Promise<Result<boolean>> {
    const url = `${this.url}-/unipkg/config.json`;
    const known = this.#cache.index(url, "");
    if (known !== null && this.#mode !== "online") return ok(known.text !== null);
    if (this.#mode === "offline") return ok(false);
    const answer = await this.#http.request(url, { most: 1 << 16 });
    if (!answer.ok) return answer;
    let isOurs = false;
    try {
      isOurs =
        answer.value.status === 200 && JSON.parse(answer.value.body.toString("utf8")).format === 1;
    } catch {
      // A page for people, say.
    }
    this.#cache.putIndex(url, "", { etag: null, text: isOurs ? "1" : null });
    return ok(isOurs);
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
      const text = await this.#document(url, name, anew);
      return text.ok ? this.#readVersions(text.value, name, url, ours.value) : text;
    };
    const known = await read(false);
    const isTooOld =
      known.ok && needed.some((version) => !known.value.some((each) => each.version === version));
    return isTooOld && this.#mode === "prefer-offline" ? read(true) : known;
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
          ...{ published: parsed.published, signatures: parsed.signatures },
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

  /** A document by its address, anew or as it is on this machine; null when the registry has none. */
  async #document(url: string, what: string, anew = false): Promise<Result<string | null>> {
    const known = this.#cache.index(url, this.#reader);
    if (known !== null && this.#mode !== "online" && !anew) return ok(known.text);
    if (this.#mode === "offline") {
      return failed({
        code: "UP811",
        message: `the index of ${what} of ${this.url} is not on this machine`,
        hint: "`unipkg fetch` brings what the lockfile has, while there is a network",
      });
    }
    const headers = {
      // Never npm's abbreviated form: it drops what unipkg needs.
      accept: "application/json, application/x-ndjson;q=0.9",
      ...(known?.etag == null ? {} : { "if-none-match": known.etag }),
    };
    const answer = await this.#http.request(url, { headers, most: mostIndex });
    if (!answer.ok) return answer;
    const { status, body } = answer.value;
    if (status === 304 && known !== null) return ok(known.text);
    if (status !== 200 && status !== 404) return failed(refusedBy(this.url, answer.value, what));
    const etag = answer.value.headers.etag;
    const text = status === 404 ? null : body.toString("utf8");
    this.#cache.putIndex(url, this.#reader, { etag: etag ?? null, text });
    return ok(text);
  }

  async #download(
    url: string,
    digest: string,
    most: number,
    what: string,
  ): Promise<Buffer | { readonly ok: false; readonly problems: readonly Problem[] }> {
    if (this.#mode === "offline") {
      return failed({
        code: "UP811",
        message: `the ${what} is not on this machine`,
        hint: "`unipkg fetch` brings what the lockfile has, while there is a network",
      });
    }
    const begun = this.#cache.partial(digest);
    const partial = new PartialBody(begun);
    let answer = await this.#http.request(url, { most, partial });
    if (begun !== null && answer.ok && !isOfIntegrity(answer.value.body, digest)) {
      // What was here before may have been the begin of something else.
      partial.clear();
      answer = await this.#http.request(url, { most, partial });
    }
    if (!answer.ok) {
      if (partial.length > 0) this.#cache.putPartial(digest, partial.bytes);
      return answer;
    }
    const { status, body } = answer.value;
    if (status !== 200) return failed(refusedBy(this.url, answer.value, what));
    if (!isOfIntegrity(body, digest)) {
      return failed({
        code: "UP802",
        message: `the ${what} from ${this.url} has not the SHA-512 that was promised`,
        details: [`promised  ${digest}`, `received  ${body.length} bytes of another`],
        hint: "a server or a proxy in between changed it, or the transfer was cut off: try once more",
      });
    }
    this.#cache.putBlob(digest, body);
    return body;
  }

  #senseless(url: string, reason: string): Problem {
    return { code: "UP806", message: `the answer of ${url} makes no sense: ${reason}` };
  }
}

/** A status that says no, as a problem; with the registry's own words. */
export function refusedBy(registry: string, { status, body }: HttpAnswer, what: string): Problem {
  const reason = reasonIn(body);
  if (status === 401 || status === 403) {
    return {
      code: "UP805",
      message: `${registry} does not give ${what}${reason === "" ? "" : `: ${reason}`}`,
      hint: `\`unipkg login --registry ${registry}\`, or ask for the right to it`,
    };
  }
  if (status >= 500) {
    return {
      code: "UP804",
      message: `${registry} failed with status ${status}${reason === "" ? "" : `: ${reason}`}`,
    };
  }
  return {
    code: "UP806",
    message: `${registry} answered with status ${status} for ${what}${reason === "" ? "" : `: ${reason}`}`,
  };
}

/** `error` of npm's answers, fit for a terminal. */
export function reasonIn(body: Buffer): string {
  try {
    const { error } = JSON.parse(body.toString("utf8")) as { error?: unknown };
    return typeof error === "string" ? plainText(error).slice(0, 2000) : "";
  } catch {
    return "";
  }
}
