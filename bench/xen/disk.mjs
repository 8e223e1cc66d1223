// Random reads of one disk by blkfront, and by Linux's direct I/O. What is read is checked by both.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { median } from "../measure.mjs";
import { configuration } from "./guests.mjs";

const rounds = 3;
/** The disk: units of 4 KiB that begin with their numbers. */
const diskSize = 32 << 20;
const unit = 4096;

export async function measureDisk(bed, guests) {
  const bytes = Buffer.alloc(diskSize);
  for (let at = 0; at < diskSize; at += unit) bytes.writeBigUInt64LE(BigInt(at / unit), at);
  writeFileSync(join(bed.folder, "disk"), bytes);
  const disk = "/tmp/disk";
  await bed.do(`cp /shared/disk ${disk}`);
  const kinds = [
    ["unipkg-reads", guests.reads],
    ["Linux-reads", guests.linuxReads],
  ];
  /** By size and depth: reads a second of each kind, of each round. */
  const results = new Map();
  for (let round = 0; round < rounds; round++) {
    for (const [index, [name, guest]] of kinds.entries()) {
      writeFileSync(join(bed.folder, `${name}.cfg`), configuration(name, guest, { disk }));
      const before = bed.console(name).length;
      await bed.do(`xl create -q /shared/${name}.cfg`);
      const printed = () => bed.console(name).slice(before);
      const found = () => [...printed().matchAll(/^reads (\d+) (\d+) (\d+) (\d+)$/gm)];
      await bed.until("reads", () => found().length === 4 || /wrong|no disk/.test(printed()), 120);
      if (found().length !== 4) throw new Error(`${name}: ${printed()}`);
      await bed.run(`until ! xl domid ${name} >/dev/null 2>&1; do usleep 50000; done`);
      for (const [, size, depth, count, microseconds] of found()) {
        const key = `${size / 1024} KiB, ${depth} at a time`;
        const perKind = results.get(key) ?? kinds.map(() => []);
        results.set(key, perKind);
        perKind[index].push((count * 1e6) / microseconds);
      }
    }
  }
  console.error(`random reads a second, by turns: ${JSON.stringify([...results])}`);
  return [...results].map(([key, values]) => ({
    what: `random reads/s of ${key}`,
    values: values.map(median),
    less: false,
  }));
}
