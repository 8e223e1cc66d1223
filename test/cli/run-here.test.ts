// `unipkg run --here`: what is refused, and what `insmod` is called with. No module is loaded: the `insmod` on the path writes its words down.
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { loadHere, whyNotHere } from "../../cli/load-module.ts";
import { Report } from "../../cli/report.ts";
import { runHere } from "../../cli/run-here.ts";
import { testFolder, unipkg, unipkgOk } from "../support/unipkg.ts";

const path = process.env["PATH"];

afterEach(() => {
  process.env["PATH"] = path;
});

/** An ELF file whose only section says which kernel it is for. */
function makeModule(folder: string, release: string): string {
  const information = Buffer.from(`license=GPL\0vermagic=${release} SMP preempt mod_unload \0`);
  const names = Buffer.from("\0.modinfo\0.shstrtab\0");
  const header = Buffer.alloc(64);
  header.write("\x7fELF", 0, "latin1");
  header.set([2, 1, 1], 4);
  header.writeBigUInt64LE(BigInt(64 + information.length + names.length), 40);
  header.writeUInt16LE(64, 52);
  header.writeUInt16LE(64, 58);
  header.writeUInt16LE(3, 60);
  header.writeUInt16LE(2, 62);
  const section = (name: number, offset: number, size: number) => {
    const entry = Buffer.alloc(64);
    entry.writeUInt32LE(name, 0);
    entry.writeUInt32LE(name === 0 ? 0 : 1, 4);
    entry.writeBigUInt64LE(BigInt(offset), 24);
    entry.writeBigUInt64LE(BigInt(size), 32);
    return entry;
  };
  const sections = [
    section(0, 0, 0),
    section(1, 64, information.length),
    section(10, 64 + information.length, names.length),
  ];
  const file = join(folder, "my-site.ko");
  writeFileSync(file, Buffer.concat([header, information, names, ...sections]));
  return file;
}

/** Puts an `insmod` first on the path. */
function fakeInsmod(folder: string, script: string): void {
  writeFileSync(join(folder, "insmod"), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, "insmod"), 0o755);
  process.env["PATH"] = `${folder}:${path}`;
}

test("a module for another kernel, and one who is not root, are refused", () => {
  const module = makeModule(testFolder(), "6.1.0-56-cloud-amd64");
  const other = whyNotHere(module, { release: "6.12.1", isRoot: true });
  expect(other).toMatchObject({
    code: "UP553",
    message: "the module is for Linux 6.1.0-56-cloud-amd64, and this machine runs 6.12.1",
  });
  const user = { release: "6.1.0-56-cloud-amd64", isRoot: false };
  expect(whyNotHere(module, user)).toMatchObject({
    code: "UP554",
    hint: `sudo insmod ${module}`,
  });
  expect(whyNotHere(module, { ...user, isRoot: true })).toBeNull();
});

test("insmod gets the file and its parameters, and what undoes it is told", () => {
  const folder = testFolder();
  fakeInsmod(folder, `printf '%s\\n' "$@" > ${folder}/words`);
  const loaded = loadHere("/build/my-site.ko", ["port=80", "title=two words"]);
  expect(readFileSync(join(folder, "words"), "utf8")).toBe(
    "/build/my-site.ko\nport=80\ntitle=two words\n",
  );
  expect(loaded.ok && loaded.value.at(-1)).toMatch(/^ {2}rmmod my_site +takes it out$/);
});

test("what insmod says is passed on when it fails", () => {
  fakeInsmod(testFolder(), 'echo "insmod: ERROR: File exists" >&2; exit 1');
  expect(loadHere("/build/my-site.ko", [])).toMatchObject({
    ok: false,
    problems: [{ code: "UP555", details: ["insmod: ERROR: File exists"] }],
  });
});

test("without a terminal and without --yes nothing is loaded", async () => {
  const folder = testFolder();
  fakeInsmod(folder, `touch ${folder}/loaded`);
  const image = makeModule(folder, "6.1.0");
  const written: string[] = [];
  const output = {
    write: (text: string | Uint8Array) => void written.push(`${text}`),
    terminal: false,
    columns: 80,
  };
  const world = { folder, environment: {}, stdout: output, stderr: output };
  const report = new Report(world, { json: false, color: "never", quiet: false });
  const kernel = { release: "6.1.0", isRoot: true };
  const wasTerminal = process.stdin.isTTY;
  process.stdin.isTTY = false;
  try {
    const refused = await runHere({ image, parameters: [], yes: false }, report, kernel);
    expect(refused).toMatchObject({ ok: false, problems: [{ code: "UP702" }] });
    expect(written).toEqual([]);
    expect(await runHere({ image, parameters: [], yes: true }, report, kernel)).toEqual({
      ok: true,
      value: 0,
    });
    expect(written.join("")).toContain("loaded as my_site\n");
  } finally {
    process.stdin.isTTY = wasTerminal;
  }
});

test("--here is for modules", () => {
  const folder = testFolder();
  unipkgOk(folder, "init", "greeting", "--template", "hello");
  const { status, stderr } = unipkg(join(folder, "greeting"), "run", "--here");
  expect(stderr).toContain("error[UP702]: `--here` is for modules of Linux");
  expect(status).toBe(64);
});
