import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { imageStatus } from "../../linker/native/qemu.ts";
import { symbolize } from "../../linker/native/symbolize.ts";
import { translate } from "../../linker/native/translate.ts";
import {
  boot,
  compile,
  type Ended,
  type ImageOptions,
  makeImage,
  prefaceLines,
  removeTemporaryFolders,
  runCommand,
  temporaryFolder,
} from "./program.ts";
import { instantiate } from "./v8.ts";

afterAll(removeTemporaryFolders);

/** The last line that an image printed and its status, the same for both targets. */
interface Outcome {
  readonly status: number | null;
  readonly lines: readonly string[];
}

const folders: { unix?: string; xen?: string } = {};

async function outcome(
  target: "unix" | "xen",
  source: string,
  options: ImageOptions = {},
): Promise<Outcome> {
  // One folder for all: the runtime is compiled once.
  folders[target] ??= temporaryFolder();
  const compiled = await compile(source, options.blob?.length);
  const { output, report } = await makeImage(target, compiled, {
    folder: folders[target],
    ...options,
  });
  if (!report.ok) expect(report.problems).toEqual([]);
  const ended: Ended = target === "unix" ? await runCommand(output) : await boot(output);
  const text = await symbolize(`${output}.debug`, ended.output + ended.errors);
  const status = target === "unix" ? ended.status : imageStatus(ended.status ?? 0);
  return { status, lines: text.trimEnd().split(/\r?\n/) };
}

/** What the same module prints in Node. */
async function inNode(wasm: Uint8Array): Promise<string[]> {
  let text = "";
  const instance = await instantiate(wasm, {
    console: {
      write: (_: number, at: number, length: number) => {
        const memory = instance.exports["memory"] as { buffer: ArrayBuffer };
        text += Buffer.from(memory.buffer, at, length).toString();
      },
    },
    env: { abort: () => {} },
  });
  (instance.exports["_initialize"] as () => void)();
  (instance.exports["start"] as (now: bigint) => bigint)(0n);
  return text.trimEnd().split("\n");
}

const ends = "export function poll(now: i64, ready: i32): i64 { return -1; }\n";

describe.each(["unix", "xen"] as const)("an image for %s", (target) => {
  test("runs initialisers, classes, maps, floats and the collector", async () => {
    const source = `
      class Flow { constructor(public id: i32, public name: string) {} }
      const flows = new Map<i32, Flow>();
      export function start(now: i64): i64 {
        for (let i = 0; i < 1000; i++) flows.set(i, new Flow(i, "flow" + i.toString()));
        let sum = 0;
        for (let i = 0; i < 1000; i++) sum += flows.get(i).name.length;
        for (let i = 0; i < 200; i++) { new StaticArray<u8>(100000); __collect(); }
        print(sum.toString() + " " + Math.sqrt(2).toString() + " " + memory.size().toString());
        return -1;
      }
      ${ends}`;
    const lines = await inNode((await compile(source)).wasm);
    expect(lines[0]).toMatch(/^6890 1\.41421356237309/);
    expect(await outcome(target, source)).toEqual({ status: 0, lines });
  });

  test("is polled at its deadlines, and knows the time", async () => {
    const source = `
      let begin: i64 = 0, before: i64 = 0, count = 0;
      const today: i64 = ${Math.floor(Date.now() / 1000)};
      export function start(now: i64): i64 {
        begin = before = now;
        const off = wall() / 1000000000 - today;
        print(off >= -2 && off < 60 ? "today" : "off by " + off.toString());
        return now + 50000000;
      }
      export function poll(now: i64, ready: i32): i64 {
        count++;
        if (now < begin + 50000000 * count) { print("early"); exit(1); }
        if (now > begin + 50000000 * count + 3000000000) { print("late"); exit(2); }
        if (monotonic() < now || now < before || ready != 0) exit(3);
        before = now;
        if (count == 4) { print("done"); exit(7); }
        return begin + 50000000 * (count + 1);
      }`;
    expect(await outcome(target, source)).toEqual({ status: 7, lines: ["today", "done"] });
  });

  test("has random bytes, all of those asked for", async () => {
    const source = `
      const at = memory.data(64, 8);
      export function start(now: i64): i64 {
        let all: u64 = 0, any: u64 = ~0;
        for (let i = 0; i < 64; i++) {
          memory.fill(at, 0, 64);
          randomFill(at + 3, 42);
          if (load<u8>(at + 2) != 0 || load<u8>(at + 45) != 0) exit(1);
          all |= load<u64>(at + 3) & load<u64>(at + 37);
          any &= load<u64>(at + 3) | load<u64>(at + 37);
        }
        print((all == ~0 && any == 0).toString());
        return -1;
      }
      ${ends}`;
    expect(await outcome(target, source)).toEqual({ status: 0, lines: ["true"] });
  });

  test("grows its memory, zeroed, up to its limit and not further", async () => {
    const source = `
      export function start(now: i64): i64 {
        while (memory.grow(8) >= 0) {}
        while (memory.grow(1) >= 0) {}
        print(memory.size().toString());
        let sum: u64 = 0;
        for (let at: usize = 196608; at < <usize>memory.size() << 16; at += 4096) sum |= load<u64>(at);
        print(sum.toString());
        return -1;
      }
      ${ends}`;
    const lines = ["101", "0"];
    expect(await outcome(target, source, { maximumPages: 101 })).toEqual({ status: 0, lines });
  });

  test("has its files in memory, as they are, and may write beside them", async () => {
    const blob = new Uint8Array(randomBytes(98_500));
    let sum = 0;
    for (const byte of blob) sum = (Math.imul(sum, 31) + byte) >>> 0;
    const source = `
      const after = memory.data<u8>([1, 2, 3]);
      const room = memory.data(4000, 8);
      export function start(now: i64): i64 {
        let sum: u32 = 0;
        for (let i = 0; i < ${blob.length}; i++) sum = sum * 31 + load<u8>(65536 + i);
        let rest: u64 = 0;
        for (let i = 0; i < 4000; i += 8) rest |= load<u64>(room + i);
        print(sum.toString() + " " + load<u8>(after + 2).toString() + " " + rest.toString());
        return -1;
      }
      ${ends}`;
    const lines = [`${sum} 3 0`];
    expect(await outcome(target, source, { blob })).toEqual({ status: 0, lines });
  });

  test.each([
    ["a null reference", "return load<i32>(zero, 8);", "null reference"],
    ["an access out of bounds", "return load<i32>(zero - 16);", "memory access out of bounds"],
    [
      "an access past 32 bits",
      "return load<i32>(zero - 4, 0x7fffffff);",
      "memory access out of bounds",
    ],
    ["a load that nobody needs", "load<i32>(zero - 16); return 1;", "memory access out of bounds"],
    ["endless recursion", "return go(n + 1) ^ (go(n - 1) * 3);", "stack exhausted"],
    ["a division by zero", "return n / zero;", "integer divide by zero"],
    ["a division that overflows", "return i32.MIN_VALUE / (zero - 1);", "integer overflow"],
    ["unreachable", "if (!zero) unreachable(); return 1;", "unreachable"],
  ])("traps at %s, and names function and line", async (_, body, cause) => {
    const source = `let zero = 0;
      export function start(now: i64): i64 {
        zero = <i32>(now & 0);
        return go(1);
      }
      // @ts-ignore
      @noinline
      function go(n: i32): i32 {
        ${body}
      }
      ${ends}`;
    const { status, lines } = await outcome(target, source);
    // The optimiser may have put `go` into `start`; the line stays its own.
    const place = `(go|start) \\(app/main.ts:${prefaceLines + 9}\\)$`;
    expect(lines.at(-1)).toMatch(new RegExp(`^trap: ${cause} at app/main/${place}`));
    expect(status).toBe(134);
  });

  test("says what was asserted, in any script, and who called", async () => {
    const source = `
      export function start(now: i64): i64 { assert(now == 0, "größer als 0 — 🦖"); return -1; }
      ${ends}`;
    const { status, lines } = await outcome(target, source);
    expect(lines).toHaveLength(1);
    // A kernel leaves the place to its debug file.
    const place = target === "xen" ? "" : ` at app/main.ts:${prefaceLines + 2}:46`;
    expect(lines[0]).toContain(
      `abort: größer als 0 — 🦖${place} from app/main/start (app/main.ts:${prefaceLines + 2}) from `,
    );
    expect(status).toBe(134);
  });
});

test("two builds in different folders give the same bytes", async () => {
  const compiled = await compile(
    `export function start(now: i64): i64 { print("x"); return -1; } ${ends}`,
    8000,
  );
  for (const target of ["unix", "xen"] as const) {
    const folders = [temporaryFolder(), join(temporaryFolder(), "elsewhere", "deeper")];
    const blob = new Uint8Array(8000).fill(7);
    const images = [];
    for (const folder of folders) {
      const { output } = await makeImage(target, compiled, { blob, folder });
      images.push(readFileSync(output), readFileSync(`${output}.debug`));
    }
    expect(images[0]!.equals(images[2]!)).toBe(true);
    expect(images[1]!.equals(images[3]!)).toBe(true);
    for (const image of images) expect(image.includes(folders[1]!)).toBe(false);
  }
});

test("sizes add up to the image, and name who has them", async () => {
  const compiled = await compile(
    `export function start(now: i64): i64 { print("x"); return -1; } ${ends}`,
    8000,
  );
  const { output, report } = await makeImage("xen", compiled, { blob: new Uint8Array(8000) });
  if (!report.ok) throw new Error(JSON.stringify(report.problems));
  const { bytes, sizes } = report.value;
  expect(bytes).toBe(readFileSync(output).length);
  expect(sizes.reduce((sum, share) => sum + share.bytes, 0)).toBe(bytes);
  expect(Object.fromEntries(sizes.map(({ owner, bytes }) => [owner, bytes > 0]))).toMatchObject({
    app: true,
    assemblyscript: true,
    constants: true,
    files: true,
    xen: true,
  });
});

test("a host call that no native target has is refused by name", async () => {
  const { wasm, sourceMap } = await compile(`
    @external("gpu", "draw") declare function draw(): void;
    export function start(now: i64): i64 { draw(); return -1; } ${ends}`);
  const memory = { blobAddress: 65536, blobLength: 0, maximumPages: 100 };
  expect(translate(wasm, sourceMap, memory)).toEqual({ kind: "host", call: "gpu.draw" });
});

test("headers and messages of the targets are the same", () => {
  for (const name of ["unipkg.h", "message.c"]) {
    const of = (target: string) =>
      readFileSync(`recipes/targets/${target}/runtime/${name}`, "utf8");
    expect(of("xen")).toBe(of("unix"));
    expect(of("kernel-module")).toBe(of("unix"));
  }
  const settings = (target: string) =>
    readFileSync(`recipes/targets/${target}/runtime/setting.c`, "utf8");
  expect(settings("kernel-module")).toBe(settings("unix"));
});

test.each([
  [0, null],
  [1, null],
  [3, 0],
  [5, 1],
  [251, 124],
  [253, 255],
  [255, 134],
])("QEMU's status %i is the image's %s", (qemu, image) => {
  expect(imageStatus(qemu)).toBe(image);
});

test.each([
  ["/nowhere/cc", "UP502", /`\/nowhere\/cc` was not found/],
  ["false", "UP503", /`false` failed to compile/],
])(
  "without a C compiler that works (CC=%s) there is a problem and no image",
  async (cc, code, message) => {
    const compiled = await compile(`export function start(now: i64): i64 { return -1; } ${ends}`);
    const before = process.env["CC"];
    process.env["CC"] = cc;
    try {
      const { output, report } = await makeImage("unix", compiled);
      expect(report).toMatchObject({ ok: false, problems: [{ code }] });
      expect(report.ok ? "" : report.problems[0]!.message).toMatch(message);
      expect(existsSync(output)).toBe(false);
      expect(existsSync(`${output}.debug`)).toBe(false);
    } finally {
      if (before === undefined) delete process.env["CC"];
      else process.env["CC"] = before;
    }
  },
);
