// Hostile archives: the whole is refused, with a reason, and nothing is written outside of the folder, nor in it.
import { existsSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { scanArchive } from "../../registry/archive/scan.ts";
import { unpackTo } from "../../registry/archive/unpack.ts";
import { type HandmadeEntry, handmadeArchive, handmadeTar, plainEntry } from "../support/tar.ts";
import { testFolder } from "../support/unipkg.ts";

const called = "@evil/x@1.0.0";

const paxPath = (path: string): HandmadeEntry => {
  const rest = ` path=${path}\n`;
  const length = [3, 4].map((digits) => digits + Buffer.byteLength(rest) - 1);
  const whole = length.find((each) => String(each).length + Buffer.byteLength(rest) === each);
  return {
    name: "PaxHeader",
    type: "x",
    content: `${whole ?? Buffer.byteLength(rest) + 2}${rest}`,
  };
};

const attacks: Readonly<Record<string, readonly HandmadeEntry[]>> = {
  "a symbolic link": [plainEntry, { name: "package/link", type: "2", link: "/etc/passwd" }],
  "a link, then a file through it": [
    { name: "package/out", type: "2", link: ".." },
    { name: "package/out/pwned", content: "x" },
  ],
  "a hard link": [plainEntry, { name: "package/hard", type: "1", link: "package/package.json" }],
  "a character device": [plainEntry, { name: "package/null", type: "3" }],
  "a pipe": [plainEntry, { name: "package/pipe", type: "6" }],
  "a parent path": [plainEntry, { name: "package/../../pwned", content: "x" }],
  "an absolute path": [plainEntry, { name: "/tmp/pwned", content: "x" }],
  "a drive": [plainEntry, { name: "package/C:/pwned", content: "x" }],
  "a backslash": [plainEntry, { name: "package/..\\pwned", content: "x" }],
  "a NUL with a tail": [plainEntry, { name: "package/good.ts\0.exe", content: "x" }],
  "a NUL in a pax path": [plainEntry, paxPath("package/a\0b"), { name: "package/a" }],
  "one path twice": [plainEntry, plainEntry],
  "two paths that differ by case": [
    { name: "package/src/a.ts", content: "1" },
    { name: "package/src/A.ts", content: "2" },
  ],
  "two folders that differ by case": [
    { name: "package/src/a.ts", content: "1" },
    { name: "package/SRC/b.ts", content: "2" },
  ],
  "two paths that differ by composition": [
    { name: "package/\u00e9", content: "1" },
    { name: "package/e\u0301", content: "2" },
  ],
  "a file that is a folder, too": [
    { name: "package/a", content: "1" },
    { name: "package/a/b", content: "2" },
  ],
  "a set-user-id bit": [{ ...plainEntry, mode: "0004755" }],
  "an unknown type": [plainEntry, { name: "package/a", type: "Z" }],
  "a pax header with a link": [{ name: "PaxHeader", type: "x", content: "17 linkpath=/etc\n" }],
  "a device name of Windows": [plainEntry, { name: "package/nul.ts", content: "x" }],
  "two top folders": [plainEntry, { name: "other/file", content: "x" }],
  "a file that is cut off": [{ ...plainEntry, size: 1 << 20 }],
  "control characters in a name": [plainEntry, { name: "package/\u001b[2Jx", content: "x" }],
};

test.each(Object.entries(attacks))("an archive with %s is refused", async (_, entries) => {
  const folder = testFolder();
  const result = await unpackTo(handmadeArchive(entries), join(folder, "in/package"), called);
  expect(result.ok).toBe(false);
  expect(existsSync(join(folder, "in/package"))).toBe(false);
  expect(existsSync(join(folder, "pwned"))).toBe(false);
  // Nothing is left, not even in part.
  expect(existsSync(join(folder, "in")) ? readdirSync(join(folder, "in")) : []).toEqual([]);
});

test("each refusal says why", () => {
  const reasons = Object.entries(attacks).map(([name, entries]) => {
    const result = scanArchive(handmadeArchive(entries), called);
    return `${name}: ${result.ok ? "accepted" : `${result.problems[0]!.code} ${result.problems[0]!.message}`}`;
  });
  expect(reasons.join("\n")).toMatchSnapshot();
});

test("bombs stop at the limit, not after it", () => {
  const zeros = gzipSync(
    handmadeTar([{ name: "package/zeros", content: Buffer.alloc(200 << 20) }]),
  );
  expect(scanArchive(zeros, called)).toMatchObject({ ok: false, problems: [{ code: "UP801" }] });
  const many = handmadeArchive(
    Array.from({ length: 10_001 }, (_, index) => ({ name: `package/${index}`, content: "" })),
  );
  expect(scanArchive(many, called)).toMatchObject({
    ok: false,
    problems: [{ message: expect.stringContaining("more than") }],
  });
});

test("a folder that is a link elsewhere is not written through", async () => {
  const folder = testFolder();
  const outside = testFolder();
  symlinkSync(outside, join(folder, "package"));
  writeFileSync(join(outside, "kept"), "");
  await unpackTo(handmadeArchive([plainEntry]), join(folder, "package"), called);
  expect(readdirSync(outside)).toEqual(["kept"]);
});

test("damaged archives are refused or harmless, whatever the damage", async () => {
  const folder = testFolder();
  const tar = handmadeTar([plainEntry, { name: "package/src/a.ts", content: "let a = 1;\n" }]);
  let round = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(tar.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }),
      fc.boolean(),
      async (changes, truncated) => {
        const damaged = Buffer.from(tar);
        for (const [at, byte] of changes) damaged[at] = byte;
        const cut = truncated ? damaged.subarray(0, changes[0]![0]) : damaged;
        const inside = join(folder, `${round++}`);
        const result = await unpackTo(gzipSync(cut), join(inside, "package"), called);
        if (!result.ok) expect(result.problems[0]!.code).toBe("UP801");
        const around = existsSync(inside) ? readdirSync(inside) : [];
        expect(around).toEqual(result.ok ? ["package"] : []);
        expect(readdirSync(folder).every((name) => Number(name) < round)).toBe(true);
      },
    ),
    { numRuns: Number(process.env["UNIPKG_CASES"] ?? 150), seed: 7 },
  );
});
