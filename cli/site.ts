import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { contentSecurityPolicy } from "../linker/browser/document.ts";
import { failed, ok, type Result } from "../model/problem.ts";
import { exit } from "./exit.ts";
import type { Report } from "./report.ts";

const mediaTypes: Readonly<Record<string, string>> = {
  ".blob": "application/octet-stream",
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/** A site that is being served. */
export interface ServedSite {
  readonly address: string;
  /** Ends it, connections that are open too. */
  close(): Promise<void>;
}

/**
 * Serves the files of a built site to this machine alone, at 127.0.0.1.
 *
 * @param port 0 for any that is free
 */
export async function serveSite(folder: string, port: number): Promise<Result<ServedSite>> {
  const server = createServer((request, response) => void answer(folder, request, response));
  try {
    await new Promise<void>((resolve, reject) => {
      server.on("error", reject);
      server.listen(port, "127.0.0.1", resolve);
    });
  } catch (error) {
    return failed({
      code: "UP533",
      message: `the site cannot be served at 127.0.0.1:${port}: ${(error as Error).message}`,
      hint: "another program has that port, perhaps an earlier `unipkg run`; `--port 0` takes any that is free",
    });
  }
  const { port: had } = server.address() as AddressInfo;
  return ok({
    address: `http://127.0.0.1:${had}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}

/**
 * Serves a site until a signal ends it, which is the way that it is meant to end.
 *
 * @param settings what the page is told behind its address
 */
export async function runSite(
  folder: string,
  port: number,
  settings: string,
  report: Report,
): Promise<Result<number>> {
  const site = await serveSite(folder, port);
  if (!site.ok) return site;
  report.line(`${site.value.address}${settings}  (Ctrl-C ends it)`);
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, resolve);
  });
  await site.value.close();
  return ok(exit.ok);
}

async function answer(folder: string, request: IncomingMessage, response: ServerResponse) {
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.writeHead(405, { Allow: "GET, HEAD" }).end();
    return;
  }
  const file = fileOf(request.url ?? "/");
  const content = file === null ? null : await readFile(join(folder, file)).catch(() => null);
  if (file === null || content === null) {
    response.writeHead(404, { ...headers, "Content-Type": "text/plain" }).end("Not Found\n");
    return;
  }
  const type = mediaTypes[extname(file)] ?? "application/octet-stream";
  response.writeHead(200, { ...headers, "Content-Type": type, "Content-Length": content.length });
  response.end(request.method === "HEAD" ? undefined : content);
}

/** A worker takes the policy of its own answer; `no-cache` has a new build seen at the next load. */
const headers = {
  "Cache-Control": "no-cache",
  "Content-Security-Policy": `${contentSecurityPolicy}; frame-ancestors 'none'`,
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
};

/** The file that a request's path names; null for what no site has. */
function fileOf(target: string): string | null {
  const path = target.split("?", 1)[0]!;
  if (path === "/") return "index.html";
  // Names as the back end gives them: nothing that leads out of the folder, or to what is hidden.
  return /^(\/[a-z][a-z0-9-]*)+(\.[a-z]+)+$/.test(path) ? path.slice(1) : null;
}
