import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CompiledImage, compileImage } from "../../../linker/node-host/image.ts";
import { link } from "../../recipes/link.ts";
import { type Answer, Machine, type MachineOptions } from "./machine.ts";

/** Results of the interface `files`. */
export const done = 0;
export const absent = 1;
export const invalid = 2;
export const exists = 3;
export const wrongKind = 4;
export const notEmpty = 5;
export const full = 6;
export const corrupt = 7;
export const foreign = 8;
export const failed = 9;

export function fatImage(): Promise<CompiledImage> {
  return link("test/recipes/apps/fat-driver").then(compileImage);
}

export interface Listed {
  readonly name: string;
  readonly isFolder: boolean;
  readonly size: number;
  readonly modified: bigint;
}

/** A volume on a simulated disk. */
export class FatMachine {
  readonly machine: Machine;
  /** What the opening was told. */
  readonly result: number | null;

  constructor(image: CompiledImage, bytes: Uint8Array, options: MachineOptions = {}) {
    this.machine = new Machine(image, bytes, options);
    this.result = this.machine.take().find(({ kind }) => kind === 0)?.result ?? null;
  }

  /** Gives one command, without its number, and answers what is told. */
  ask(kind: string, ...words: (string | number)[]): Answer {
    this.machine.tell([kind, 1, ...words].join("|"));
    if (this.machine.trap !== null) throw new Error(this.machine.trap);
    return this.machine.take()[0]!;
  }

  change(kind: string, ...words: (string | number)[]): number {
    return this.ask(kind, ...words).result;
  }

  list(path = ""): readonly Listed[] | number {
    const { result, bytes } = this.ask("list", path);
    if (result !== done) return result;
    const text = Buffer.from(bytes).toString();
    // Names of damaged volumes may have anything in them.
    const lines = [...text.matchAll(/^(.*)\|(folder|file)\|(\d+)\|(-?\d+)$/gm)];
    return lines.map(([, name, kind, size, modified]) => ({
      name: name!,
      isFolder: kind === "folder",
      size: Number(size),
      modified: BigInt(modified!),
    }));
  }

  read(path: string, position = 0, length = 0x7fffffff): Uint8Array | number {
    const { result, bytes } = this.ask("read", path, position, length);
    return result === done ? bytes : result;
  }

  /** Every path, with a file's bytes and null for a folder. */
  tree(path = ""): Map<string, Uint8Array | null> {
    const found = new Map<string, Uint8Array | null>();
    const entries = this.list(path);
    if (typeof entries === "number") throw new Error(`list ${path}: ${entries}`);
    for (const { name, isFolder } of entries) {
      const whole = path === "" ? name : `${path}/${name}`;
      if (isFolder) {
        found.set(whole, null);
        for (const [inner, bytes] of this.tree(whole)) found.set(inner, bytes);
      } else {
        const bytes = this.read(whole);
        if (typeof bytes === "number") throw new Error(`read ${whole}: ${bytes}`);
        found.set(whole, bytes);
      }
    }
    return found;
  }

  get space(): { readonly free: number; readonly capacity: number } {
    const [free, capacity] = Buffer.from(this.ask("space").bytes).toString().split(" ");
    return { free: Number(free), capacity: Number(capacity) };
  }
}

/** A file of the test's own for programs of the system. */
export class ImageFile {
  readonly #folder = mkdtempSync(join(tmpdir(), "unipkg-fat-"));
  readonly path = join(this.#folder, "fat.img");

  write(bytes: Uint8Array): void {
    writeFileSync(this.path, bytes);
  }

  read(): Uint8Array {
    return new Uint8Array(readFileSync(this.path));
  }

  /** Runs a program of dosfstools or mtools on it; throws with what it printed when it fails. */
  run(command: string, ...words: string[]): string {
    const { status, stdout, stderr, error } = spawnSync(command, words, {
      encoding: "utf8",
      env: { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin:/sbin`, LC_ALL: "C.UTF-8" },
    });
    if (error !== undefined) throw error;
    if (status !== 0)
      throw new Error(`${command} ${words.join(" ")}: ${status}\n${stdout}${stderr}`);
    return stdout;
  }

  /** What `fsck.fat` has to say; null when all is well. */
  check(bytes: Uint8Array): string | null {
    this.write(bytes);
    try {
      this.run("fsck.fat", "-n", this.path);
      return null;
    } catch (error) {
      return (error as Error).message;
    }
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** An empty volume, made by mkfs.fat. */
export function makeVolume(file: ImageFile, bytes: number, ...options: string[]): Uint8Array {
  file.write(new Uint8Array(bytes));
  file.run("mkfs.fat", "-F", "32", "--invariant", ...options, file.path);
  return file.read();
}
