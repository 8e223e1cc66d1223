import { createHash } from "node:crypto";

/**
 * `sha512-…` over a package's files, in Base64 as npm writes it. The same on every machine: it covers paths
 * and bytes alone, line ends as they are; no times, modes or owners.
 *
 * The framing is unambiguous. For each file, sorted by the UTF-8 bytes of its path:
 *
 *     path in UTF-8 · one zero byte · length in bytes as ASCII decimal digits · one zero byte · the bytes
 *
 * No path has a zero byte, and the length says where the next path begins.
 */
export function integrityOf(
  files: readonly { readonly path: string; readonly bytes: Uint8Array }[],
): string {
  const hash = createHash("sha512");
  const framed = files.map(({ path, bytes }) => ({ path: Buffer.from(path, "utf8"), bytes }));
  for (const { path, bytes } of framed.sort((a, b) => Buffer.compare(a.path, b.path))) {
    hash.update(path).update(`\0${bytes.length}\0`, "latin1").update(bytes);
  }
  return `sha512-${hash.digest("base64")}`;
}
