import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type PackedFile, pack } from "../../registry/archive/pack.ts";
import { collisionAmong, pathFault } from "../../registry/archive/path.ts";
import { scanArchive } from "../../registry/archive/scan.ts";
import { unpackTo } from "../../registry/archive/unpack.ts";
import { testFolder } from "../support/unipkg.ts";

const files: readonly PackedFile[] = [
  { path: "package.json", bytes: Buffer.from("{}\n") },
  { path: "src/main.ts", bytes: Buffer.from("export function main(): void {}\n") },
  { path: "docs/größe.md", bytes: Buffer.from("ü") },
  { path: `${"deep/".repeat(20)}${"x".repeat(120)}.ts`, bytes: Buffer.from("y") },
];

test("equal files are equal bytes, in whatever order they come", () => {
  const digest = (archive: Buffer) => createHash("sha256").update(archive).digest("hex");
  expect(digest(pack([...files].reverse()))).toBe(digest(pack(files)));
});

test("GNU tar reads what was packed", () => {
  const folder = testFolder();
  writeFileSync(join(folder, "a.tgz"), pack(files));
  execFileSync("tar", ["xzf", "a.tgz"], { cwd: folder });
  for (const { path, bytes } of files) {
    expect(readFileSync(join(folder, "package", path)).equals(bytes)).toBe(true);
  }
});

test("npm's own archive of a folder can be scanned", () => {
  const folder = testFolder();
  writeFileSync(join(folder, "package.json"), '{"name":"a","version":"1.0.0"}');
  writeFileSync(join(folder, "index.js"), "");
  execFileSync("npm", ["pack", "--silent"], { cwd: folder });
  const scanned = scanArchive(readFileSync(join(folder, "a-1.0.0.tgz")), "a@1.0.0");
  expect(scanned.ok && scanned.value.files.map(({ path }) => path)).toEqual([
    "index.js",
    "package.json",
  ]);
});

const part = fc.oneof(
  fc.stringMatching(/^[a-z0-9_-]{1,12}$/),
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 }),
);
const path = fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => parts.join("/"));

test("what is packed is unpacked, byte for byte", async () => {
  const folder = testFolder();
  let round = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ path, bytes: fc.uint8Array({ maxLength: 1200 }) }), {
        minLength: 1,
        maxLength: 6,
      }),
      async (made) => {
        const paths = made.map((each) => each.path);
        fc.pre(paths.every((each) => pathFault(each) === null) && collisionAmong(paths) === null);
        const to = join(folder, `${round++}`);
        const unpacked = await unpackTo(pack(made), to, "a@1.0.0");
        expect(unpacked.ok).toBe(true);
        for (const each of made) {
          expect(readFileSync(join(to, each.path)).equals(each.bytes), each.path).toBe(true);
        }
      },
    ),
    { numRuns: Number(process.env["UNIPKG_CASES"] ?? 150), seed: 7 },
  );
});
