import { get16, get32, put16, put32 } from "disk";
import { ENTRY } from "./name";
import { fromStamp } from "./time";

/** A file or a folder as it was when it was asked for, and where its entries are in its folder. */
export class Entry {
  constructor(
    private text: string,
    private bytes: Uint8Array,
    /** Byte of the folder where its first entry, of a long name perhaps, and its own begin. */
    public first: i32,
    public own: i32,
  ) {}

  get name(): string {
    return this.text;
  }

  get isFolder(): bool {
    return (this.bytes[ATTRIBUTES] & FOLDER) != 0;
  }

  /** Bytes of a file. */
  get size(): u32 {
    return this.isFolder ? 0 : get32(this.bytes, SIZE);
  }

  /** When it was changed last: nanoseconds since 1970, as exactly as it is stored; 0 when it is not known. */
  get modified(): i64 {
    return fromStamp((get16(this.bytes, WRITTEN_DATE) << 16) | get16(this.bytes, WRITTEN_TIME));
  }

  /** The first cluster; 0 for an empty file, and where the root folder is meant. */
  get cluster(): u32 {
    return (get16(this.bytes, CLUSTER_HIGH) << 16) | get16(this.bytes, CLUSTER_LOW);
  }

  /** The entry itself, 32 bytes. */
  get raw(): Uint8Array {
    return this.bytes;
  }
}

/** Writes the 32 bytes of a new entry. */
export function writeEntry(
  bytes: Uint8Array,
  start: i32,
  name: Uint8Array,
  isFolder: bool,
  cluster: u32,
  stamp: u32,
): void {
  bytes.fill(0, start, start + ENTRY);
  bytes.set(name, start);
  bytes[start + ATTRIBUTES] = isFolder ? FOLDER : ARCHIVE;
  put16(bytes, start + MADE_TIME, stamp & 0xffff);
  put16(bytes, start + MADE_DATE, stamp >> 16);
  setCluster(bytes, start, cluster);
  setWritten(bytes, start, stamp);
}

/** A file was changed. */
export function setFile(bytes: Uint8Array, start: i32, cluster: u32, size: u32, stamp: u32): void {
  setCluster(bytes, start, cluster);
  put32(bytes, start + SIZE, size);
  setWritten(bytes, start, stamp);
  bytes[start + ATTRIBUTES] |= ARCHIVE;
}

export function setCluster(bytes: Uint8Array, start: i32, cluster: u32): void {
  put16(bytes, start + CLUSTER_HIGH, cluster >> 16);
  put16(bytes, start + CLUSTER_LOW, cluster & 0xffff);
}

function setWritten(bytes: Uint8Array, start: i32, stamp: u32): void {
  put16(bytes, start + WRITTEN_TIME, stamp & 0xffff);
  put16(bytes, start + WRITTEN_DATE, stamp >> 16);
  put16(bytes, start + READ_DATE, stamp >> 16);
}

/** Places in an entry, page 23. */
export const ATTRIBUTES: i32 = 11;
const MADE_TIME: i32 = 14;
const MADE_DATE: i32 = 16;
const READ_DATE: i32 = 18;
const CLUSTER_HIGH: i32 = 20;
const WRITTEN_TIME: i32 = 22;
const WRITTEN_DATE: i32 = 24;
const CLUSTER_LOW: i32 = 26;
const SIZE: i32 = 28;

/** Attributes. */
export const FOLDER: u8 = 0x10;
export const VOLUME_LABEL: u8 = 0x08;
const ARCHIVE: u8 = 0x20;
