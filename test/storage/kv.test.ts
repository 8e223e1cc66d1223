// kv-log against a model, when it is full, when the disk fails, and when what is stored is damaged. UNIPKG_CASES times 60
// damaged disks (default 1).
import { beforeAll, expect, test } from "vitest";
import { FAILED } from "../../linker/node-host/abi.ts";
import type { CompiledImage } from "../../linker/node-host/image.ts";
import { Random } from "../net/support/random.ts";
import * as kv from "./support/kv.ts";
import { type Change, KvMachine, KvModel, kvImage } from "./support/kv.ts";

const cases = Number(process.env["UNIPKG_CASES"] ?? 1);
/** Milliseconds on a busy machine. */
const patience = 60_000 * Math.max(5, cases);

const diskSize = 32768 + 8 * 65536;

let image: CompiledImage;
beforeAll(async () => {
  image = await kvImage();
}, patience);

function open(bytes: Uint8Array): KvMachine {
  const store = new KvMachine(image, bytes);
  expect(store.machine.trap).toBeNull();
  expect(store.result).toBe(kv.done);
  return store;
}

test("keys and values are what was stored, of any script and length", () => {
  const store = open(new Uint8Array(diskSize));
  const changes: Change[] = [
    ["a", [0, 1]],
    ["ключ 🔑", [12_000, 2]],
    ["k".repeat(1024), [1, 3]],
    ["a/b", [4096, 4]],
  ];
  for (const change of changes) expect(store.commit([change])).toEqual([kv.done]);
  const model = new KvModel().with(changes);
  expect(model.differs(store.contents())).toBeNull();
  expect(store.keys("a")).toEqual(["a", "a/b"]);
  expect(store.get("b")[0]!.result).toBe(kv.absent);
  // Deleted, and deleted again.
  expect(store.commit([["a", null]], [["a", null]], [["never", null]])).toEqual([0, 0, 0]);
  expect(store.keys("a")).toEqual(["a/b"]);
});

test("what is too long is refused, and changes nothing", () => {
  const store = open(new Uint8Array(diskSize));
  expect(store.commit([["k".repeat(1025), [1, 1]]])).toEqual([kv.invalid]);
  expect(store.commit([["", [1, 1]]])).toEqual([kv.invalid]);
  expect(store.commit([["a", [16_384, 1]]])).toEqual([kv.invalid]);
  expect(
    store.commit([
      ["a", [1, 1]],
      ["b", [16_384, 1]],
    ]),
  ).toEqual([kv.invalid]);
  expect(store.keys()).toEqual([]);
});

test(
  "a full store refuses, keeps what it has, and takes more when something is deleted",
  () => {
    const disk = new Uint8Array(diskSize);
    const store = open(disk);
    let model = new KvModel();
    let number = 0;
    for (;;) {
      const change: Change = [`key ${number}`, [3000, number]];
      const [result] = store.commit([change]);
      if (result === kv.full) break;
      expect(result).toBe(kv.done);
      model = model.with([change]);
      number++;
    }
    // Three fifths of four of the eight segments.
    expect(number * 3000).toBeGreaterThan(0.9 * 0.6 * 4 * 65536);
    // Written over and over, as long as what is live stays: the collector always finds room.
    for (let round = 0; round < 300; round++) {
      const key = `key ${round % number}`;
      const changes: Change[] = [[key, null]];
      expect(store.commit(changes)).toEqual([kv.done]);
      expect(store.commit([[key, [2900, round]]])).toEqual([kv.done]);
      model = model.with([[key, [2900, round]]]);
    }
    expect(model.differs(open(disk.slice()).contents())).toBeNull();
    expect(model.differs(store.contents())).toBeNull();
  },
  patience,
);

test("when the disk fails, writers are told so, and what was told DONE stays", () => {
  const disk = new Uint8Array(diskSize);
  const store = open(disk);
  expect(store.commit([["a", [100, 1]]])).toEqual([kv.done]);
  store.machine.disk.fault = (kind) => (kind === "flush" ? FAILED : null);
  expect(store.commit([["b", [100, 2]]], [["c", [100, 3]]])).toEqual([kv.failed, kv.failed]);
  store.machine.disk.fault = () => null;
  // A later flush does not speak for what an earlier one failed to do.
  expect(store.commit([["d", [100, 4]]])).toEqual([kv.failed]);
  expect(store.keys()).toEqual(["a"]);
  store.machine.disk.fault = (kind) => (kind === "read" ? FAILED : null);
  expect(store.get("a")[0]!.result).toBe(kv.failed);
  expect(
    new KvMachine(image, disk, {
      prepare: (simulated) => {
        simulated.fault = () => FAILED;
      },
    }).result,
  ).toBe(kv.failed);
});

test(
  "a damaged disk is told of, or shows an earlier state; it neither traps nor shows what never was",
  () => {
    const disk = new Uint8Array(diskSize);
    const store = open(disk);
    const random = new Random(5);
    const states = [new KvModel()];
    for (let number = 0; number < 40; number++) {
      const change: Change = [`key ${random.below(10)}`, [random.below(4000), number]];
      expect(store.commit([change])).toEqual([kv.done]);
      states.push(states.at(-1)!.with([change]));
    }
    const seen = new Map<number, number>();
    for (let round = 0; round < 60 * cases; round++) {
      const damaged = disk.slice();
      for (let count = 1 + random.below(3); count > 0; count--) {
        damaged[random.below(32768 + 3 * 65536)]! ^= 1 << random.below(8);
      }
      const again = new KvMachine(image, damaged);
      expect(again.machine.trap).toBeNull();
      seen.set(again.result!, (seen.get(again.result!) ?? 0) + 1);
      if (again.result !== kv.done) continue;
      const contents = again.contents();
      expect(states.some((state) => state.differs(contents) === null)).toBe(true);
    }
    // Most are found; those that hit nothing are done.
    expect(seen.get(kv.corrupt)).toBeGreaterThan(5);
  },
  patience,
);

test("a value that is damaged while the store is open is not given out", () => {
  const disk = new Uint8Array(diskSize);
  const store = open(disk);
  expect(store.commit([["a", [3000, 9]]], [["b", [3000, 10]]])).toEqual([0, 0]);
  disk.fill(0xff, 32768 + 1024, 32768 + 1040);
  expect(store.get("a")[0]!.result).toBe(kv.corrupt);
  expect(store.get("b")[0]!.result).toBe(kv.done);
});
