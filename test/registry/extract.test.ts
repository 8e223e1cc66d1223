import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { extract } from "../../registry/extract.ts";
import { extractionVersion } from "../../registry/extraction-cache.ts";
import { openPackageFolder, type PackageSource } from "../../registry/package-folder.ts";

function open(folder: string): PackageSource {
  const opened = openPackageFolder(folder);
  if (!opened.ok) throw new Error(JSON.stringify(opened.problems));
  return opened.value;
}

const find = (name: string) => open(`recipes/interfaces/${name}`);
const loop = open("recipes/libraries/event-loop");

describe("extract", () => {
  it("finds the same however often the standard library was parsed before, and after failures", () => {
    const first = extract(loop, find);
    expect(first.ok).toBe(true);
    const broken: PackageSource = {
      ...loop,
      read: (file) => `${loop.read(file)}\nlet x: Nothing;`,
    };
    expect(extract(broken, find).ok).toBe(false);
    expect(extract(loop, find)).toEqual(first);
    for (const name of ["tcp", "http", "clock"]) expect(extract(find(name), find).ok).toBe(true);
    expect(extract(loop, find)).toEqual(first);
  });

  it("is cached under the version of the compiler that package.json pins", () => {
    const { dependencies } = JSON.parse(readFileSync("package.json", "utf8")) as {
      dependencies: Record<string, string>;
    };
    expect(extractionVersion).toContain(`assemblyscript ${dependencies["assemblyscript"]}`);
  });

  it("never throws, whatever the source", () => {
    const file = loop.manifest.provides[0]!.module;
    const text = loop.read(file)!;
    const outcome = (changed: string) => {
      const source = {
        ...loop,
        read: (name: string) => (name === file ? changed : loop.read(name)),
      };
      const result = extract(source, find);
      if (!result.ok) expect(result.problems.length).toBeGreaterThan(0);
    };
    for (const odd of [
      "",
      "(".repeat(20_000),
      "\0",
      "export default 1",
      "export * from './nothing'",
    ]) {
      outcome(odd);
    }
    const words = fc.constantFrom(
      "",
      "{",
      "}",
      "class",
      "null",
      "i32",
      "<T>",
      "super",
      '"',
      "`",
      "=>",
      "this",
    );
    fc.assert(
      fc.property(fc.nat(), fc.nat(20), words, (from, length, word) => {
        const at = from % text.length;
        outcome(text.slice(0, at) + word + text.slice(at + length));
      }),
      { seed: 7, numRuns: 40 },
    );
  });
});
