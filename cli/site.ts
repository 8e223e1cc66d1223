import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, extname, join } from "node:path";
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
 * @param beside folders of other sites, each served below its own name: tabs of one origin are on one network
 */
export async function serveSite(
  folder: string,
  port: number,
  beside: readonly string[] = [],
): Promise<Result<ServedSite>> {
  const folders = new Map(beside.map((path) => [basename(path), path]));
  const fileOf = (target: string) => findFile(folder, folders, target);
  const server = createServer((request, response) => void answer(fileOf, request, response));
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

export interface SiteRequest {
  readonly port: number;
  /** Folders of other sites. */
  readonly beside: readonly string[];
  /** What pages are told behind their address: `?…`, or nothing. */
  readonly settings: string;
}

/** Serves a site until a signal ends it, which is the way that it is meant to end. */
export async function runSite(
  folder: string,
  { port, beside, settings }: SiteRequest,
  report: Report,
): Promise<Result<number>> {
  for (const path of beside) {
    if (existsSync(join(path, "image.json"))) continue;
    return failed({
      code: "UP533",
      message: `${path} is no site that unipkg has made`,
      hint: "`--beside` names a folder of `unipkg build --target browser`, such as ../dns/build/dns-browser",
    });
  }
  const site = await serveSite(folder, port, beside);
  if (!site.ok) return site;
  const { address } = site.value;
  report.line(`${address}${settings}  (Ctrl-C ends it)`);
  for (const path of beside) report.line(`${address}${basename(path)}/${settings}`);
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, resolve);
  });
  await site.value.close();
  return ok(exit.ok);
}

async function answer(
  fileOf: (target: string) => string | null,
  request: IncomingMessage,
  response: ServerResponse,
) {
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.writeHead(405, { Allow: "GET, HEAD" }).end();
    return;
  }
  const file = fileOf(request.url ?? "/");
  const content = file === null ? null : await readFile(file).catch(() => null);
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
function findFile(
  folder: string,
  beside: ReadonlyMap<string, string>,
  target: string,
): string | null {
  const path = target.split("?", 1)[0]!.slice(1);
  const [first = ""] = path.split("/", 1);
  const other = path.includes("/") ? beside.get(decoded(first)) : undefined;
  const rest = other === undefined ? path : path.slice(first.length + 1);
  const name = rest === "" ? "index.html" : rest;
  // Names as the back end gives them: nothing that leads out of the folder, or to what is hidden.
  return /^([a-z][a-z-]*\/)*[a-z][a-z-]*(\.[a-z]+)+$/.test(name)
    ? join(other ?? folder, name)
    : null;
}

/** What is escaped wrongly is a name that no folder has. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return "";
  }
}
