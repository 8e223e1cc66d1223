import { costOf } from "./directory";
import { DELETE, KEY_LIMIT, RECORD_HEADER, SET, writeRecord } from "./record";

/** Changes that are made together: after a power failure all of them are there, or none. For one commit. */
export class Batch {
  /** All records, one after another, in the first `length` bytes. */
  records: Uint8Array = NOTHING;
  length: i32 = 0;
  count: i32 = 0;
  /** Whether a key is longer than a store takes. */
  isInvalid: bool = false;
  /** Whether a value is set. */
  hasSet: bool = false;
  /** Bytes of memory that the keys may take. */
  memory: i32 = 0;

  /** The key has this value, a copy of which is taken. */
  set(key: string, value: Uint8Array): Batch {
    this.hasSet = true;
    this.memory += costOf(key);
    return this.add(SET, key, value);
  }

  /** The key has no value. */
  delete(key: string): Batch {
    return this.add(DELETE, key, NOTHING);
  }

  private add(kind: u8, key: string, value: Uint8Array): Batch {
    const name = Uint8Array.wrap(String.UTF8.encode(key));
    const room = <u64>this.length + RECORD_HEADER + name.length + value.length;
    if (name.length == 0 || name.length > KEY_LIMIT || room > LARGEST) {
      this.isInvalid = true;
      return this;
    }
    if (room > <u64>this.records.length) {
      const larger = new Uint8Array(max(<i32>room, 2 * this.records.length));
      larger.set(this.records.subarray(0, this.length));
      this.records = larger;
    }
    this.length = writeRecord(this.records, this.length, kind, name, value);
    this.count++;
    return this;
  }
}

const NOTHING: Uint8Array = new Uint8Array(0);

/** More than any store takes. */
const LARGEST: u64 = 1 << 26;
