/** ELF files of 64 bits, little endian, as far as the linker reads them: sections and symbols. */
import { Reader } from "./reader.ts";

export interface Section {
  readonly name: string;
  /** Size in memory. */
  readonly size: number;
  /** Where its bytes are in the file; empty when it has none there. */
  readonly bytes: Uint8Array;
  /** True when it is part of the running image. */
  readonly loaded: boolean;
}

export interface ElfSymbol {
  readonly name: string;
  /** Section that it is in; null for absolute and foreign ones. */
  readonly section: Section | null;
  readonly address: bigint;
  readonly size: number;
  readonly kind: "function" | "object" | "file" | "other";
}

export interface Elf {
  readonly sections: readonly Section[];
  /** As they stand in the symbol table: local ones follow the file that they are from. */
  readonly symbols: readonly ElfSymbol[];
}

const noBits = 8;

/** Reads an ELF file that a linker has written. Throws Malformed for anything else. */
export function readElf(bytes: Uint8Array): Elf {
  const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const table = Number(header.getBigUint64(40, true));
  const entrySize = header.getUint16(58, true);
  const count = header.getUint16(60, true);
  const raw = Array.from({ length: count }, (_, index) => {
    const at = table + index * entrySize;
    const type = header.getUint32(at + 4, true);
    const offset = Number(header.getBigUint64(at + 24, true));
    const size = Number(header.getBigUint64(at + 32, true));
    return {
      name: header.getUint32(at, true),
      type,
      size,
      link: header.getUint32(at + 40, true),
      loaded: (header.getBigUint64(at + 8, true) & 2n) !== 0n,
      bytes: type === noBits ? new Uint8Array() : bytes.subarray(offset, offset + size),
    };
  });
  const names = raw[header.getUint16(62, true)]?.bytes ?? new Uint8Array();
  const sections = raw.map(({ name, size, bytes, loaded }) => ({
    name: text(names, name),
    size,
    bytes,
    loaded,
  }));
  const symbolTable = raw.find(({ type }) => type === 2);
  const strings = raw[symbolTable?.link ?? -1]?.bytes ?? new Uint8Array();
  const symbols: ElfSymbol[] = [];
  for (let reader = new Reader(symbolTable?.bytes ?? new Uint8Array()); !reader.done; ) {
    const name = text(strings, reader.bits32());
    const type = reader.u8() & 15;
    reader.u8();
    const section = sections[reader.u8() + reader.u8() * 256] ?? null;
    const address = reader.bits64();
    const size = Number(reader.bits64());
    const kind = type === 2 ? "function" : type === 1 ? "object" : type === 4 ? "file" : "other";
    symbols.push({ name, section, address, size, kind });
  }
  return { sections, symbols };
}

function text(bytes: Uint8Array, start: number): string {
  return new TextDecoder().decode(bytes.subarray(start, bytes.indexOf(0, start)));
}
