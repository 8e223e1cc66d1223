/**
 * An initial file system for Linux: a cpio archive of the format "newc"
 * (Documentation/driver-api/early-userspace/buffer-format.rst).
 */

export interface ArchiveFile {
  /** Without a slash in front. */
  readonly path: string;
  readonly content: string | Uint8Array;
  readonly executable?: boolean;
}

/** The archive of these files and the folders round them; sorted, of no time and of root's, so that equal files are equal bytes. */
export function archive(files: readonly ArchiveFile[]): Uint8Array {
  const folders = new Set(files.flatMap(({ path }) => foldersOf(path)));
  const entries = [
    ...[...folders].map((path) => ({ path, mode: 0o040755, content: new Uint8Array() })),
    ...files.map(({ path, content, executable }) => ({
      path,
      mode: executable === true ? 0o100755 : 0o100644,
      content: Buffer.from(content),
    })),
  ].sort((a, b) => (a.path < b.path ? -1 : 1));
  const trailer = { path: "TRAILER!!!", mode: 0, content: new Uint8Array() };
  return Buffer.concat([...entries, trailer].flatMap((entry, index) => member(entry, index + 1)));
}

function foldersOf(path: string): string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}

/** Header, name and content, the latter two filled up to multiples of 4. */
function member(
  { path, mode, content }: { path: string; mode: number; content: Uint8Array },
  inode: number,
): Buffer[] {
  const name = Buffer.from(`${path}\0`);
  // inode, mode, user, group, links, time, size, 2 of the device, 2 of what a device file is, name, checksum
  const fields = [inode, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, name.length, 0];
  const header = `070701${fields.map((value) => value.toString(16).padStart(8, "0")).join("")}`;
  const head = Buffer.concat([Buffer.from(header), name]);
  return [head, padding(head.length), Buffer.from(content), padding(content.length)];
}

function padding(length: number): Buffer {
  return Buffer.alloc((4 - (length % 4)) % 4);
}
