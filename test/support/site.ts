import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { temporaryFolder, unipkgOk } from "./unipkg.ts";

/** A site of the template `web`, with files that are empty, oddly named and of 5 MiB. */
export interface Site {
  readonly folder: string;
  /** Paths below public/. */
  readonly files: readonly string[];
  remove(): void;
}

export function makeSite(): Site {
  const parent = temporaryFolder();
  unipkgOk(parent.path, "init", "site", "--template", "web");
  const folder = join(parent.path, "site");
  writeFileSync(join(folder, "public/five-megabytes.bin"), randomBytes(5 << 20));
  writeFileSync(join(folder, "public/empty.txt"), "");
  writeFileSync(join(folder, "public/odd name ü.txt"), "Umlaut\n");
  const files = readdirSync(join(folder, "public"));
  return { folder, files, remove: () => parent.remove() };
}

/** Asks a site by curl, run by the words of `before`, as in `ip netns exec NAME`. */
export class Client {
  readonly #site: Site;
  readonly #base: string;
  readonly #before: readonly string[];

  constructor(site: Site, base: string, before: readonly string[] = []) {
    this.#site = site;
    this.#base = base;
    this.#before = before;
  }

  /** Every file is answered byte for byte. */
  expectFiles(): void {
    expect(this.#site.files.length).toBeGreaterThan(4);
    for (const name of this.#site.files) {
      const answer = this.#curl("-f", `${this.#base}/${encodeURIComponent(name)}`);
      expect(answer.equals(readFileSync(join(this.#site.folder, "public", name))), name).toBe(true);
    }
  }

  /** Several requests over one connection. */
  expectKeptConnection(): void {
    const urls = Array.from({ length: 20 }, (_, index) => `${this.#base}/index.html?${index}`);
    const bodies = urls.flatMap((url) => ["-o", "/dev/null", url]);
    const made = this.#curl("-f", "-w", "%{num_connects}\\n", ...bodies);
    const connections = made.toString().trim().split("\n").map(Number);
    expect(connections).toEqual([1, ...Array.from({ length: 19 }, () => 0)]);
  }

  /** Of `count` requests over `connections` at a time, every answer is whole. */
  expectMany(count: number, connections: number): void {
    const answers = join(this.#site.folder, "answers");
    mkdirSync(answers);
    this.#curl(
      ...["-f", "-Z", "--parallel-max", `${connections}`],
      ...["-o", join(answers, "#1"), `${this.#base}/index.html?[1-${count}]`],
    );
    const file = readFileSync(join(this.#site.folder, "public/index.html"));
    const good = readdirSync(answers).filter((name) =>
      readFileSync(join(answers, name)).equals(file),
    );
    expect(good).toHaveLength(count);
    rmSync(answers, { recursive: true });
  }

  #curl(...words: readonly string[]): Buffer {
    const [command, ...args] = [
      ...this.#before,
      "curl",
      "-sS",
      "--no-progress-meter",
      "--max-time",
      "40",
      ...words,
    ];
    return execFileSync(command!, args, { maxBuffer: 1 << 28 });
  }
}
