import { archiveLimits } from "./limits.ts";

/**
 * What is wrong with the path of a file in a package; null when it can be written on every system that unipkg
 * runs on, and inside of the folder that it is written to.
 */
export function pathFault(path: string): string | null {
  if (path === "") return "is empty";
  if (path.includes("\0")) return "has a NUL";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0001-\u001f\u007f]/.test(path)) return "has control characters";
  if (path.includes("\\")) return "has a backslash";
  if (path.startsWith("/") || /^[A-Za-z]:/.test(path)) return "is absolute";
  if (path.includes(":")) return "has a colon, which Windows reads as a drive or a stream";
  if (path.includes("\ufffd")) return "is not UTF-8";
  if (Buffer.byteLength(path) > archiveLimits.pathBytes) return "is too long";
  const parts = path.split("/");
  if (parts.includes("..")) return "leads out by `..`";
  if (parts.some((part) => part === "" || part === ".")) return "has an empty part";
  if (parts.length > archiveLimits.depth) return "is too deep";
  if (parts.some((part) => part.length > 255)) return "has a name that is too long";
  // Windows drops them, so that two names become one.
  if (parts.some((part) => part.endsWith(".") || part.endsWith(" "))) {
    return "has a name that ends with a dot or a space";
  }
  const reserved = parts.find((part) => windowsDevices.test(part));
  if (reserved !== undefined) return `has the name ${reserved}, which is a device on Windows`;
  return null;
}

const windowsDevices = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/** Two paths of one key are one file on some system: case is folded, accents are composed (NFC). */
export function collisionKey(path: string): string {
  return path.normalize("NFC").toUpperCase().toLowerCase().normalize("NFC");
}

/**
 * The first path that is another's file on some system, or that lies below a file; null when there is none.
 */
export function collisionAmong(paths: readonly string[]): readonly [string, string] | null {
  const files = new Map<string, string>();
  /** Every folder that some file lies in -> that file. */
  const folders = new Map<string, string>();
  const spelled = new Map<string, string>();
  for (const path of paths) {
    const key = collisionKey(path);
    const other = files.get(key) ?? folders.get(key);
    if (other !== undefined) return [other, path];
    files.set(key, path);
    const parts = path.split("/");
    for (let depth = 1; depth < parts.length; depth++) {
      const folder = parts.slice(0, depth).join("/");
      const folderKey = collisionKey(folder);
      const file = files.get(folderKey);
      if (file !== undefined) return [file, path];
      const before = spelled.get(folderKey);
      if (before !== undefined && before !== folder) return [folders.get(folderKey)!, path];
      spelled.set(folderKey, folder);
      if (!folders.has(folderKey)) folders.set(folderKey, path);
    }
  }
  return null;
}
