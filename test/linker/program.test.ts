import { describe, expect, test } from "vitest";
import { assembleProgram, type PackageSources } from "../../linker/program.ts";
import type { Manifest } from "../../model/manifest.ts";
import type { Plan } from "../../model/plan.ts";
import type { Release } from "../../model/release.ts";
import { parseManifest } from "../../registry/manifest.ts";

/** Packages as maps of files; their manifests are read as a user's would be. */
function sourcesOf(packages: Record<string, Record<string, string>>): PackageSources {
  const manifests = new Map<string, Manifest>();
  for (const [name, files] of Object.entries(packages)) {
    const block = JSON.parse(files["package.json"] ?? "{}") as object;
    const text = JSON.stringify({ name, version: "1.0.0", license: "ISC", unipkg: block });
    const manifest = parseManifest(text, "package.json");
    if (!manifest.ok) throw new Error(JSON.stringify(manifest.problems));
    manifests.set(name, manifest.value);
  }
  return {
    release: (name) => ({ manifest: manifests.get(name)! }) as Release,
    read: (name, file) => packages[name]?.[file] ?? null,
  };
}

const packages = {
  unix: {
    "package.json": JSON.stringify({
      kind: "target",
      requires: { event: "^1.0.0" },
      target: { backend: "elf-hosted", host: [], forbids: [], prefers: {} },
    }),
  },
  loop: {
    "package.json": JSON.stringify({
      kind: "library",
      provides: { event: { version: "1.0.0", module: "src/event.ts" } },
    }),
    "src/event.ts":
      'import { turn } from "./turn";\nexport function dispatch(): void { turn(); }\n',
    "src/turn.ts": "export function turn(): void {}\n",
  },
  store: {
    "package.json": JSON.stringify({
      kind: "library",
      provides: { "kv-ro": { version: "1.0.0", module: "src/store.ts" } },
      config: { folder: { type: "folder", doc: "what it holds" } },
    }),
    "src/store.ts": 'import { folder } from "config";\nexport const size: i32 = folder.length;\n',
  },
  site: {
    "package.json": JSON.stringify({
      kind: "app",
      module: "src/main.ts",
      requires: {
        event: "^1.0.0",
        left: { interface: "kv-ro", range: "^1.0.0" },
        right: { interface: "kv-ro", range: "^1.0.0" },
      },
    }),
    "src/main.ts":
      'import { size } from "left";\nimport * as right from "right";\nimport { dispatch } from "event";\nexport function main(): void {}\n',
  },
};

const plan: Plan = {
  target: "unix",
  root: "site",
  packages: [],
  bindings: [
    ["site", "event", "event", "loop"],
    ["site", "left", "kv-ro", "store#site.left"],
    ["site", "right", "kv-ro", "store#site.right"],
    ["unix", "event", "event", "loop"],
  ].map(([consumer, slot, of, provider]) => ({
    consumer: consumer!,
    slot: slot!,
    interface: of!,
    provider: provider!,
    reason: "only provider" as const,
  })),
};

const settings = new Map([
  ["store#site.left", "export const folder: i32[] = [1];\n"],
  ["store#site.right", "export const folder: i32[] = [2];\n"],
]);

describe("assembleProgram", () => {
  test("binds every import to its provider, and a slot of another name to an instance of its own", () => {
    const program = assembleProgram(plan, sourcesOf(packages), settings);
    if (!program.ok) throw new Error(JSON.stringify(program.problems));
    const text = [...program.value.files].sort().map(([path, source]) => `--- ${path}\n${source}`);
    expect(text.join("\n")).toMatchSnapshot();
  });

  test("names the import that is no slot, with its place", () => {
    const wrong = { ...packages.site, "src/main.ts": 'import { f } from "tpc";\n' };
    const program = assembleProgram(plan, sourcesOf({ ...packages, site: wrong }), settings);
    expect(program).toMatchSnapshot();
  });

  test("names the file that is not there", () => {
    const wrong = { ...packages.loop, "src/event.ts": 'import { turn } from "./turnn";\n' };
    const program = assembleProgram(plan, sourcesOf({ ...packages, loop: wrong }), settings);
    expect(program).toMatchSnapshot();
  });
});
