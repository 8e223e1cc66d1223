import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { failed, ok, type Result } from "../model/problem.ts";

/**
 * Where the files of settings begin in memory (docs/abi.md, Memory). Below it is nothing, so
 * that a null reference is a fault.
 */
export const blobAddress = 65536;

const alignment = 16;

/** One file of a `file` or `folder` setting in the image's memory. */
export interface BlobFile {
  /** Path inside the folder, with `/`; the file's own name for a `file` setting. */
  readonly path: string;
  readonly address: number;
  readonly length: number;
  /** The same for the same content: 22 characters of base64url of its SHA-256. */
  readonly tag: string;
}

/**
 * All files of settings, laid out one after another; equal files are there once. Those for the build alone come last:
 * initialisers read them at build time (linker/evaluate.ts), and the image has zeros in their place.
 */
export class Blob {
  readonly #parts: Uint8Array[] = [];
  readonly #addresses = new Map<string, number>();
  #end = blobAddress;
  readonly #buildTimeParts: Uint8Array[] = [];

  /** First address after the files, where the program's own data may begin. */
  get end(): number {
    return this.#end;
  }

  /** Whether there are files for the build alone. */
  get hasBuildTime(): boolean {
    return this.#buildTimeParts.length > 0;
  }

  /**
   * Lays a file out. Content is shared with an equal file that is there already.
   *
   * @param buildTime for the build alone: no other file can be added after one of these
   */
  add(path: string, content: Uint8Array, buildTime = false): BlobFile {
    if (!buildTime && this.hasBuildTime) throw new Error("files for the build alone come last");
    const tag = createHash("sha256").update(content).digest("base64url").slice(0, 22);
    let address = this.#addresses.get(tag);
    if (address === undefined) {
      address = this.#end;
      this.#addresses.set(tag, address);
      const padding = (alignment - (content.length % alignment)) % alignment;
      const parts = buildTime ? this.#buildTimeParts : this.#parts;
      parts.push(content, new Uint8Array(padding));
      this.#end += content.length + padding;
    }
    return { path, address, length: content.length, tag };
  }

  /** The image's files. */
  bytes(): Uint8Array {
    return Buffer.concat(this.#parts);
  }

  /** The same with those for the build alone. */
  allBytes(): Uint8Array {
    return Buffer.concat([...this.#parts, ...this.#buildTimeParts]);
  }

  /** SHA-256 over the layout, in hex. */
  digest(): string {
    const hash = createHash("sha256");
    for (const part of this.#parts) hash.update(part);
    hash.update("build time");
    for (const part of this.#buildTimeParts) hash.update(part);
    return hash.digest("hex");
  }
}

/** Reads the file or the folder of a setting, sorted by path, and lays it out. */
export async function addPath(
  blob: Blob,
  type: "file" | "folder",
  appFolder: string,
  path: string,
  setting: string,
  buildTime: boolean,
): Promise<Result<readonly BlobFile[]>> {
  const whole = join(appFolder, path);
  try {
    const isFolder = (await stat(whole)).isDirectory();
    if (isFolder !== (type === "folder")) {
      return failed({
        code: "UP504",
        message: `setting ${setting} wants a ${type}, "${path}" is a ${isFolder ? "folder" : "file"}`,
      });
    }
    if (type === "file") return ok([blob.add(path, await readFile(whole), buildTime)]);
    const files: BlobFile[] = [];
    for (const file of await filesBelow(whole)) {
      const name = relative(whole, file).split(sep).join("/");
      files.push(blob.add(name, await readFile(file), buildTime));
    }
    return ok(files);
  } catch (error) {
    return failed({
      code: "UP504",
      message: `setting ${setting}: "${path}" cannot be read`,
      details: [(error as Error).message],
      hint: `make the ${type} \`${path}\` beside package.json, or set ${setting} to another`,
    });
  }
}

/** Every file below, links followed, sorted as text by UTF-16 code units of the path with `/`. */
async function filesBelow(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const kind = await stat(path);
    if (kind.isDirectory()) found.push(...(await filesBelow(path)));
    else if (kind.isFile()) found.push(path);
  }
  const key = (path: string) => relative(folder, path).split(sep).join("/");
  return found.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
