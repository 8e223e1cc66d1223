import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Result } from "../../model/problem.ts";
import { readApplication } from "../../registry/application.ts";
import { buildCatalog } from "../../registry/build-catalog.ts";
import { type Catalog, openCatalog } from "../../registry/catalog.ts";

const folder = mkdtempSync(join(tmpdir(), "unipkg-catalog-"));
const bundled = join(folder, "dist/catalog.json");
const cache = join(folder, "cache");

beforeAll(async () => {
  cpSync("recipes/interfaces", join(folder, "recipes/interfaces"), { recursive: true });
  value(await buildCatalog(join(folder, "recipes"), bundled));
});
afterAll(() => rmSync(folder, { recursive: true }));

function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.problems, null, 2));
  return result.value;
}

/** Writes a package with one source into a folder of its own, and answers the folder. */
function write(path: string, manifest: object, files: Record<string, string>): string {
  const root = join(folder, path);
  mkdirSync(join(root, "src"), { recursive: true });
  writeFileSync(join(root, "package.json"), JSON.stringify(manifest));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(root, file), text);
  return root;
}

function clockLibrary(version: string, body: string): [object, Record<string, string>] {
  const provides = { clock: { version: "1.0.0", module: "src/clock.ts" } };
  const text = `export function monotonic(): u64 { return ${body}; }\nexport function wall(): i64 { return 0; }\n`;
  return [
    { name: "my-clock", version, unipkg: { kind: "library", provides } },
    { "src/clock.ts": text },
  ];
}

describe("openCatalog", () => {
  it("has the bundled packages, with their files", async () => {
    const catalog = value(await openCatalog({ bundled, folders: [], cache }));
    expect(catalog.names()).toEqual(readdirSync("recipes/interfaces").sort());
    const [tcp] = catalog.releases("tcp");
    expect(tcp?.signature?.exports["listen"]).toMatchObject({ kind: "function" });
    expect(catalog.files("tcp", "1.0.0")).toEqual(["package.json", "src/tcp.ts"]);
    expect(catalog.read("tcp", "1.0.0", "src/tcp.ts")).toBe(
      readFileSync("recipes/interfaces/tcp/src/tcp.ts", "utf8"),
    );
    expect(catalog.read("tcp", "1.0.0", "../clock/package.json")).toBeNull();
    expect(catalog.read("tcp", "2.0.0", "src/tcp.ts")).toBeNull();
    expect(catalog.folder("tcp", "1.0.0")).toBe(join(folder, "recipes/interfaces/tcp"));
    expect(catalog.releases("nothing")).toEqual([]);
  });

  it("adds the packages of folders, newest first, and extracts them once", async () => {
    write("own/one", ...clockLibrary("1.9.0", "1"));
    write("own/two", ...clockLibrary("1.10.0", "2"));
    const options = { bundled, folders: [join(folder, "own")], cache: join(folder, "cache-once") };
    const catalog = value(await openCatalog(options));
    const versions = (list: ReturnType<Catalog["providers"]>) =>
      list.map(({ manifest }) => `${manifest.name}@${manifest.version}`);
    expect(versions(catalog.providers("clock"))).toEqual(["my-clock@1.10.0", "my-clock@1.9.0"]);
    expect(versions(catalog.releases("my-clock"))).toEqual(["my-clock@1.10.0", "my-clock@1.9.0"]);
    const entries = readdirSync(join(options.cache, "extracted"));
    expect(entries).toHaveLength(2);
    // What the cache says is believed: it is read, and the compiler is not asked again.
    for (const entry of entries) {
      const file = join(options.cache, "extracted", entry);
      writeFileSync(file, readFileSync(file, "utf8").replaceAll('"monotonic"', '"fromCache"'));
    }
    const again = value(await openCatalog(options));
    expect(Object.keys(again.providers("clock")[0]!.provided["clock"]!.exports)).toContain(
      "fromCache",
    );
    for (const entry of entries)
      writeFileSync(join(options.cache, "extracted", entry), "{ damaged");
    const anew = value(await openCatalog(options));
    expect(anew.providers("clock")).toEqual(catalog.providers("clock"));
  });

  it("refuses two contents under one name and version, and takes equal ones as one", async () => {
    write("same/a", ...clockLibrary("3.0.0", "1"));
    write("same/b", ...clockLibrary("3.0.0", "1"));
    expect((await openCatalog({ bundled, folders: [join(folder, "same")], cache })).ok).toBe(true);
    write("twice/a", ...clockLibrary("3.0.0", "1"));
    write("twice/b", ...clockLibrary("3.0.0", "2"));
    const result = await openCatalog({ bundled, folders: [join(folder, "twice")], cache });
    expect(result).toMatchObject({
      problems: [{ code: "UP203", details: [join(folder, "twice/a"), join(folder, "twice/b")] }],
    });
  });

  it("tells errors of a library's source with the library's name", async () => {
    write("broken", ...clockLibrary("1.0.0", "nothing()"));
    const result = await openCatalog({ bundled, folders: [join(folder, "broken")], cache });
    expect(result).toMatchObject({
      problems: [
        {
          code: "UP401",
          message: "Cannot find name 'nothing'",
          place: {
            package: "my-clock",
            version: "1.0.0",
            file: "src/clock.ts",
            line: 1,
            column: 43,
          },
        },
      ],
    });
  });

  it("refuses links in a package, and folders that are not there", async () => {
    const root = write("linked", ...clockLibrary("1.0.0", "1"));
    symlinkSync("/etc/hostname", join(root, "notes.txt"));
    const result = await openCatalog({ bundled, folders: [root, join(folder, "gone")], cache });
    expect(!result.ok && result.problems.map(({ code, message }) => `${code} ${message}`)).toEqual([
      `UP705 the catalog folder ${join(folder, "gone")} is not there`,
      `UP705 ${join(root, "notes.txt")} is a symbolic link: a package has regular files only`,
    ]);
  });

  it("says what to do when there is no index", async () => {
    const result = await openCatalog({ bundled: join(folder, "none.json"), folders: [], cache });
    expect(result).toMatchObject({ problems: [{ code: "UP705" }] });
  });
});

describe("buildCatalog", () => {
  it("refuses a provider that breaks its interface's promise, and writes nothing", async () => {
    const root = join(folder, "lying");
    cpSync("recipes/interfaces/clock", join(root, "clock"), { recursive: true });
    const [manifest] = clockLibrary("1.0.0", "");
    write("lying/my-clock", manifest, {
      "src/clock.ts": "export function monotonic(): u32 { return 1; }\n",
    });
    const output = join(folder, "lying.json");
    const result = await buildCatalog(root, output);
    expect(!result.ok && result.problems.map(({ code, message }) => `${code} ${message}`)).toEqual([
      "UP403 my-clock@1.0.0 does not match clock@1.0.0: monotonic: the result is u32, the interface says u64",
      "UP403 my-clock@1.0.0 does not match clock@1.0.0: wall: the provider does not export it",
    ]);
    expect(readdirSync(folder)).not.toContain("lying.json");
  });

  it("accepts all of the recipes, and gives the same bytes again", async () => {
    const [one, two] = [join(folder, "dist/one.json"), join(folder, "dist/two.json")];
    const recipes = join(folder, "all-recipes");
    cpSync("recipes", recipes, { recursive: true });
    value(await buildCatalog(recipes, one));
    value(await buildCatalog(recipes, two));
    expect(readFileSync(one, "utf8")).toBe(readFileSync(two, "utf8"));
  });
});

describe("readApplication", () => {
  const main = `import { monotonic } from "clock";\nexport function main(): void { monotonic(); }\n`;
  const manifest = {
    name: "app",
    version: "1.0.0",
    unipkg: { kind: "app", requires: { clock: "^1.0.0" } },
  };

  it("reads an app, and again from the cache until a source changes", async () => {
    const catalog = value(await openCatalog({ bundled, folders: [], cache: null }));
    const root = write("app", manifest, { "src/main.ts": main, "notes.txt": "a" });
    const options = join(folder, "cache-app");
    const first = value(await readApplication(root, catalog, options));
    expect(first.release.uses).toEqual({ clock: ["monotonic"] });
    expect(first.read("src/main.ts")).toBe(main);
    writeFileSync(join(root, "notes.txt"), "b");
    const again = value(await readApplication(root, catalog, options));
    expect(again.release).toEqual(first.release);
    expect(readdirSync(join(options, "extracted"))).toHaveLength(1);
    writeFileSync(join(root, "src/main.ts"), main.replaceAll("monotonic", "wall"));
    const changed = value(await readApplication(root, catalog, options));
    expect(changed.release.uses).toEqual({ clock: ["wall"] });
    expect(changed.release.integrity).not.toBe(first.release.integrity);
  });

  it("refuses a library and a folder without manifest", async () => {
    const catalog = value(await openCatalog({ bundled, folders: [], cache: null }));
    const library = write("library", ...clockLibrary("1.0.0", "1"));
    expect(await readApplication(library, catalog, null)).toMatchObject({
      problems: [{ code: "UP704" }],
    });
    expect(await readApplication(join(folder, "cache"), catalog, null)).toMatchObject({
      problems: [{ code: "UP103" }],
    });
  });
});
