import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { integrityOf } from "../../registry/integrity.ts";
import { openPackageFolder } from "../../registry/package-folder.ts";

const root = mkdtempSync(join(tmpdir(), "unipkg-folder-"));
afterAll(() => rmSync(root, { recursive: true }));

function write(file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
}

describe("integrityOf", () => {
  const bytes = (text: string) => new TextEncoder().encode(text);

  it("is a fixed function of paths and bytes, in any order", () => {
    const files = [
      { path: "b.ts", bytes: bytes("two\r\n") },
      { path: "a.ts", bytes: bytes("") },
    ];
    expect(integrityOf(files)).toBe(integrityOf([...files].reverse()));
    expect(integrityOf(files)).toMatchInlineSnapshot(
      `"sha512-QNfj39D4Fd/uGzprUTezvBdnsUaK0EwxJvo+5qIvMNan5Nw4zs1R4aSZ5pWDkM1MedK7guRrFqjPhDOwL2HpgQ=="`,
    );
  });

  it("differs for every other list of files", () => {
    const file = fc.record({
      path: fc.stringMatching(/^[a-z0-9]{1,4}$/),
      bytes: fc.uint8Array({ maxLength: 12 }),
    });
    const list = fc.uniqueArray(file, { selector: ({ path }) => path, maxLength: 4 });
    const canonical = (files: readonly { path: string; bytes: Uint8Array }[]) =>
      JSON.stringify(files.map(({ path, bytes: own }) => [path, [...own]]).sort());
    fc.assert(
      fc.property(list, list, (a, b) => {
        expect(integrityOf(a) === integrityOf(b)).toBe(canonical(a) === canonical(b));
      }),
      { seed: 6, numRuns: 500 },
    );
    // Bytes that look like another file's frame.
    const joined = [{ path: "a", bytes: bytes("xb\u00001\u0000y") }];
    const apart = [
      { path: "a", bytes: bytes("x") },
      { path: "b", bytes: bytes("y") },
    ];
    expect(integrityOf(joined)).not.toBe(integrityOf(apart));
  });
});

describe("openPackageFolder", () => {
  it("lists regular files, but not what is made or installed", () => {
    write("package.json", '{"name":"a","version":"1.0.0","unipkg":{"kind":"app"}}');
    write("src/main.ts", "main");
    write("src/wire/tcp.ts", "tcp");
    for (const ignored of [".git/HEAD", "node_modules/x/a.js", "dist/image", ".unipkg/cache"]) {
      write(ignored, "ignored");
    }
    const opened = openPackageFolder(root);
    if (!opened.ok) throw new Error(JSON.stringify(opened.problems));
    const before = opened.value.integrity();
    expect(opened.value.files()).toEqual({
      ok: true,
      value: ["package.json", "src/main.ts", "src/wire/tcp.ts"],
    });
    expect(opened.value.read("src/wire/tcp.ts")).toBe("tcp");
    for (const outside of ["../package.json", "src/../package.json", "/etc/passwd", "src", ""]) {
      expect(opened.value.read(outside), outside).toBeNull();
    }
    write("dist/image", "changed");
    expect(opened.value.integrity()).toEqual(before);
    write("src/main.ts", "changed");
    expect(opened.value.integrity()).not.toEqual(before);
  });

  it("tells a missing manifest with a hint", () => {
    expect(openPackageFolder(join(root, "src"))).toMatchObject({ problems: [{ code: "UP103" }] });
  });
});
