import { gunzipSync } from "node:zlib";
import { failed, ok, type Result } from "../../model/problem.ts";
import { type ArchiveLimits, archiveLimits, ratioMatters } from "./limits.ts";
import type { PackedFile } from "./pack.ts";
import { collisionAmong, pathFault } from "./path.ts";
import { blockBytes, readHeader } from "./tar-header.ts";

/** An archive that is safe to unpack. */
export interface ScannedArchive {
  /** Without the folder that all are in, sorted by UTF-16 code units. The bytes are parts of one buffer. */
  readonly files: readonly PackedFile[];
  /** The uncompressed tar stream. */
  readonly tar: Buffer;
}

/**
 * Looks at all of an archive before anything of it is written anywhere, and refuses the whole (UP801) for one
 * bad entry: links, devices, paths that lead out, two entries for one file, a NUL, set-id bits, more than the
 * limits allow. An unpacker that skips what it does not like leaves a package that nobody has reviewed.
 *
 * @param called what messages call it: `@acme/firewall@1.0.0`
 */
export function scanArchive(
  archive: Uint8Array,
  called: string,
  limits: ArchiveLimits = archiveLimits,
): Result<ScannedArchive> {
  const refused = (reason: string) =>
    failed({
      code: "UP801",
      message: `the archive of ${called} is refused: it ${reason}`,
      hint: "nothing of it was unpacked; tell whoever published it",
    });
  if (archive.length > limits.archiveBytes) {
    return refused(`has ${archive.length} bytes, of at most ${limits.archiveBytes}`);
  }
  const most = Math.min(
    limits.unpackedBytes,
    Math.max(ratioMatters, archive.length * limits.ratio),
  );
  let tar: Buffer;
  try {
    tar = gunzipSync(archive, { maxOutputLength: most });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === "ERR_BUFFER_TOO_LARGE"
      ? refused(`unpacks to more than ${most} bytes, from ${archive.length}`)
      : refused(`is not a whole gzip stream (${code ?? (error as Error).message})`);
  }
  const entries = readEntries(tar, limits);
  if (typeof entries === "string") return refused(entries);
  const collision = collisionAmong(entries.map(({ path }) => path));
  if (collision !== null) {
    const [one, other] = collision.map(shown);
    return refused(
      one === other
        ? `has \`${one}\` twice`
        : `has \`${one}\` and \`${other}\`, which are one file on some systems`,
    );
  }
  return ok({ files: entries.sort((a, b) => (a.path < b.path ? -1 : 1)), tar });
}

/** All files of a tar stream; a reason against it when there is one. */
function readEntries(tar: Buffer, limits: ArchiveLimits): PackedFile[] | string {
  const files: PackedFile[] = [];
  let count = 0;
  let paxPath: string | null = null;
  let root: string | null = null;
  let ended = false;
  for (let at = 0; at < tar.length; ) {
    const block = tar.subarray(at, at + blockBytes);
    if (block.every((byte) => byte === 0)) {
      // POSIX.1-2017, pax: two blocks of zeros end it; what follows may only be padding.
      ended = true;
      at += blockBytes;
      continue;
    }
    if (ended) return "has something behind its end";
    if (block.length < blockBytes) return "ends within a header";
    const header = readHeader(block);
    if (typeof header === "string") return header;
    if (++count > limits.entries) return `has more than ${limits.entries} entries`;
    const begin = at + blockBytes;
    const bytes = tar.subarray(begin, begin + header.size);
    if (bytes.length < header.size) return "ends within a file";
    at = begin + Math.ceil(header.size / blockBytes) * blockBytes;
    if (header.type === "x" || header.type === "g") {
      const read = readPax(bytes, header.type === "g");
      if (typeof read === "string") return read;
      if (header.type === "x") paxPath = read.path ?? paxPath;
      continue;
    }
    const name = paxPath ?? header.name;
    paxPath = null;
    const bare = header.type === "5" ? name.replace(/\/$/, "") : name;
    const fault = kindFault(header.type) ?? modeFault(header.mode) ?? pathFault(bare);
    if (fault !== null) return `has the entry \`${shown(name)}\`, which ${fault}`;
    const slash = bare.indexOf("/");
    const top = slash === -1 ? bare : bare.slice(0, slash);
    if (root === null) root = top;
    else if (top !== root)
      return `has two folders at its top, \`${shown(root)}\` and \`${shown(top)}\``;
    if (header.type === "5") continue;
    if (slash === -1) return `has the file \`${shown(bare)}\` beside its folder`;
    files.push({ path: bare.slice(slash + 1), bytes });
  }
  if (paxPath !== null || !ended) return "ends within an entry";
  return files.length === 0 ? "has no files" : files;
}

function kindFault(type: string): string | null {
  if (type === "0" || type === "5") return null;
  const kinds: Readonly<Record<string, string>> = {
    "1": "is a hard link",
    "2": "is a symbolic link",
    "3": "is a device",
    "4": "is a device",
    "6": "is a pipe",
  };
  return kinds[type] ?? `is of the unknown type ${JSON.stringify(type)}`;
}

function modeFault(mode: number): string | null {
  return (mode & 0o7000) === 0 ? null : "has set-id or sticky bits";
}

/** The records of a pax header: only a path, times and comments have a place in a package. */
function readPax(bytes: Buffer, global: boolean): { readonly path: string | null } | string {
  let path: string | null = null;
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const length = space === -1 ? Number.NaN : Number(bytes.toString("latin1", at, space));
    const record = bytes.subarray(space + 1, at + length);
    const isWhole = Number.isInteger(length) && length > space - at && at + length <= bytes.length;
    if (!isWhole || record.at(-1) !== 0x0a) return "has a pax header that cannot be read";
    const [, key = "", value = ""] = /^([^=]*)=([\s\S]*)\n$/.exec(record.toString("utf8")) ?? [];
    if (key === "path" && !global) path = value;
    else if (!harmlessPax.test(key)) return `has a pax header with \`${shown(key)}\``;
    at += length;
  }
  return { path };
}

/** Records that change nothing of what is unpacked. */
const harmlessPax = /^(atime|ctime|mtime|comment|uid|gid|uname|gname|SCHILY\.(dev|ino|nlink))$/;

/** A name from an archive that is fit for a terminal. */
function shown(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is replaced
  return name.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, "?").slice(0, 200);
}
