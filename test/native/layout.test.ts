import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readElf } from "../../linker/native/elf.ts";
import { memoryGap, randomLayout } from "../../linker/native/layout.ts";
import { compile, makeImage } from "./program.ts";

const names = Array.from({ length: 20 }, (_, index) => `function_${index}`);

test("a layout is by its seed, whatever order the functions came in", () => {
  const layout = randomLayout("a", names);
  expect(randomLayout("a", [...names].reverse())).toEqual(layout);
  expect(randomLayout("b", names).script).not.toBe(layout.script);
  const listed = [...layout.script.matchAll(/\*\(\.text\.(function_\d+) /g)].map(
    ([, name]) => name,
  );
  expect(listed).not.toEqual(names);
  expect([...listed].sort()).toEqual([...names].sort());
});

test("it moves whole pages, and not far; seeds differ in that", () => {
  const shifts = Array.from({ length: 50 }, (_, seed) => randomLayout(`${seed}`, names).shift);
  for (const shift of shifts) {
    expect(shift % 4096).toBe(0);
    expect(shift).toBeLessThan(1 << 20);
  }
  expect(new Set(shifts).size).toBeGreaterThan(30);
});

test("the program's data are behind a gap of less than 256 KiB, which seeds differ in, too", () => {
  const gaps = Array.from({ length: 50 }, (_, seed) => memoryGap(`${seed}`));
  for (const gap of gaps) {
    expect(gap % 16).toBe(0);
    expect(gap).toBeLessThan(256 << 10);
  }
  expect(new Set(gaps).size).toBeGreaterThan(45);
});

test("images of two seeds have their functions at other places and in another order", async () => {
  const compiled = await compile(
    `export function start(now: i64): i64 { print("x".repeat(<i32>now) + now.toString()); return -1; }
     export function poll(now: i64, ready: i32): i64 { return -1; }`,
  );
  const places = async (layoutSeed: string) => {
    const { output, report } = await makeImage("xen", compiled, { layoutSeed });
    expect(report.ok).toBe(true);
    const { symbols } = readElf(readFileSync(`${output}.debug`));
    const functions = symbols.filter(({ kind, name }) => kind === "function" && /_\d+$/.test(name));
    return functions.sort((a, b) => (a.address < b.address ? -1 : 1));
  };
  const one = await places("1");
  const other = await places("2");
  expect(one.length).toBeGreaterThan(5);
  expect(one.map(({ name }) => name)).not.toEqual(other.map(({ name }) => name));
  expect(one[0]!.address - other[0]!.address).not.toBe(0n);
});
