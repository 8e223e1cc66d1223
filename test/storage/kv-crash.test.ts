// The power fails at every write of long random histories of kv-log: nothing that was told DONE is lost, no batch is there
// in part, and the store goes on from there. UNIPKG_CASES histories (default 2).
import { beforeAll, describe, expect, test } from "vitest";
import type { CompiledImage } from "../../linker/node-host/image.ts";
import { Random } from "../net/support/random.ts";
import type { DiskEvent } from "./support/disk.ts";
import { type Change, done, KvMachine, KvModel, kvImage } from "./support/kv.ts";
import { type Loss, PowerCuts } from "./support/power-cut.ts";

const cases = Number(process.env["UNIPKG_CASES"] ?? 2);

/** The fewest segments that a store can have: the collector is at work all the time once they were filled. */
const diskSize = 32768 + 6 * 65536;
const batchesToFill = 70;
const lives = 2;
const batchesOfLife = 30;
/** Milliseconds for a history on a busy machine. */
const patience = 60_000 * Math.max(5, cases);

let image: CompiledImage;
beforeAll(async () => {
  image = await kvImage();
}, patience);

/** Batch `number`: the key `n` tells which, so that what is found tells how far the store got. */
function batchOf(number: number, random: Random): Change[] {
  const changes: Change[] = [["n", [4, number]]];
  for (let count = random.below(5); count > 0; count--) {
    const key = `key ${random.below(24)}`;
    if (random.chance(0.25)) changes.push([key, null]);
    else
      changes.push([
        key,
        [random.chance(0.2) ? random.below(2800) : random.below(600), random.below(1e9)],
      ]);
  }
  return changes;
}

/** What a store may hold after each number of batches, 0 for none. */
type States = KvModel[];

/** Some batches, by ones to threes; the states after each. */
function live(store: KvMachine, states: States, random: Random, batchCount: number): void {
  for (let count = 0; count < batchCount; ) {
    const batches: Change[][] = [];
    for (let some = 1 + random.below(3); some > 0; some--, count++) {
      const batch = batchOf(states.length, random);
      batches.push(batch);
      states.push(states.at(-1)!.with(batch));
    }
    expect(store.commit(...batches)).toEqual(batches.map(() => done));
  }
}

/** Opens a disk as it was left and finds which state is there, between two. */
function reopen(bytes: Uint8Array, states: States, least: number, most: number): void {
  const store = new KvMachine(image, bytes);
  expect(store.machine.trap).toBeNull();
  expect(store.result).toBe(done);
  const contents = store.contents();
  const found = states.findIndex(
    (state, number) => number >= least && number <= most && state.differs(contents) === null,
  );
  if (found < 0)
    throw new Error(`no state from ${least} to ${most}: ${states[most]!.differs(contents)}`);
}

function isOpening(event: DiskEvent): boolean {
  return event.kind === "told" && event.text.startsWith("0 ");
}

describe("kv-log", () => {
  test.each(Array.from({ length: cases }, (_, seed) => seed))(
    "history %i",
    (seed) => {
      const random = new Random(1000 + seed);
      let disk: Uint8Array = new Uint8Array(diskSize);
      let states: States = [new KvModel()];
      let cuts = 0;
      live(new KvMachine(image, disk, { seed }), states, random, batchesToFill);
      states = states.slice(-1);
      for (let life = 0; life < lives; life++) {
        const begin = disk.slice();
        const store = new KvMachine(image, disk, { seed: seed * 10 + life });
        expect(store.result).toBe(done);
        const before = states.length - 1;
        const { reads } = store.machine.disk;
        live(store, states, random, batchesOfLife);
        // Nobody but the collector reads.
        expect(store.machine.disk.reads).toBeGreaterThan(reads);

        const power = new PowerCuts(begin, random);
        let told = before;
        const end = random.below(store.machine.disk.events.length);
        let left: Uint8Array | null = null;
        for (const [place, event] of store.machine.disk.events.entries()) {
          power.step(event);
          if (event.kind === "told") {
            if (!isOpening(event) && event.text.startsWith("1 ")) told++;
            continue;
          }
          for (const loss of ["some", random.pick<Loss>(["all", "none"])] as const) {
            reopen(power.cut(loss), states, told, states.length - 1);
            cuts++;
          }
          if (place >= end) left ??= power.cut("some");
        }
        // The next life begins where the power failed in this one.
        disk = left ?? disk;
        const contents = new KvMachine(image, disk.slice()).contents();
        const reached = states.findIndex((state) => state.differs(contents) === null);
        expect(reached).toBeGreaterThanOrEqual(before);
        states = states.slice(0, reached + 1);
      }
      expect(cuts).toBeGreaterThan(lives * batchesOfLife);
    },
    patience,
  );
});
