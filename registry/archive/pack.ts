import { gzipSync } from "node:zlib";
import { blockBytes, needsPax, writeHeader } from "./tar-header.ts";

/** A file of a package: its path with `/`, and its bytes. */
export interface PackedFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** The folder that npm puts all files of an archive in. */
export const archiveRoot = "package/";

/**
 * A package's archive: a gzipped tar as npm has it, the same bytes for the same files whoever packs them and
 * when. Sorted by the UTF-8 bytes of the paths; no times, owners or modes of the machine.
 *
 * The compressed bytes depend on the version of zlib; what is inside is covered by the integrity of the content
 * (registry/integrity), which does not.
 */
export function pack(files: readonly PackedFile[]): Buffer {
  const named = files
    .map(({ path, bytes }) => ({ name: Buffer.from(`${archiveRoot}${path}`), bytes }))
    .sort((a, b) => Buffer.compare(a.name, b.name));
  const blocks: Uint8Array[] = [];
  const add = (header: Buffer, bytes: Uint8Array) => {
    const padding = (blockBytes - (bytes.length % blockBytes)) % blockBytes;
    blocks.push(header, bytes, Buffer.alloc(padding));
  };
  for (const { name, bytes } of named) {
    if (needsPax(name)) {
      const record = paxRecord("path", name);
      add(writeHeader(Buffer.from("PaxHeader"), record.length, "x"), record);
      add(writeHeader(Buffer.from("package/pax"), bytes.length, "0"), bytes);
    } else {
      add(writeHeader(name, bytes.length, "0"), bytes);
    }
  }
  blocks.push(Buffer.alloc(2 * blockBytes));
  const archive = gzipSync(Buffer.concat(blocks), { level: 9 });
  // RFC 1952, 2.3.1: no time, and an operating system that is not told.
  archive.fill(0, 4, 8);
  archive[9] = 255;
  return archive;
}

/** `LENGTH key=value\n`, where the length counts itself. */
function paxRecord(key: string, value: Buffer): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from("\n")]);
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) {
    length = String(length).length + rest.length;
  }
  return Buffer.concat([Buffer.from(String(length)), rest]);
}
