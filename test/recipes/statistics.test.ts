// The providers of `statistics` beside sums in whole numbers of any size.
import { expect, test } from "vitest";
import { link } from "./link.ts";
import { start } from "./running.ts";

interface Told {
  readonly count: bigint;
  readonly least: bigint;
  readonly greatest: bigint;
  readonly mean: bigint;
  readonly deviation: bigint;
}

const counts = [0, 1, 2, 3, 10, 1000, 50000];
const widths = [0n, 1n, 4n, 16n, 32n, 47n];
const bases = [0n, 1000n, 1n << 40n, 1n << 47n];

/** As the probe makes them, line by line. */
function expectedLines(): { head: string; told: Told }[] {
  let state = 1n;
  const lines: { head: string; told: Told }[] = [];
  for (const count of counts) {
    for (const width of widths) {
      for (const base of bases) {
        const numbers = Array.from({ length: count }, () => {
          state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
          return base + (width === 0n ? 0n : state >> (64n - width));
        });
        lines.push({ head: `${count} ${width} ${base}`, told: summaryOf(numbers) });
      }
    }
  }
  return lines;
}

function summaryOf(numbers: readonly bigint[]): Told {
  const count = BigInt(numbers.length);
  if (count === 0n) return { count, least: 0n, greatest: 0n, mean: 0n, deviation: 0n };
  const sum = numbers.reduce((all, one) => all + one, 0n);
  const squares = numbers.reduce((all, one) => all + one * one, 0n);
  const sorted = [...numbers].sort((a, b) => (a < b ? -1 : 1));
  return {
    count,
    least: sorted[0]!,
    greatest: sorted.at(-1)!,
    mean: (sum + count / 2n) / count,
    // (n S2 - S²) / n² is the variance; of four times that the root, halved.
    deviation: (root((4n * (count * squares - sum * sum)) / (count * count)) + 1n) / 2n,
  };
}

function root(number: bigint): bigint {
  if (number < 2n) return number;
  let guess = 1n << BigInt((number.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (guess + number / guess) >> 1n;
    if (next >= guess) return guess;
    guess = next;
  }
}

async function run(provider: string): Promise<string[]> {
  const image = start(
    await link("test/recipes/apps/statistics-probe", {}, { statistics: provider }),
  );
  expect(await image.ended).toBe(0);
  return image.output().trimEnd().split("\n");
}

test("integer-statistics is exact", async () => {
  const expected = expectedLines().map(
    ({ head, told }) => `${head}: ${Object.values(told).join(" ")}`,
  );
  expect(await run("integer-statistics")).toEqual(expected);
});

test("float-statistics is right to one in a million, and whole numbers to one", async () => {
  const lines = await run("float-statistics");
  const expected = expectedLines();
  expect(lines).toHaveLength(expected.length);
  for (const [at, { head, told }] of expected.entries()) {
    const numbers = lines[at]!.slice(head.length + 2).split(" ");
    for (const [index, [name, value]] of Object.entries(told).entries()) {
      const off = BigInt(numbers[index]!) - (value as bigint);
      const allowed = 1n + (value as bigint) / 1_000_000n;
      expect(off <= allowed && -off <= allowed, `${head}: ${name} ${numbers[index]}`).toBe(true);
    }
  }
});
