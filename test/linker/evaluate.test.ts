// Build-time evaluation: what initialisers leave is the image's data, what they alone used is not in it.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { decodeModule } from "../../linker/native/decode.ts";
import type { ImageParts } from "../../linker/node-host/image.ts";
import { VirtualHost } from "../../linker/node-host/virtual.ts";
import { clearFreeBlocks, segmentsOf } from "../../linker/snapshot.ts";
import { link, Refused } from "../recipes/link.ts";
import { testFolder } from "../support/unipkg.ts";

// Every test links a program or two.
vi.setConfig({ testTimeout: 180_000 });

const wall = 1_795_262_400_000_000_000n;

interface App {
  /** The module's text after its imports. */
  readonly main: string;
  readonly requires?: readonly string[];
  /** Settings of the app: the files are in `data/`. */
  readonly config?: object;
  readonly files?: Readonly<Record<string, string>>;
}

function appFolder({ main, requires = [], config = {}, files = {} }: App): string {
  const folder = testFolder();
  const slots = Object.fromEntries(["console", ...requires].map((name) => [name, "^1.0.0"]));
  const unipkg = { kind: "app", requires: slots, config };
  mkdirSync(join(folder, "src"));
  mkdirSync(join(folder, "data"));
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ name: "probe", version: "1.0.0", license: "ISC", unipkg }),
  );
  writeFileSync(join(folder, "src/main.ts"), `import { log } from "console";\n${main}`);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, "data", name), text);
  return folder;
}

async function printed(image: ImageParts): Promise<string> {
  const host = await VirtualHost.start(image, { wall });
  return host.trap ?? host.printed;
}

/** Names of the functions that are in an image. */
function functionsOf(image: ImageParts): string[] {
  const module = decodeModule(image.wasm);
  if ("reason" in module) throw new Error(module.reason);
  return [...module.names.values()];
}

function exportsOf(image: ImageParts): string[] {
  const module = decodeModule(image.wasm);
  if ("reason" in module) throw new Error(module.reason);
  return [...module.exports.keys()].sort();
}

/** Values of every kind, made by a function, and what is printed of them. */
const work = `
class Point {
  constructor(public x: f64, public y: f32, public z: i64) {}
}
class State {
  map: Map<string, Point> = new Map();
  list: string[] = [];
  bytes: Uint8Array = new Uint8Array(3000);
  total: u64 = 0;
}
function make(): State {
  const state = new State();
  for (let index = 0; index < 500; index++) {
    // Garbage of many sizes between what stays.
    const waste = new Uint8Array(index * 7);
    waste.fill(0xee);
    state.map.set("key " + index.toString(), new Point(index / 3, <f32>index / 7, index * -5000000000));
    if (index % 3 == 0) state.list.push("item " + waste.length.toString());
    state.total += waste.length;
  }
  state.bytes[2999] = 7;
  return state;
}
function tell(state: State): void {
  let sum: f64 = 0;
  let whole: i64 = 0;
  const keys = state.map.keys();
  for (let index = 0; index < keys.length; index++) {
    const point = state.map.get(keys[index]);
    sum += point.x + point.y;
    whole += point.z;
  }
  log(sum.toString() + " " + whole.toString() + " " + state.list.join(",") + " " + state.bytes[2999].toString());
  // The heap goes on: allocation, freeing and collection over what was there.
  for (let round = 0; round < 60; round++) {
    for (let index = 0; index < 500; index += 1 + round % 5) {
      state.map.set("key " + index.toString(), new Point(round, 1, index));
      state.list.push(new Uint8Array(round * index % 4000).length.toString());
    }
    if (round % 50 == 0) state.list.length = 100;
  }
  let after: i64 = 0;
  for (let index = 0; index < 500; index++) after += state.map.get("key " + index.toString()).z;
  log(after.toString() + " " + state.list.length.toString() + " " + state.total.toString());
}
`;

describe("a program whose initialisers do not call the host", () => {
  const atBuild = `${work}\nconst state: State = make();\nexport function main(): void { tell(state); }\n`;
  const atStart = `${work}\nexport function main(): void { tell(make()); }\n`;

  test("prints what it prints without evaluation, and has no initialisers any more", async () => {
    const evaluated = await link(appFolder({ main: atBuild }));
    const plain = await link(appFolder({ main: atStart }));
    expect(await printed(evaluated)).toBe(await printed(plain));
    expect(exportsOf(evaluated)).toEqual(["poll", "records", "start"]);
    expect(functionsOf(plain)).toContain("probe/src/main/make");
    expect(functionsOf(evaluated)).not.toContain("probe/src/main/make");
  });

  test("is the same bytes every time", async () => {
    const [one, two] = [
      await link(appFolder({ main: atBuild })),
      await link(appFolder({ main: atBuild })),
    ];
    expect(Buffer.compare(one.wasm, two.wasm)).toBe(0);
  });

  test("keeps the texts that something leads to, and no others", async () => {
    const { wasm, ...rest } = await link(
      appFolder({
        main: `class Held { constructor(public text: string) {} }
function make(): Held {
  const lost = "used at build time only";
  const held = new Held("held by an object");
  held.text += lost.length > 3 ? "" : "never seen";
  return new Held("held by an object");
}
const held: Held = make();
const table: StaticArray<string> = ["first of a table", "second of a table"];
const numbers: StaticArray<i32> = [305419896, 19088743];
export function main(): void {
  log(held.text + " " + table[held.text.length % 2] + " " + numbers[1].toString());
}
`,
      }),
    );
    const has = (text: string) => Buffer.from(wasm).includes(Buffer.from(text, "utf16le"));
    expect(await printed({ wasm, ...rest })).toBe("held by an object second of a table 19088743\n");
    expect(has("held by an object") && has("first of a table")).toBe(true);
    expect(has("used at build time only") || has("never seen")).toBe(false);
  });

  test("keeps none of the garbage that its initialisers made", async () => {
    const { wasm } = await link(appFolder({ main: atBuild }));
    expect(Buffer.from(wasm).includes(Buffer.alloc(16, 0xee))).toBe(false);
  });
});

test("initialisers that call the host run at the start", async () => {
  const image = await link(
    appFolder({
      requires: ["clock"],
      main: `import { wall } from "clock";
const started: i64 = wall();
export function main(): void { log(started.toString()); }
`,
    }),
  );
  expect(exportsOf(image)).toContain("_initialize");
  expect(await printed(image)).toBe(`${wall}\n`);
});

/** Adds up the bytes of all files at build time. */
const reading = `
import { data, dataPath } from "config";
function sum(): i32 {
  let total = 0;
  for (let index = 0; index < data.length; index++) {
    for (let at = 0; at < data[index].length; at++) total += load<u8>(data[index].address + at);
  }
  return total;
}
const total: i32 = sum();
export function main(): void {
  log(total.toString() + " of " + dataPath);
  log(data.length == 0 ? "" : load<u8>(data[0].address).toString());
}
`;
const config = { data: { type: "folder", doc: "files", default: "data", buildTime: true } };

describe("files for the build alone", () => {
  test("are read by initialisers, and are not in the image", async () => {
    const files = { a: "A very secret text\n", b: "B\n" };
    const image = await link(appFolder({ main: reading, config, files }));
    const total = [...Buffer.from(Object.values(files).join(""))].reduce((a, b) => a + b, 0);
    expect(await printed(image)).toBe(`${total} of data\n0\n`);
    expect(Buffer.from(image.blob)).toHaveLength(0);
    expect(Buffer.from(image.wasm).includes("secret")).toBe(false);
  });

  test("do not go with initialisers that call the host", async () => {
    const main = `import { wall } from "clock";\n${reading}\nconst started: i64 = wall();\n`;
    const app = appFolder({ main, config, files: { a: "A" }, requires: ["clock"] });
    await expect(problemsOf(app)).resolves.toMatchObject([
      {
        code: "UP508",
        message: "an initialiser calls `clock.wall`, but the host is not there at build time",
      },
    ]);
  });

  test("a file that is refused is told with its place, and further ones", async () => {
    const main = `${reading}
abort("the first\\nhint: mend it\\nalso data/b:3:4: the second\\nalso data/b:5:1: the third\\nhint: drop it", dataPath + "/a", 1, 2);
`;
    const app = appFolder({ main, config, files: { a: "A" } });
    expect(await problemsOf(app)).toEqual([
      {
        code: "UP506",
        message: "the first",
        hint: "mend it",
        place: { file: "data/a", line: 1, column: 2 },
      },
      { code: "UP506", message: "the second", place: { file: "data/b", line: 3, column: 4 } },
      {
        code: "UP506",
        message: "the third",
        hint: "drop it",
        place: { file: "data/b", line: 5, column: 1 },
      },
    ]);
  });

  test("must not be written to", async () => {
    const main = `${reading}\nstore<u8>(data[0].address, 1);\n`;
    const app = appFolder({ main, config, files: { a: "A" } });
    await expect(problemsOf(app)).resolves.toMatchObject([{ code: "UP507" }]);
  });
});

describe("an initialiser that fails", () => {
  test.each([
    ["an assertion", `assert(list.length == 1, "one is wanted");`, /one is wanted.*main\.ts:\d+/],
    ["an index", "list[7]++;", /Index out of range.*main\.ts:\d+/],
    ["a division", "list.push(7 / list.length);", /divide by zero.*main\.ts:\d+/],
  ])("by %s is told with its place", async (_name, statement, told) => {
    const main = `const list: i32[] = [];\n${statement}\nexport function main(): void { log(list.length.toString()); }\n`;
    const [problem, ...others] = await problemsOf(appFolder({ main }));
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ code: "UP507" });
    expect(problem?.details?.join("\n")).toMatch(told);
  });
});

async function problemsOf(folder: string) {
  try {
    await link(folder);
  } catch (error) {
    if (error instanceof Refused) return error.problems;
    throw error;
  }
  throw new Error("it was linked");
}

test("segments are what is not zero, and short gaps between", () => {
  const memory = new Uint8Array(400);
  memory[100] = 1;
  memory[110] = 2;
  memory[200] = 3;
  memory[399] = 4;
  const found = segmentsOf(memory, 104).map(({ offset, bytes }) => [offset, [...bytes]]);
  expect(found).toEqual([
    [108, [0, 0, 2, 0]],
    [200, [3, 0, 0, 0]],
    [396, [0, 0, 0, 4]],
  ]);
});

test("a heap of another layout is not touched", () => {
  const memory = new Uint8Array(65536).fill(0x55);
  const before = memory.slice();
  expect(clearFreeBlocks(memory, 1024)).toBe(false);
  expect(Buffer.compare(memory, before)).toBe(0);
  expect(clearFreeBlocks(memory, 0)).toBe(true);
});
