import { get8, lowerCase } from "dns-wire";
import { HASH_START, mix, Tables } from "./tables";

/** Finds the node of a name, or of the nearest name above it that exists. */
export class Finder {
  /** The node; 0 when no zone here has the name. */
  node: u32 = 0;
  /** Whether it is the name's own. */
  exact: bool = false;
  /** Where the node's name begins in the name. */
  start: i32 = 0;

  /** The name in lower case. */
  private readonly lower: StaticArray<u8> = new StaticArray<u8>(256);
  /** Where its labels begin, the root's too, and the hashes from there to the end. */
  private readonly starts: StaticArray<i32> = new StaticArray<i32>(128);
  private readonly hashes: StaticArray<u32> = new StaticArray<u32>(128);

  constructor(private readonly tables: Tables) {}

  /** @param name address of a well-formed name in wire form */
  find(name: usize): bool {
    let length = 0;
    let labels = 0;
    while (true) {
      const octet = get8(name + length);
      unchecked((this.lower[length] = <u8>octet));
      unchecked((this.starts[labels++] = length++));
      if (octet == 0) break;
      for (const end = length + <i32>octet; length < end; length++) {
        unchecked((this.lower[length] = <u8>lowerCase(get8(name + length))));
      }
    }
    let hash = HASH_START;
    let label = labels - 1;
    for (let index = length - 1; index >= 0; index--) {
      hash = mix(hash, unchecked(this.lower[index]));
      if (index == unchecked(this.starts[label])) unchecked((this.hashes[label--] = hash));
    }
    for (label = 0; label < labels; label++) {
      const start = unchecked(this.starts[label]);
      const node = this.probe(unchecked(this.hashes[label]), start, length - start);
      if (node != 0) {
        this.node = node;
        this.start = start;
        this.exact = label == 0;
        return true;
      }
    }
    this.node = 0;
    return false;
  }

  private probe(hash: u32, start: i32, length: i32): u32 {
    const name = changetype<usize>(this.lower) + start;
    let place = hash;
    let node = this.tables.at(place);
    // Equal octets up to the root's are equal names.
    while (node != 0 && memory.compare(this.tables.nodeKey(node), name, length) != 0) {
      node = this.tables.at(++place);
    }
    return node;
  }
}
