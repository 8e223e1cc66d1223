import { expect, test } from "vitest";
import type { Manifest } from "../../model/manifest.ts";
import type { Release } from "../../model/release.ts";
import type { ExportedItem, Primitive } from "../../model/signature.ts";
import { parseManifest } from "../../registry/manifest.ts";
import { bumpProblem, changeBetween, predecessor } from "../../registry/version-bump.ts";

const place = { file: "src/a.ts", line: 1, column: 1 };

function takes(name: Primitive): ExportedItem {
  const parameters = [{ name: "a", type: { kind: "primitive", name } as const, optional: false }];
  return { kind: "function", parameters, returns: { kind: "primitive", name: "void" }, place };
}

function release(
  version: string,
  exports: Record<string, ExportedItem>,
  more: object = {},
): Release {
  const unipkg = { kind: "library", module: "src/a.ts", ...more };
  const manifest = parseManifest(JSON.stringify({ name: "x", version, unipkg }), "package.json");
  if (!manifest.ok) throw new Error(manifest.problems[0]!.message);
  const value: Manifest = manifest.value;
  return {
    manifest: value,
    integrity: "",
    signature: { exports },
    provided: {},
    uses: {},
    effects: [],
  };
}

const f = { f: takes("u16") };
const wider = { f: takes("u32") };
const more = { f: takes("u16"), g: takes("u8") };

test.each([
  ["1.0.0", f, "1.0.1", f, null],
  ["1.0.0", f, "1.1.0", more, null],
  ["1.0.0", f, "1.0.1", more, "make it 1.1.0"],
  ["1.2.3", f, "1.3.0", wider, "make it 2.0.0"],
  ["1.2.3", f, "2.0.0", wider, null],
  ["1.2.3", more, "1.2.4", f, "make it 2.0.0"],
  ["0.1.0", f, "0.1.1", wider, "make it 0.2.0"],
  ["0.1.0", f, "0.2.0", wider, null],
  ["0.1.0", f, "0.1.1", more, null],
  ["1.0.0", f, "1.0.1-beta.1", wider, null],
] as const)("%s -> %s", (from, before, to, after, hint) => {
  const problem = bumpProblem(release(from, before), release(to, after));
  expect(problem?.hint ?? null).toBe(hint);
});

test("targets, provisions and effects are told", () => {
  const before = release("1.0.0", f, { targets: ["unix", "xen"] });
  const after: Release = {
    ...release("2.0.0", f, { targets: ["unix"], requires: { clock: "^1.0.0" } }),
    effects: [{ effect: "float", function: "f", place }],
  };
  expect(changeBetween(before, after)).toMatchInlineSnapshot(`
    {
      "added": [],
      "breaking": [
        "it is not for xen any more",
      ],
      "others": [
        "requires clock ^1.0.0",
        "new effect float, by f (src/a.ts:1)",
      ],
      "size": "breaking",
    }
  `);
});

test("the version before is the newest one below", () => {
  const versions = ["1.0.0", "2.0.0", "1.5.0"].map((version) => ({ version }));
  expect(predecessor(versions, "1.6.0")).toEqual({ version: "1.5.0" });
  expect(predecessor(versions, "1.0.0")).toBeUndefined();
});
