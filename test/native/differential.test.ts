/**
 * The translator against V8: the same random functions on the same arguments, with the same results and
 * the same traps. UNIPKG_NATIVE_SEEDS=N runs N modules instead of the few of the quick suite.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { commonOptions, programOptions } from "../../linker/backends/c-compiler.ts";
import { translate } from "../../linker/native/translate.ts";
import { runCommand } from "./program.ts";
import { argumentSets, type RandomModule, randomModule } from "./random-module.ts";
import { instantiate } from "./v8.ts";

const runtime = resolve("recipes/targets/unix/runtime");

/** V8's messages, and what our runtime calls the same. */
const causes: readonly (readonly [v8: RegExp, ours: string])[] = [
  [/divide by zero|remainder by zero/, "integer divide by zero"],
  [/divide result unrepresentable/, "integer overflow"],
  // V8 has one message for NaN and for what is too large.
  [/float unrepresentable/, "unrepresentable"],
  [/memory access out of bounds/, "memory access out of bounds"],
  [/table index is out of bounds/, "table index out of bounds"],
  [/null function or function signature/, "indirect call to null or to another type"],
  [/^unreachable/, "unreachable"],
];

async function inV8({ wasm, functionCount }: RandomModule): Promise<string[]> {
  const { start } = (await instantiate(wasm, {})).exports as { start: (n: bigint) => bigint };
  return Array.from({ length: functionCount * argumentSets }, (_, n) => {
    try {
      return BigInt.asUintN(64, start(BigInt(n)))
        .toString(16)
        .padStart(16, "0");
    } catch (error) {
      const { message } = error as Error;
      const cause = causes.find(([pattern]) => pattern.test(message));
      return `trap: ${cause?.[1] ?? message}`;
    }
  });
}

async function inNative({ wasm, functionCount }: RandomModule): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "unipkg-differential-"));
  try {
    const memory = { blobAddress: 65536, blobLength: 0, maximumPages: 4 };
    const translation = translate(wasm, "", memory);
    if ("kind" in translation) throw new Error(JSON.stringify(translation));
    const program = join(folder, "program");
    writeFileSync(`${program}.c`, translation.c);
    writeFileSync(join(folder, "blob.c"), '#include "unipkg.h"\nconst u8 image_blob[1];\n');
    const compiled = await runCommand(
      process.env["CC"] ?? "cc",
      [
        ...[...commonOptions, ...programOptions, `-I${runtime}`, "-o", program],
        ...[`${program}.c`, join(folder, "blob.c"), join(runtime, "memory.c")],
        "test/native/harness.c",
      ],
      120_000,
    );
    expect(compiled).toMatchObject({ status: 0, errors: "" });
    const ran = await runCommand(program, [String(functionCount * argumentSets)]);
    expect(ran).toMatchObject({ status: 0, errors: "" });
    return ran.output
      .trimEnd()
      .split("\n")
      .map((line) => line.slice(line.indexOf(" ") + 1));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** 19 met a defect of gcc. Odd seeds are as generated, even ones optimised by binaryen. */
const quick = [19, 2];
const asked = process.env["UNIPKG_NATIVE_SEEDS"];
const seeds =
  asked === undefined ? quick : Array.from({ length: Number(asked) }, (_, seed) => seed + 1);

test.each(seeds)(
  "random functions do as in V8, seed %i",
  async (seed) => {
    const module = randomModule(seed, 100, seed % 2 === 0);
    const expected = await inV8(module);
    const actual = (await inNative(module)).map((line, n) =>
      expected[n] === "trap: unrepresentable" &&
      /^trap: (integer overflow|invalid conversion)/.test(line)
        ? "trap: unrepresentable"
        : line,
    );
    expect(actual.length).toBe(expected.length);
    const wrong = expected.findIndex((line, n) => line !== actual[n]);
    if (wrong !== -1) {
      const text = module.text(Math.floor(wrong / argumentSets));
      expect.fail(`case ${wrong}: V8 ${expected[wrong]}, native ${actual[wrong]}\n${text}`);
    }
    // The test means something only if results and traps both occur.
    const traps = new Set(expected.filter((line) => line.startsWith("trap: ")));
    expect(traps.size).toBeGreaterThan(1);
    expect(new Set(expected).size).toBeGreaterThan(100);
  },
  120_000,
);
