/**
 * Compression of names (RFC 1035, 4.1.4): the longest end of a name that is in the message already is a pointer to it.
 */
import { lowerCase, nameLength } from "./name";
import { copy, get8, put8, put16 } from "./octets";

/** Names of one message that pointers can lead to. */
export class Compressor {
  /** Offsets of labels, in the order of their writing. */
  private readonly known: StaticArray<u16> = new StaticArray<u16>(PLACES);
  private count: i32 = 0;

  /** Begins another message. */
  clear(): void {
    this.count = 0;
  }

  /** Takes note of a name that stands, not compressed, at `offset` of the message. */
  note(message: usize, offset: i32): void {
    for (let octet = get8(message + offset); octet != 0; octet = get8(message + offset)) {
      this.remember(offset);
      offset += <i32>octet + 1;
    }
  }

  /** Writes `name` at `offset` and says where it ends. There is room for it. */
  put(message: usize, offset: i32, name: usize): i32 {
    const limit = this.count;
    for (let octet = get8(name); octet != 0; octet = get8(name)) {
      const place = this.find(message, name, limit);
      if (place >= 0) {
        put16(message + offset, 0xc000 | place);
        return offset + 2;
      }
      this.remember(offset);
      copy(message + offset, name, <i32>octet + 1);
      offset += <i32>octet + 1;
      name += octet + 1;
    }
    put8(message + offset, 0);
    return offset + 1;
  }

  /** RFC 1035, 4.1.4: a pointer has 14 bits. */
  private remember(offset: i32): void {
    if (offset < 0x4000 && this.count < PLACES) this.known[this.count++] = <u16>offset;
  }

  private find(message: usize, name: usize, limit: i32): i32 {
    const length = nameLength(name);
    for (let index = 0; index < limit; index++) {
      if (isAt(message, this.known[index], name, length)) return this.known[index];
    }
    return -1;
  }
}

/** Names beyond are written out: they are not many in one message. */
const PLACES: i32 = 128;

/** Whether the name at `offset` of a message that we write, which may end in a pointer, is `name`. */
function isAt(message: usize, offset: i32, name: usize, length: i32): bool {
  let index = 0;
  while (index < length) {
    const octet = get8(message + offset);
    if (octet >= 0xc0) {
      offset = ((octet & 0x3f) << 8) | get8(message + offset + 1);
      continue;
    }
    // A label at a time, for a pointer stands in place of one.
    for (const end = index + <i32>octet; index <= end; index++) {
      if (lowerCase(get8(message + offset++)) != lowerCase(get8(name + index))) return false;
    }
  }
  return true;
}
