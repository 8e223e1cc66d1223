// The power fails at every write of random histories of fat32, with any of the sectors that were not flushed lost: all else
// than what was being changed is there, and what fsck.fat finds is room that nobody uses, nothing worse. UNIPKG_CASES
// histories (default 2). Needs: dosfstools.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CompiledImage } from "../../linker/node-host/image.ts";
import { Random } from "../net/support/random.ts";
import * as fat from "./support/fat.ts";
import { FatModel, type Operation, operationOf, words } from "./support/fat-model.ts";
import { type Loss, PowerCuts } from "./support/power-cut.ts";

const cases = Number(process.env["UNIPKG_CASES"] ?? 2);
const steps = 24;
/** Milliseconds for a history on a busy machine. */
const patience = 60_000 * Math.max(5, cases);

let image: CompiledImage;
const file = new fat.ImageFile();
beforeAll(async () => {
  image = await fat.fatImage();
}, patience);
afterAll(() => file.remove());

/** What an operation may leave in any state. */
function touched(operation: Operation): string[] {
  return operation.kind === "rename" ? [operation.path, operation.to] : [operation.path];
}

/** Whether a tree is one of two models', but for what was being changed. */
function isBetween(
  tree: Map<string, Uint8Array | null>,
  before: FatModel,
  after: FatModel,
  operation: Operation,
): string | null {
  const ignored = touched(operation).flatMap((path) => [
    path,
    ...[...tree.keys(), ...before.tree.keys()].filter((other) =>
      other.toLowerCase().startsWith(`${path.toLowerCase()}/`),
    ),
  ]);
  const others = before.differs(tree, ignored);
  if (others !== null) return others;
  if (before.differs(tree) === null || after.differs(tree) === null) return null;
  if (operation.kind === "write") {
    const path = before.find(operation.path)!;
    const [old, fresh, found] = [before.tree.get(path)!, after.tree.get(path)!, tree.get(path)];
    if (found === undefined || found === null) return `${path} is gone`;
    if (found.length !== old.length && found.length !== fresh.length) return `size of ${path}`;
    // What was not written to is as it was.
    const end = operation.position + operation.length;
    const outside = (bytes: Uint8Array) =>
      Buffer.concat([bytes.subarray(0, operation.position), bytes.subarray(end)]);
    const wanted = found.length === old.length ? old : fresh;
    return Buffer.compare(outside(found), outside(wanted)) === 0 ? null : `bytes of ${path}`;
  }
  if (operation.kind === "rename") {
    const [from, to] = [before.find(operation.path)!, after.find(operation.to)!];
    const bytes = before.tree.get(from)!;
    const kept = [from, to].filter((path) => tree.has(path));
    if (kept.length === 0) return `${from} is gone`;
    const isSame = (other: Uint8Array | null) =>
      bytes === null ? other === null : other !== null && Buffer.compare(bytes, other) === 0;
    return kept.every((path) => isSame(tree.get(path)!)) ? null : `bytes of ${from}`;
  }
  return `neither before nor after ${JSON.stringify(operation)}`;
}

/** What fsck.fat may find on a volume that was opened again: room that no file uses. The rest is its usual talk. */
const harmless = [
  /^Reclaimed \d+ unused clusters? \(\d+ bytes\)( in \d+ chains?)?\.$/,
  /^Reclaiming unconnected clusters\.$/,
  /^ {2}File size is \d+ bytes, cluster chain length is > \d+ bytes\.$/,
  /^ {2}Truncating file to \d+ bytes\.$/,
  // It counts as free what it would reclaim.
  /^Free cluster summary wrong \(\d+ vs\. really \d+\)$/,
  /^ {2}Auto-correcting\.$/,
  // Of a name that is so long that its entries are in two sectors.
  /^Orphaned long file name part ".*"$/,
  /^ {2}Auto-deleting\.$/,
  /^\/.*$/,
  /^fsck\.fat .*$/,
  /^Warning: Filesystem is FAT32 according to fat_length and fat32_length fields,$/,
  /^ {2}but has only \d+ clusters, less than the required minimum of 65525\.$/,
  /^ {2}This may lead to problems on some systems\.$/,
  /^Leaving filesystem unchanged\.$/,
  /^.*: \d+ files, \d+\/\d+ clusters$/,
  /^$/,
];

/** Some of what was not flushed; now and then all or nothing of it as well. */
function losses(random: Random): readonly Loss[] {
  return random.chance(0.7) ? ["some"] : ["some", random.pick<Loss>(["all", "none"])];
}

test.each(Array.from({ length: cases }, (_, seed) => seed))(
  "history %i",
  (seed) => {
    const random = new Random(900 + seed);
    const disk = fat.makeVolume(file, 512 << 10, "-s", String(1 + (seed % 2)));
    const begin = disk.slice();
    const volume = new fat.FatMachine(image, disk, { seed });
    expect(volume.result).toBe(fat.done);
    const models = [new FatModel()];
    const operations: Operation[] = [];
    while (operations.length < steps) {
      const operation = operationOf(models.at(-1)!, random);
      const next = models.at(-1)!.copy();
      if (next.do(operation) !== fat.done) continue;
      expect(volume.change(...words(operation))).toBe(fat.done);
      operations.push(operation);
      models.push(next);
    }

    const power = new PowerCuts(begin, random, false);
    let told = 0;
    let cuts = 0;
    for (const event of volume.machine.disk.events) {
      power.step(event);
      if (event.kind === "told") {
        if (event.text.startsWith("1 ")) told++;
        continue;
      }
      for (const loss of losses(random)) {
        const left = power.cut(loss);
        const where = `after ${told} operations, ${event.kind}, ${loss}`;
        const again = new fat.FatMachine(image, left);
        expect(again.result, where).toBe(fat.done);
        const [before, after] = [models[told]!, models[told + 1]];
        const tree = again.tree();
        const problem =
          after === undefined
            ? before.differs(tree)
            : isBetween(tree, before, after, operations[told]!);
        expect(problem, where).toBeNull();
        const checked = cuts++ % 10 === 0 ? file.check(left) : null;
        if (checked === null || operations[told]?.kind === "rename") continue;
        const worse = checked
          .split("\n")
          .slice(1)
          .filter((line) => !harmless.some((each) => each.test(line)));
        expect(worse, where).toEqual([]);
      }
    }
    expect(told).toBe(steps);
    expect(cuts).toBeGreaterThan(5 * steps);
  },
  patience,
);
