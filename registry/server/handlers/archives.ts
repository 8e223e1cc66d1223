import { versionOfArchive } from "../../protocol/package-name.ts";
import { type ApiRequest, type ApiResponse, isAnswer, refuse } from "../exchange.ts";
import type { Registry } from "../registry.ts";
import { readable } from "./packages.ts";
import { bringPackage, proxiedArchive } from "./proxied.ts";

/** `GET /NAME/-/FILE`: an archive. */
export async function getArchive(
  name: string,
  file: string,
  request: ApiRequest,
  registry: Registry,
): Promise<ApiResponse> {
  const found = readable(name, request, registry);
  // A package of an upstream may be asked for by its archive first: a lockfile of npm has its address.
  if (isAnswer(found) ? registry.upstreams.of(name) !== null : found.proxied !== null) {
    return getProxied(name, file, request, registry);
  }
  if (isAnswer(found)) return found;
  const version = found.versions.get(versionOfArchive(name, file) ?? "");
  if (version === undefined || version.unpublished) return refuse(404, "no such version");
  const headers = {
    etag: `"${version.archive}"`,
    "content-type": "application/octet-stream",
    "cache-control": `${found.access === "public" ? "public" : "private"}, max-age=31536000, immutable`,
  };
  if (request.headers["if-none-match"] === headers.etag) return { status: 304, headers };
  const body = await registry.storage.getBlob(version.archive);
  if (body === null) return refuse(500, "the archive is lost");
  return restOf(body, request, { ...headers, "accept-ranges": "bytes" });
}

/** An archive of a package of an upstream, from here or from there. */
async function getProxied(
  name: string,
  file: string,
  request: ApiRequest,
  registry: Registry,
): Promise<ApiResponse> {
  let found = readable(name, request, registry);
  let archive = isAnswer(found) ? null : await proxiedArchive(found, file, registry);
  if (archive === null) {
    const fresh = await bringPackage(name, false, request, registry);
    if (isAnswer(fresh)) return fresh;
    found = readable(name, request, registry);
    if (isAnswer(found)) return found;
    archive = await proxiedArchive(found, file, registry);
  }
  if (archive === null) return refuse(404, "no such version");
  const headers = {
    etag: `"${archive.digest}"`,
    "content-type": "application/octet-stream",
    "cache-control": "private, max-age=31536000, immutable",
  };
  if (request.headers["if-none-match"] === headers.etag) return { status: 304, headers };
  const body = await archive.body();
  return Buffer.isBuffer(body)
    ? restOf(body, request, { ...headers, "accept-ranges": "bytes" })
    : body;
}

/** A body, or the rest of it for a transfer that broke off (RFC 9110, 14.1.2); other ranges get the whole. */
function restOf(
  body: Buffer,
  { headers: { range } }: ApiRequest,
  headers: Readonly<Record<string, string>>,
): ApiResponse {
  const from = Number(/^bytes=(\d{1,15})-$/.exec(range ?? "")?.[1] ?? Number.NaN);
  if (Number.isNaN(from)) return { status: 200, headers, body };
  const total = body.length;
  if (from >= total) {
    return {
      ...refuse(416, "it is not that long"),
      headers: { "content-range": `bytes */${total}` },
    };
  }
  const sent = { ...headers, "content-range": `bytes ${from}-${total - 1}/${total}` };
  return { status: 206, headers: sent, body: body.subarray(from) };
}
