import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { gunzip } from "node:zlib";
import { answer } from "./api.ts";
import { type ApiResponse, json, refuse } from "./exchange.ts";
import { Metrics } from "./metrics.ts";
import type { Registry } from "./registry.ts";

export interface HttpOptions {
  /** Address of the registry as its users have it, behind a proxy perhaps; null for that of each request's Host. */
  readonly url: string | null;
  /** Whether `X-Forwarded-For` is believed: only behind a proxy that sets it. */
  readonly trustProxy: boolean;
  /** Gets a line of JSON for each request; null for none. */
  readonly log: ((line: string) => void) | null;
}

/** Milliseconds after which whoever drips bytes is cut off. */
export const httpTimeouts = {
  headersTimeout: 10_000,
  requestTimeout: 120_000,
  keepAliveTimeout: 65_000,
  /** How often connections are looked at. */
  connectionsCheckingInterval: 5_000,
};

/** A document with an archive of 32 MiB in Base64. */
const mostBody = 48 << 20;

/** The registry as an HTTP server, with what operators look at: `/-/health`, `/-/ready`, `/-/metrics`. */
export class HttpServer {
  readonly #registry: Registry;
  readonly #options: HttpOptions;
  readonly #server: Server;
  readonly #metrics: Metrics;
  #stopping = false;

  constructor(registry: Registry, options: HttpOptions, timeouts = httpTimeouts) {
    this.#registry = registry;
    this.#options = options;
    this.#metrics = new Metrics(registry.now().getTime());
    this.#server = createServer(
      {
        ...timeouts,
        maxHeaderSize: 16 << 10,
      },
      (request, response) => void this.#serve(request, response),
    );
  }

  /** @returns the port that it listens on */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, host, () => {
        const address = this.#server.address();
        resolve(typeof address === "object" && address !== null ? address.port : port);
      });
    });
  }

  /** Takes no more requests, finishes those under way, and resolves then. */
  stop(): Promise<void> {
    this.#stopping = true;
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeIdleConnections();
    });
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const begin = performance.now();
    let response: ApiResponse;
    const address = this.#addressOf(incoming);
    try {
      const url = targetOf(incoming.url ?? "/");
      const path = url === null ? null : pathOf(url.pathname);
      const own = path === null ? null : await this.#own(path.join("/"));
      if (path === null || url === null) response = refuse(400, "the path cannot be read");
      else if (own !== null) response = own;
      else {
        const body = await bodyOf(incoming);
        const reached = await this.#reached();
        response = !reached
          ? refuse(503, "the registry's database cannot be reached")
          : body === null
            ? { ...refuse(413, "the body is too large"), headers: { connection: "close" } }
            : await answer(
                {
                  ...{ method: incoming.method ?? "GET", path, query: url.searchParams },
                  ...{ headers: incoming.headers, body, address, base: this.#baseOf(incoming) },
                },
                this.#registry,
              );
      }
    } catch (error) {
      response = refuse(500, "the registry failed; its log has more");
      this.#options.log?.(JSON.stringify({ level: "error", message: (error as Error).stack }));
    }
    const bytes = send(response, incoming, outgoing, this.#stopping);
    const seconds = (performance.now() - begin) / 1000;
    this.#metrics.count(incoming.method ?? "", response.status, seconds, bytes);
    this.#options.log?.(
      JSON.stringify({
        time: this.#registry.now().toISOString(),
        method: incoming.method,
        // Tokens can be in paths: `npm logout`.
        path: (incoming.url ?? "").replace(/upt_[^/?]*/g, "upt_…"),
        status: response.status,
        seconds: Number(seconds.toFixed(4)),
        ...{ bytes, address },
      }),
    );
  }

  /** Takes in what other instances did: what one has acknowledged, all answer with. */
  #reached(): Promise<boolean> {
    return this.#registry.storage.refresh().then(
      () => true,
      (error: Error) => {
        this.#options.log?.(JSON.stringify({ level: "error", message: error.message }));
        return false;
      },
    );
  }

  /** What is about the server, not about packages. */
  async #own(path: string): Promise<ApiResponse | null> {
    switch (path) {
      case "-/health":
        return json(200, { ok: true });
      case "-/ready":
        if (this.#stopping) return refuse(503, "it is stopping");
        return (await this.#reached())
          ? json(200, { ok: true })
          : refuse(503, "the registry's database cannot be reached");
      case "-/metrics": {
        const { state } = this.#registry.storage;
        const text = this.#metrics.text(this.#registry.now().getTime(), {
          packages: state.packages.size,
          log_entries: state.last,
          resident_bytes: process.memoryUsage.rss(),
        });
        const upstream = this.#registry.upstreams.counts.lines().map((line) => `${line}\n`);
        return {
          status: 200,
          headers: { "content-type": "text/plain; version=0.0.4" },
          body: `${text}${upstream.join("")}`,
        };
      }
      default:
        return null;
    }
  }

  #addressOf(incoming: IncomingMessage): string {
    const forwarded = incoming.headers["x-forwarded-for"];
    // The last one was put there by the nearest proxy; those before it may be the client's own invention.
    if (this.#options.trustProxy && typeof forwarded === "string") {
      return forwarded.split(",").at(-1)!.trim();
    }
    return incoming.socket.remoteAddress ?? "";
  }

  #baseOf({ headers }: IncomingMessage): string {
    if (this.#options.url !== null) return this.#options.url;
    const { host = "" } = headers;
    return `http://${/^[A-Za-z0-9.:[\]-]{1,255}$/.test(host) ? host : "localhost"}/`;
  }
}

/** What is asked for: a path, or a whole address (RFC 9112, 3.2). One that begins with `//` is a path, and names no host. */
function targetOf(text: string): URL | null {
  const address = text.startsWith("/") ? `http://registry${text}` : text;
  return URL.canParse(address) ? new URL(address) : null;
}

/** The parts of a path; a package name with a scope is one, whether its slash was encoded or not. */
function pathOf(pathname: string): readonly string[] | null {
  const parts: string[] = [];
  try {
    for (const part of pathname.slice(1).replace(/\/$/, "").split("/")) {
      const decoded = decodeURIComponent(part);
      const last = parts.at(-1);
      if (last !== undefined && /^@[^/]+$/.test(last))
        parts[parts.length - 1] = `${last}/${decoded}`;
      else parts.push(decoded);
    }
  } catch {
    return null;
  }
  return parts;
}

/** The whole body, unpacked when it was compressed; null when it is too large. */
async function bodyOf(incoming: IncomingMessage): Promise<Buffer | null> {
  if (incoming.method === "GET" || incoming.method === "HEAD") return empty;
  if (Number(incoming.headers["content-length"] ?? 0) > mostBody) return null;
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > mostBody) return null;
    chunks.push(chunk);
  }
  const body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
  if (incoming.headers["content-encoding"] !== "gzip") return body;
  return new Promise((resolve) => {
    gunzip(body, { maxOutputLength: mostBody }, (error, bytes) =>
      resolve(error === null ? bytes : null),
    );
  });
}

const empty = Buffer.alloc(0);

/** @returns bytes of the body */
function send(
  { status, headers = {}, body = "" }: ApiResponse,
  { method }: IncomingMessage,
  outgoing: ServerResponse,
  last: boolean,
): number {
  const length = typeof body === "string" ? Buffer.byteLength(body) : body.length;
  outgoing.writeHead(status, {
    // What publishers wrote is data, and stays that when a browser shows it; pages for people say what they may do.
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    ...headers,
    ...(status === 304 ? {} : { "content-length": length }),
    "x-content-type-options": "nosniff",
    ...(last ? { connection: "close" } : {}),
  });
  outgoing.end(method === "HEAD" || status === 304 ? undefined : body);
  return length;
}
