import { lookup } from "node:dns";
import { readFileSync } from "node:fs";
import type { IncomingHttpHeaders } from "node:http";
import { isIP, type LookupFunction } from "node:net";
import type { Dispatcher } from "undici";
import { failed, ok, type Result } from "../../model/problem.ts";
import { type Zone, zoneOfAddress, zoneOfHost } from "./address-zone.ts";
import type { RegistryConfig } from "./config.ts";
import { Credentials } from "./credentials.ts";
import { reasonOf, senseless, shownUrl, unreachable, untrusted } from "./http-problem.ts";
import { PartialBody } from "./partial-body.ts";

export interface HttpRequest {
  readonly method?: "GET" | "PUT" | "POST" | "DELETE";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Bytes that an answer may have. */
  readonly most: number;
  /** Of a GET whose body is known by its digest: what has come of it, here and in earlier attempts. */
  readonly partial?: PartialBody;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface HttpLimits {
  /** Attempts for what may pass: no connection, 429, 502, 503, 504. */
  readonly attempts: number;
  /** Milliseconds before the second attempt; doubled each time. */
  readonly pause: number;
  /** Milliseconds without a byte. */
  readonly silence: number;
  /** Milliseconds after which an answer must have come with `slowest` bytes a second on the average. */
  readonly grace: number;
  readonly slowest: number;
  readonly redirects: number;
}

export const httpLimits: HttpLimits = {
  attempts: 4,
  pause: 250,
  silence: 30_000,
  grace: 20_000,
  slowest: 1024,
  redirects: 5,
};

/** Where a client may go at all, for one that others send: a server that asks another. */
export interface HttpBoundary {
  /** Whether an address may be asked; looked at for each step of a redirect. */
  allows(url: string): boolean;
  /** How far inside an address may lead. It is looked at when the connection is made: a name cannot change its mind. */
  readonly deepest: Zone;
}

/**
 * Speaks HTTP with registries. A token goes to the addresses that the user's file has it for, looked up anew for each
 * step of a redirect; never from https to http, and never over plain http to another machine.
 */
export class HttpClient {
  readonly #config: RegistryConfig;
  readonly #environment: Readonly<Record<string, string | undefined>>;
  readonly #limits: HttpLimits;
  readonly #boundary: HttpBoundary | null;
  readonly #credentials: Credentials;
  #dispatcher: Promise<Dispatcher> | null = null;

  constructor(
    config: RegistryConfig,
    environment: Readonly<Record<string, string | undefined>>,
    limits: HttpLimits = httpLimits,
    boundary: HttpBoundary | null = null,
  ) {
    this.#config = config;
    this.#environment = environment;
    this.#limits = limits;
    this.#boundary = boundary;
    this.#credentials = new Credentials(config, environment);
  }

  /**
   * One request, with the attempts and redirects that it takes. Any status is an answer; only none is a problem.
   *
   * @param token for this address, instead of the configured one; empty for none
   */
  async request(url: string, request: HttpRequest, token?: string): Promise<Result<HttpAnswer>> {
    let at = url;
    for (let step = 0; step <= this.#limits.redirects; step++) {
      const fault = this.#faultOf(at);
      if (fault !== null) return failed(untrusted(fault));
      const answer = await this.#withAttempts(at, request, step === 0 ? token : undefined);
      if (!answer.ok) return answer;
      const { status, headers } = answer.value;
      const { location } = headers;
      if (status < 300 || status >= 400 || status === 304 || location === undefined) return answer;
      if (request.method !== undefined && request.method !== "GET") {
        return failed(
          untrusted(`${at} redirects what would be changed there, to ${shownUrl(location)}`),
        );
      }
      if (!URL.canParse(location, at)) return failed(untrusted(`${at} redirects to nowhere`));
      const next = new URL(location, at);
      if (next.protocol !== "https:" && (at.startsWith("https:") || next.protocol !== "http:")) {
        return failed(untrusted(`${at} redirects to where it is not safe, ${shownUrl(next.href)}`));
      }
      const isInside = next.host !== new URL(at).host && (await this.#leadsInside(url, next));
      if (isInside) {
        return failed(
          untrusted(`${at} redirects to where only this machine gets, ${shownUrl(next.href)}`),
        );
      }
      at = next.href;
    }
    return failed(untrusted(`${url} redirects without end`));
  }

  /** Why an address is beyond the boundary; null when it is not, or is a name that is yet to be looked up. */
  #faultOf(url: string): string | null {
    if (this.#boundary === null) return null;
    if (!this.#boundary.allows(url)) return `${shownUrl(url)} is not an address that may be asked`;
    const host = new URL(url).hostname.replace(/^\[|\]$/g, "");
    const isTooDeep = isIP(host) !== 0 && zoneOfAddress(host) > this.#boundary.deepest;
    return isTooDeep ? `${shownUrl(url)} leads into a private network` : null;
  }

  /**
   * Whether an address is further inside than the one that was asked for: a registry must not have this machine speak
   * with what its own network hides (server-side request forgery). Behind a proxy it is the proxy's to decide.
   */
  async #leadsInside(url: string, next: URL): Promise<boolean> {
    if (this.#isProxied) return false;
    const [from, to] = await Promise.all([
      zoneOfHost(new URL(url).hostname),
      zoneOfHost(next.hostname),
    ]);
    return to > from;
  }

  get #isProxied(): boolean {
    return ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"].some(
      (name) => (this.#environment[name] ?? "") !== "",
    );
  }

  async close(): Promise<void> {
    await (await this.#dispatcher)?.close();
  }

  async #withAttempts(
    url: string,
    request: HttpRequest,
    given: string | undefined,
  ): Promise<Result<HttpAnswer>> {
    const token = await this.#credentials.tokenFor(url, given);
    if (!token.ok) return token;
    const headers = {
      ...request.headers,
      ...(token.value === null || token.value === ""
        ? {}
        : { authorization: `Bearer ${token.value}` }),
      "user-agent": "unipkg",
    };
    let last: Result<HttpAnswer> = failed(unreachable(url, "no attempt was made"));
    for (let attempt = 0; attempt < this.#limits.attempts; attempt++) {
      if (attempt > 0) await pause(waitAfter(last, attempt, this.#limits.pause));
      last = await this.#attempt(url, { ...request, headers });
      if (!last.ok ? last.problems[0]?.code !== "UP804" : !mayPass(last.value.status, request))
        return last;
      // What changes something is not sent twice, unless the server said that it did not take it.
      const isSafe = request.method === undefined || request.method === "GET";
      if (!isSafe && !(last.ok && last.value.status === 429)) return last;
    }
    return last.ok ? failed(unreachable(url, `status ${last.value.status}`)) : last;
  }

  async #attempt(
    url: string,
    { method = "GET", headers, body, most, partial }: HttpRequest,
  ): Promise<Result<HttpAnswer>> {
    const { request } = await import("undici");
    const begin = performance.now();
    try {
      const answer = await request(url, {
        ...{ method, headers: { ...headers, ...partial?.headers }, body: body ?? null },
        dispatcher: await this.#connections(),
        headersTimeout: this.#limits.silence,
        bodyTimeout: this.#limits.silence,
      });
      const announced = Number(answer.headers["content-length"] ?? 0);
      const { statusCode: status } = answer;
      const range = answer.headers["content-range"];
      const isPart =
        partial?.begins(status, typeof range === "string" ? range : undefined) === true;
      // The rest of something else: the next attempt begins anew.
      if (!isPart && (status === 206 || status === 416)) partial?.clear();
      const received = isPart ? partial : new PartialBody();
      let length = 0;
      for await (const chunk of answer.body as AsyncIterable<Buffer>) {
        length += chunk.length;
        if (received.length + chunk.length > most || announced > most) {
          answer.body.destroy();
          return failed(senseless(url, `more than ${most} bytes`));
        }
        const elapsed = performance.now() - begin;
        if (elapsed > this.#limits.grace && length < (elapsed / 1000) * this.#limits.slowest) {
          answer.body.destroy();
          return failed(
            unreachable(url, `it sends less than ${this.#limits.slowest} bytes a second`),
          );
        }
        received.append(chunk);
      }
      return ok({
        status: isPart ? 200 : status,
        headers: answer.headers as IncomingHttpHeaders,
        body: received.bytes,
      });
    } catch (error) {
      return failed(unreachable(url, reasonOf(error as Error)));
    }
  }

  #connections(): Promise<Dispatcher> {
    this.#dispatcher ??= this.#connect();
    return this.#dispatcher;
  }

  async #connect(): Promise<Dispatcher> {
    const { Agent, EnvHttpProxyAgent } = await import("undici");
    const { cafile } = this.#config;
    const { rootCertificates } = await import("node:tls");
    const connect = {
      ...(cafile === null ? {} : { ca: [...rootCertificates, readFileSync(cafile, "utf8")] }),
      ...(this.#boundary === null || this.#isProxied
        ? {}
        : { lookup: lookupWithin(this.#boundary.deepest) }),
    };
    const options = { connect, connections: 32, pipelining: 1 };
    return this.#isProxied ? new EnvHttpProxyAgent(options) : new Agent(options);
  }
}

/** Whether another attempt may have another status: a server that is busy, or a rest that was none. */
function mayPass(status: number, { partial }: HttpRequest): boolean {
  return (
    [429, 502, 503, 504].includes(status) || (partial !== undefined && [206, 416].includes(status))
  );
}

/** Milliseconds: what the server asks for, up to half a minute, or twice as long as the last time. */
function waitAfter(last: Result<HttpAnswer>, attempt: number, first: number): number {
  const asked = last.ok ? Number(last.value.headers["retry-after"]) : Number.NaN;
  if (Number.isFinite(asked) && asked >= 0) return Math.min(asked * 1000, 30_000);
  return first * 2 ** (attempt - 1);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Looks names up, and knows none whose addresses lead further inside. */
function lookupWithin(deepest: Zone): LookupFunction {
  return (hostname, options, done) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return done(error, []);
      const inside = addresses.some(({ address }) => zoneOfAddress(address) > deepest);
      if (inside) return done(new Error(`${hostname} leads into a private network`), []);
      const [first] = addresses;
      if (options.all === true) done(null, addresses);
      else done(null, first!.address, first!.family);
    });
  };
}
