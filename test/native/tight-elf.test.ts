// What a boot loader sees of an image is the same before and after its file was made small; readelf finds nothing to complain of.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tightElf } from "../../linker/native/tight-elf.ts";
import { temporaryFolder } from "../support/unipkg.ts";

interface Loaded {
  readonly type: number;
  readonly flags: number;
  readonly address: bigint;
  readonly size: number;
  readonly bytes: Buffer;
}

/** Segments as System V's ABI describes them, with their memory as it is after loading. */
function segmentsOf(file: Buffer): Loaded[] {
  const table = Number(file.readBigUInt64LE(32));
  return Array.from({ length: file.readUInt16LE(56) }, (_, index) => {
    const at = table + 56 * index;
    const [offset, stored, size] = [8, 32, 40].map((place) =>
      Number(file.readBigUInt64LE(at + place)),
    );
    const address = file.readBigUInt64LE(at + 16);
    const align = file.readBigUInt64LE(at + 48);
    expect(BigInt(offset!) % align).toBe(address % align);
    const bytes = Buffer.alloc(size!);
    file.copy(bytes, 0, offset!, offset! + stored!);
    return {
      type: file.readUInt32LE(at),
      flags: file.readUInt32LE(at + 4),
      address,
      size: size!,
      bytes,
    };
  });
}

test("the loaded memory stays as it was, in a third of the file", () => {
  const folder = temporaryFolder();
  try {
    const source = join(folder.path, "a.c");
    writeFileSync(
      source,
      `__asm__(".section .note.x, \\"a\\", @note\\n.align 4\\n.long 4, 4, 18\\n.asciz \\"Xen\\"\\n.long 7\\n.text");
       const char text[] = "constant"; char data[9000] = "data"; char zeros[100000];
       int _start(void) { return text[0] + data[1] + zeros[2]; }`,
    );
    const linked = join(folder.path, "linked");
    execFileSync("cc", ["-static", "-nostdlib", "-no-pie", "-O1", "-o", linked, source]);
    const before = readFileSync(linked);
    const after = Buffer.from(tightElf(before));
    expect(segmentsOf(after)).toEqual(segmentsOf(before));
    expect(after.length).toBeLessThan(before.length / 3);
    expect(after.subarray(0, 32)).toEqual(before.subarray(0, 32));
    const tight = join(folder.path, "tight");
    writeFileSync(tight, after);
    const words = ["-W", "--file-header", "--segments", "--notes", tight];
    const command = 'readelf "$@" 2>&1 >/dev/null';
    expect(execFileSync("sh", ["-c", command, "sh", ...words]).toString()).toBe("");
  } finally {
    folder.remove();
  }
});

test("what is no ELF file is refused", () => {
  expect(() => tightElf(new Uint8Array(100))).toThrow(/not an ELF file/);
});
