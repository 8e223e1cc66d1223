import { failed, ok, type Result } from "../../model/problem.ts";
import type { HttpAnswer, HttpClient, HttpRequest } from "./http-client.ts";
import { reasonIn, refusedBy } from "./refusal.ts";

/** What one asks a registry to do, beside giving packages: npm's protocol, and ours where npm has none. */
export class RegistryApi {
  readonly url: string;
  readonly #http: HttpClient;

  constructor(url: string, http: HttpClient) {
    this.url = url;
    this.#http = http;
  }

  /**
   * Does something, and answers with the JSON that comes back.
   *
   * @param what for messages: "your account", "@acme/firewall@1.0.0"
   * @param token used instead of the configured one; its address is `url`, and nothing else
   */
  async call(
    method: NonNullable<HttpRequest["method"]>,
    path: string,
    what: string,
    body?: unknown,
    token?: string,
  ): Promise<Result<unknown>> {
    const answer = await this.#http.request(
      `${this.url}${path}`,
      {
        method,
        most: 64 << 20,
        headers: {
          accept: "application/json",
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      },
      token,
    );
    if (!answer.ok) return answer;
    return this.#read(answer.value, what);
  }

  /** A document, as it is; null when the registry has none at this path. */
  async find(path: string, what: string): Promise<Result<string | null>> {
    const headers = { accept: "application/json" };
    const answer = await this.#http.request(`${this.url}${path}`, { headers, most: 64 << 20 });
    if (!answer.ok) return answer;
    const { status, body } = answer.value;
    if (status === 404) return ok(null);
    return status === 200
      ? ok(body.toString("utf8"))
      : failed(refusedBy(this.url, answer.value, what));
  }

  #read(answer: HttpAnswer, what: string): Result<unknown> {
    const { status, body } = answer;
    if (status >= 200 && status < 300) {
      try {
        return ok(body.length === 0 ? {} : JSON.parse(body.toString("utf8")));
      } catch {
        return ok({});
      }
    }
    if (status === 401 || status === 403 || status >= 500) {
      return failed(refusedBy(this.url, answer, what));
    }
    const [message = `status ${status}`, ...details] = reasonIn(body).split("\n");
    return failed({
      code: "UP809",
      message: `${this.url} refused ${what}: ${message === "" ? `status ${status}` : message}`,
      ...(details.length > 0 ? { details } : {}),
    });
  }
}

/** A package's name in a path of npm's protocol. */
export function escapedName(name: string): string {
  return name.replace("/", "%2f");
}
