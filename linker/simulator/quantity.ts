/** How people write times, rates, sizes and shares in a scenario. Each reader answers null for what is none. */

const times = { ns: 1, us: 1e3, ms: 1e6, s: 1e9, min: 60e9, h: 3600e9 } as const;
const rates = { bit: 1, kbit: 1e3, Mbit: 1e6, Gbit: 1e9 } as const;
const sizes = { B: 1, KiB: 1024, MiB: 1024 ** 2 } as const;

/** `"20ms"`, `"1.5s"`, `"2min"` in whole nanoseconds. */
export function readTime(value: unknown): number | null {
  return readUnits(value, times);
}

/** `"10Mbit"` in bits a second; never 0. */
export function readRate(value: unknown): number | null {
  const rate = readUnits(value, rates);
  return rate === 0 ? null : rate;
}

/** `"64KiB"`, or a number of octets. */
export function readSize(value: unknown): number | null {
  return typeof value === "number" ? whole(value) : readUnits(value, sizes);
}

/** `"5%"` or `0.05`, from 0 to 1. */
export function readShare(value: unknown): number | null {
  const percent = typeof value === "string" ? /^(\d+(?:\.\d+)?)\s*%$/.exec(value)?.[1] : undefined;
  const share = percent === undefined ? value : Number(percent) / 100;
  return typeof share === "number" && share >= 0 && share <= 1 ? share : null;
}

/** Nanoseconds as seconds for people: `1.204 s`. */
export function seconds(nanoseconds: number): string {
  return `${(nanoseconds / 1e9).toFixed(3)} s`;
}

function readUnits(value: unknown, units: Readonly<Record<string, number>>): number | null {
  if (typeof value !== "string") return null;
  const [, number, unit] = /^(\d+(?:\.\d+)?)\s*([A-Za-z]+)$/.exec(value) ?? [];
  if (unit === undefined || !Object.hasOwn(units, unit)) return null;
  return whole(Math.round(Number(number) * units[unit]!));
}

function whole(value: number): number | null {
  return Number.isSafeInteger(value) && value >= 0 ? value : null;
}
