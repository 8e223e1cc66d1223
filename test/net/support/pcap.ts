import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Writes frames as a capture file with nanoseconds, and says where it is. */
export function writePcap(
  name: string,
  frames: readonly { readonly at: number; readonly frame: Uint8Array }[],
): string {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b23c4d, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(65535 + 14, 16);
  header.writeUInt32LE(1, 20);
  const parts: Uint8Array[] = [header];
  for (const { at, frame } of frames) {
    const record = Buffer.alloc(16);
    record.writeUInt32LE(Math.floor(at / 1e9), 0);
    record.writeUInt32LE(at % 1e9, 4);
    record.writeUInt32LE(frame.length, 8);
    record.writeUInt32LE(frame.length, 12);
    parts.push(record, frame);
  }
  const folder = join(tmpdir(), "unipkg-test-net");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}.pcap`);
  writeFileSync(file, Buffer.concat(parts));
  return file;
}
