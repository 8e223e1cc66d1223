/**
 * The zones as tables, made at build time and not changed after: the data of the image. A name, a node and a set of
 * records are numbers from then on. All raw access of the package to the tables is here.
 *
 *     names    parent, label                                        a word each; name 0 is the root
 *     nodes    name, zone, cut, wildcard, first set, sets, above, key   node 0 is none
 *     sets     type and count, TTL, records
 *     records  target node, head length, names, tail length | name … | head | tail
 *     zones    apex, SOA set, first node, nodes
 */

/** Makes tables, a piece at a time. */
export class Octets {
  private bytes: StaticArray<u8> = new StaticArray<u8>(1024);
  length: i32 = 0;

  put8(value: u32): void {
    store<u8>(this.room(1), <u8>value);
  }

  put16(value: u32): void {
    store<u16>(this.room(2), <u16>value);
  }

  put32(value: u32): void {
    store<u32>(this.room(4), value);
  }

  putAll(octets: Uint8Array): void {
    memory.copy(this.room(octets.length), octets.dataStart, octets.length);
  }

  /** What was put, and nothing more. */
  finish(): StaticArray<u8> {
    const exact = new StaticArray<u8>(this.length);
    memory.copy(changetype<usize>(exact), changetype<usize>(this.bytes), this.length);
    return exact;
  }

  private room(count: i32): usize {
    const start = this.length;
    this.length += count;
    if (this.length > this.bytes.length) {
      const larger = new StaticArray<u8>(max(this.length, 2 * this.bytes.length));
      memory.copy(changetype<usize>(larger), changetype<usize>(this.bytes), start);
      this.bytes = larger;
    }
    return changetype<usize>(this.bytes) + start;
  }
}

/** The tables. They are referenced here, so that they stay where they are. */
export class Tables {
  readonly names: usize;
  readonly labels: usize;
  readonly nodes: usize;
  readonly sets: usize;
  readonly records: usize;
  readonly zones: usize;
  readonly keys: usize;
  /** Nodes that can be found, by the hash of their keys: a power of two of places. */
  readonly index: usize;
  readonly mask: u32;
  /** Where names stand in the message that is being written: its generation, and an offset. */
  readonly stamps: usize;
  readonly nameCount: i32;
  readonly zoneCount: i32;
  /** What the addresses are of. */
  readonly kept: StaticArray<u8>[];

  constructor(
    names: StaticArray<u8>,
    labels: StaticArray<u8>,
    nodes: StaticArray<u8>,
    sets: StaticArray<u8>,
    records: StaticArray<u8>,
    zones: StaticArray<u8>,
    keys: StaticArray<u8>,
    readonly indexKept: StaticArray<u32>,
    readonly stampsKept: StaticArray<u32>,
  ) {
    this.kept = [names, labels, nodes, sets, records, zones, keys];
    this.names = changetype<usize>(names);
    this.labels = changetype<usize>(labels);
    this.nodes = changetype<usize>(nodes);
    this.sets = changetype<usize>(sets);
    this.records = changetype<usize>(records);
    this.zones = changetype<usize>(zones);
    this.keys = changetype<usize>(keys);
    this.index = changetype<usize>(indexKept);
    this.stamps = changetype<usize>(stampsKept);
    this.mask = <u32>indexKept.length - 1;
    this.nameCount = stampsKept.length;
    this.zoneCount = zones.length >> 4;
  }

  nameParent(name: u32): u32 {
    return load<u32>(this.names + (name << 3));
  }

  /** Address of a name's first label. */
  label(name: u32): usize {
    return this.labels + load<u32>(this.names + (name << 3), 4);
  }

  nodeName(node: u32): u32 {
    return load<u32>(this.nodes + (node << 5));
  }

  nodeZone(node: u32): u32 {
    return load<u32>(this.nodes + (node << 5), 4);
  }

  /** The highest delegation at or above the node; 0 where the zone is an authority. */
  nodeCut(node: u32): u32 {
    return load<u32>(this.nodes + (node << 5), 8);
  }

  nodeWildcard(node: u32): u32 {
    return load<u32>(this.nodes + (node << 5), 12);
  }

  firstSet(node: u32): u32 {
    return load<u32>(this.nodes + (node << 5), 16);
  }

  setCount(node: u32): u32 {
    return load<u32>(this.nodes + (node << 5), 20);
  }

  /** Of another zone's apex, the delegation to it in the zone above; 0 otherwise. */
  nodeAbove(node: u32): u32 {
    return load<u32>(this.nodes + (node << 5), 24);
  }

  /** Address of the node's name in lower case, in wire form. */
  nodeKey(node: u32): usize {
    return this.keys + load<u32>(this.nodes + (node << 5), 28);
  }

  setType(set: u32): u16 {
    return load<u16>(this.sets + <usize>set * 12);
  }

  recordCount(set: u32): i32 {
    return load<u16>(this.sets + <usize>set * 12, 2);
  }

  setTtl(set: u32): u32 {
    return load<u32>(this.sets + <usize>set * 12, 4);
  }

  /** Address of the set's first record. */
  firstRecord(set: u32): usize {
    return this.records + load<u32>(this.sets + <usize>set * 12, 8);
  }

  /** The set of a node and type; -1 when there is none. */
  find(node: u32, type: u16): i32 {
    const first = this.firstSet(node);
    const end = first + this.setCount(node);
    for (let set = first; set < end; set++) {
      if (this.setType(set) == type) return <i32>set;
    }
    return -1;
  }

  apex(zone: u32): u32 {
    return load<u32>(this.zones + (zone << 4));
  }

  soa(zone: u32): u32 {
    return load<u32>(this.zones + (zone << 4), 4);
  }

  firstNode(zone: u32): u32 {
    return load<u32>(this.zones + (zone << 4), 8);
  }

  nodeCount(zone: u32): u32 {
    return load<u32>(this.zones + (zone << 4), 12);
  }

  /** The node at a place of the index; 0 when it is empty. */
  at(place: u32): u32 {
    return load<u32>(this.index + ((place & this.mask) << 2));
  }

  stamp(name: u32): u32 {
    return load<u32>(this.stamps + (name << 2));
  }

  setStamp(name: u32, stamp: u32): void {
    store<u32>(this.stamps + (name << 2), stamp);
  }

  clearStamps(): void {
    memory.fill(this.stamps, 0, (<usize>this.nameCount) << 2);
  }
}

// A record's fields, from its address.
export function targetOf(record: usize): u32 {
  return load<u32>(record);
}

export function headLength(record: usize): i32 {
  return load<u8>(record, 4);
}

export function nameCount(record: usize): i32 {
  return load<u8>(record, 5);
}

export function tailLength(record: usize): i32 {
  return load<u16>(record, 6);
}

export function nameAt(record: usize, index: i32): u32 {
  return load<u32>(record + (index << 2), 8);
}

export function headOf(record: usize): usize {
  return record + 8 + (nameCount(record) << 2);
}

export function tailOf(record: usize): usize {
  return headOf(record) + headLength(record);
}

export function afterRecord(record: usize): usize {
  return tailOf(record) + tailLength(record);
}

/** FNV-1a (Fowler, Noll, Vo) from the last octet of a name to the first, so that every parent's hash comes on the way. */
export function mix(hash: u32, octet: u32): u32 {
  return (hash ^ octet) * 0x01000193;
}

export const HASH_START: u32 = 0x811c9dc5;
