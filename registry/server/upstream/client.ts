import { failed, ok, type Problem, type Result } from "../../../model/problem.ts";
import { archiveLimits } from "../../archive/limits.ts";
import { HttpClient, type HttpLimits, httpLimits } from "../../client/http-client.ts";
import { reasonIn } from "../../client/refusal.ts";
import { isOfIntegrity } from "../../protocol/digest.ts";
import type { UpstreamTerms } from "../event.ts";
import type { ProxiedVersion } from "./document.ts";
import type { UpstreamSettings } from "./settings.ts";

/** What came of a question for a document. */
export type DocumentAnswer =
  | { readonly kind: "new"; readonly body: Buffer; readonly etag: string | null }
  | { readonly kind: "unchanged" | "missing" };

/** Bytes that a document of an upstream may have. */
const mostDocument = 32 << 20;

/** Somebody waits for the answer: fewer and shorter attempts than a developer's own client makes. */
const limits: HttpLimits = {
  ...httpLimits,
  attempts: 2,
  silence: 10_000,
  grace: 10_000,
  redirects: 3,
};

/**
 * Speaks with one upstream. Only its own origin is asked, and what its settings allow for archives; tokens come from the
 * server's file; no private network is asked unless an administrator said so, the link's own services never.
 */
export class UpstreamClient {
  readonly #terms: UpstreamTerms;
  readonly #settings: UpstreamSettings;
  readonly #environment: Readonly<Record<string, string | undefined>>;
  #http: { readonly config: object; readonly client: HttpClient } | null = null;

  constructor(
    terms: UpstreamTerms,
    settings: UpstreamSettings,
    environment: Readonly<Record<string, string | undefined>>,
  ) {
    this.#terms = terms;
    this.#settings = settings;
    this.#environment = environment;
  }

  /** A package's document, if it is another than the one of this `etag`. */
  async document(name: string, etag: string | null): Promise<Result<DocumentAnswer>> {
    const http = await this.#connect();
    if (!http.ok) return http;
    const url = `${this.#terms.url}${name.replace("/", "%2f")}`;
    const headers = {
      accept: "application/json",
      ...(etag === null ? {} : { "if-none-match": etag }),
    };
    const answer = await http.value.request(url, { headers, most: mostDocument });
    if (!answer.ok) return answer;
    const { status, body, headers: given } = answer.value;
    if (status === 304 && etag !== null) return ok({ kind: "unchanged" });
    if (status === 404) return ok({ kind: "missing" });
    if (status !== 200) return failed(unwilling(this.#terms.url, status, body));
    return ok({ kind: "new", body, etag: given.etag?.slice(0, 200) ?? null });
  }

  /** The archive of a version, its digest checked. */
  async archive({ url, archive }: ProxiedVersion, called: string): Promise<Result<Buffer>> {
    const http = await this.#connect();
    if (!http.ok) return http;
    const answer = await http.value.request(url, { most: archiveLimits.archiveBytes });
    if (!answer.ok) return answer;
    const { status, body } = answer.value;
    if (status !== 200) return failed(unwilling(this.#terms.url, status, body));
    if (isOfIntegrity(body, archive)) return ok(body);
    return failed({
      code: "UP851",
      message: `the archive of ${called} that ${this.#terms.url} sent has not the SHA-512 that it had told`,
    });
  }

  async close(): Promise<void> {
    await this.#http?.client.close();
  }

  /** A client with the settings of now. */
  async #connect(): Promise<Result<HttpClient>> {
    try {
      const config = this.#settings.config();
      if (this.#http?.config !== config) {
        void this.#http?.client.close();
        const { url, inside } = this.#terms;
        const { origin } = new URL(url);
        const client = new HttpClient(config, this.#environment, limits, {
          allows: (asked) => new URL(asked).origin === origin || config.mayHaveArchives(url, asked),
          deepest: inside ? 2 : 0,
        });
        this.#http = { config, client };
      }
      return ok(this.#http.client);
    } catch (error) {
      return failed({ code: "UP850", message: (error as Error).message });
    }
  }
}

function unwilling(url: string, status: number, body: Buffer): Problem {
  const reason = reasonIn(body);
  return {
    code: "UP850",
    message: `${url} answered with status ${status}${reason === "" ? "" : `: ${reason.slice(0, 200)}`}`,
  };
}
