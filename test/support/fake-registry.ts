import { createServer, type IncomingHttpHeaders } from "node:http";
import { onTestFinished } from "vitest";

/** What a test's server answers to a path; a text or bytes alone is status 200. */
export interface FakeAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Sends a byte at a time, so many milliseconds apart. */
  readonly drip?: number;
  /** Ends the connection after so many bytes of the body. */
  readonly cut?: number;
}

export interface FakeRegistry {
  readonly url: string;
  /** Every request that came. */
  readonly requests: { readonly path: string; readonly headers: IncomingHttpHeaders }[];
}

/** A server that answers as a test says: hostile, foreign or broken. */
export async function fakeRegistry(
  answer: (path: string, url: string, headers: IncomingHttpHeaders) => FakeAnswer | null,
): Promise<FakeRegistry> {
  const requests: FakeRegistry["requests"] = [];
  let url = "";
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    requests.push({ path, headers: request.headers });
    const {
      status = 200,
      headers = {},
      body = "",
      drip,
      cut,
    } = answer(path, url, request.headers) ?? { status: 404, body: '{"error":"not found"}' };
    response.writeHead(status, headers);
    if (cut !== undefined) {
      response.write(body.slice(0, cut), () => response.destroy());
      return;
    }
    if (drip === undefined) {
      response.end(body);
      return;
    }
    let at = 0;
    const timer = setInterval(() => {
      if (at < body.length) response.write(body.slice(at, ++at));
      else response.end();
    }, drip);
    response.on("close", () => clearInterval(timer));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  url = `http://127.0.0.1:${address.port}/`;
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url, requests };
}
