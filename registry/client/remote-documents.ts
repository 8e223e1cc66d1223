import { createHash } from "node:crypto";
import { plainText } from "../../model/plain-text.ts";
import { failed, ok, type Result } from "../../model/problem.ts";
import { isOfIntegrity } from "../protocol/digest.ts";
import type { RegistryConfig } from "./config.ts";
import type { DownloadCache } from "./download-cache.ts";
import type { HttpClient } from "./http-client.ts";
import { PartialBody } from "./partial-body.ts";
import { refusedBy } from "./refusal.ts";

/**
 * Whether indexes are fetched: always asked for anew ("online"), only when there is none on this machine
 * ("prefer-offline"), or never ("offline").
 */
export type NetworkMode = "online" | "prefer-offline" | "offline";

/** Bytes that an index or a packument may have. */
const mostIndex = 64 << 20;

/** What one registry sends, from this machine as far as it is here. */
export class RemoteDocuments {
  readonly mode: NetworkMode;
  readonly #registry: string;
  readonly #http: HttpClient;
  readonly #cache: DownloadCache;
  readonly #reader: string;
  readonly #notice: (text: string) => void;

  /** @param notice gets what a registry wants its users to know of a document: that it is an old one */
  constructor(
    registry: string,
    config: RegistryConfig,
    http: HttpClient,
    cache: DownloadCache,
    mode: NetworkMode,
    notice: (text: string) => void,
  ) {
    this.#registry = registry;
    this.#notice = notice;
    this.#http = http;
    this.#cache = cache;
    this.mode = mode;
    // What was fetched with one token is not shown to another.
    const credential = JSON.stringify(config.credentialFor(registry));
    this.#reader = createHash("sha256").update(credential).digest("hex");
  }

  /** Whether the registry has our sparse index. */
  async isOurs(): Promise<Result<boolean>> {
    const url = `${this.#registry}-/unipkg/config.json`;
    const known = this.#cache.index(url, "");
    if (known !== null && this.mode !== "online") return ok(known.text !== null);
    if (this.mode === "offline") return ok(false);
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

  /** A document by its address, anew or as it is on this machine; null when the registry has none. */
  async document(url: string, what: string, anew = false): Promise<Result<string | null>> {
    const known = this.#cache.index(url, this.#reader);
    if (known !== null && this.mode !== "online" && !anew) return ok(known.text);
    if (this.mode === "offline") {
      return failed({
        code: "UP811",
        message: `the index of ${what} of ${this.#registry} is not on this machine`,
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
    const told = answer.value.headers["npm-notice"];
    if (typeof told === "string") this.#notice(plainText(told).slice(0, 300));
    if (status === 304 && known !== null) return ok(known.text);
    if (status !== 200 && status !== 404)
      return failed(refusedBy(this.#registry, answer.value, what));
    const etag = answer.value.headers.etag;
    const text = status === 404 ? null : body.toString("utf8");
    this.#cache.putIndex(url, this.#reader, { etag: etag ?? null, text });
    return ok(text);
  }

  /** Whether a document is on this machine. */
  has(url: string): boolean {
    return this.#cache.index(url, this.#reader) !== null;
  }

  /** Whether a blob is on this machine, and whole. */
  hasBlob(digest: string): boolean {
    return this.#cache.blob(digest) !== null;
  }

  /** Bytes that are known by their digest: from this machine, or from an address. A transfer that breaks off goes on. */
  async blob(url: string, digest: string, most: number, what: string): Promise<Result<Buffer>> {
    const known = this.#cache.blob(digest);
    if (known !== null) return ok(known);
    if (this.mode === "offline") {
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
    if (status !== 200) return failed(refusedBy(this.#registry, answer.value, what));
    if (!isOfIntegrity(body, digest)) {
      return failed({
        code: "UP802",
        message: `the ${what} from ${this.#registry} has not the SHA-512 that was promised`,
        details: [`promised  ${digest}`, `received  ${body.length} bytes of another`],
        hint: "a server or a proxy in between changed it, or the transfer was cut off: try once more",
      });
    }
    this.#cache.putBlob(digest, body);
    return ok(body);
  }
}
