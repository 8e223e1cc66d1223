import { HASH_START, mix, Octets, Tables } from "../tables";
import { Data } from "./data";
import { caselessKey, keyOf, parentName } from "./name";
import { Node, RecordSet, Zone } from "./zone";

/** Makes the tables of all zones. */
export class TableMaker {
  private readonly nameIds: Map<string, u32> = new Map<string, u32>();
  private readonly names: Octets = new Octets();
  private readonly labels: Octets = new Octets();
  private readonly nodes: Octets = new Octets();
  private readonly sets: Octets = new Octets();
  private readonly records: Octets = new Octets();
  private readonly zoneTable: Octets = new Octets();
  private readonly keys: Octets = new Octets();
  /** Caseless name -> the node that is found by it. */
  private readonly found: Map<string, Node> = new Map<string, Node>();
  private readonly apexes: Map<string, Zone> = new Map<string, Zone>();
  private setCount: u32 = 0;

  constructor(private readonly zones: Zone[]) {
    this.names.put32(0);
    this.names.put32(0);
    this.labels.put8(0);
    for (let word = 0; word < 8; word++) this.nodes.put32(0);
  }

  make(): Tables {
    let id: u32 = 1;
    for (let index = 0; index < this.zones.length; index++) {
      const zone = this.zones[index];
      this.apexes.set(caselessKey(zone.apex!.name), zone);
      // Spellings of owners first: others that differ in case have names of their own.
      for (let at = 0; at < zone.nodes.length; at++) {
        zone.nodes[at].id = id++;
        this.nameId(zone.nodes[at].name);
      }
    }
    for (let index = 0; index < this.zones.length; index++) this.putZone(index);
    return new Tables(
      this.names.finish(),
      this.labels.finish(),
      this.nodes.finish(),
      this.sets.finish(),
      this.records.finish(),
      this.zoneTable.finish(),
      this.keys.finish(),
      this.makeIndex(),
      new StaticArray<u32>(this.names.length >> 3),
    );
  }

  private putZone(index: i32): void {
    const zone = this.zones[index];
    const apex = zone.apex!;
    const first = zone.nodes[0].id;
    let soa: u32 = 0;
    for (let at = 0; at < zone.nodes.length; at++) {
      const node = zone.nodes[at];
      const key = caselessKey(node.name);
      if (this.zoneOf(key) === zone) this.found.set(key, node);
      const cut = node.cut;
      const wildcard = node.wildcard;
      this.nodes.put32(this.nameId(node.name));
      this.nodes.put32(index);
      this.nodes.put32(cut === null ? 0 : cut.id);
      this.nodes.put32(wildcard === null ? 0 : wildcard.id);
      this.nodes.put32(this.setCount);
      this.nodes.put32(node.sets.length);
      this.nodes.put32(node === apex ? this.above(node) : 0);
      this.nodes.put32(this.keys.length);
      for (let octet = 0; octet < key.length; octet++) this.keys.put8(key.charCodeAt(octet));
      for (let set = 0; set < node.sets.length; set++) {
        if (node === apex && node.sets[set].type == 6) soa = this.setCount;
        this.putSet(node.sets[set], zone);
      }
    }
    this.zoneTable.put32(apex.id);
    this.zoneTable.put32(soa);
    this.zoneTable.put32(first);
    this.zoneTable.put32(zone.nodes.length);
  }

  private putSet(set: RecordSet, zone: Zone): void {
    this.setCount++;
    this.sets.put16(set.type);
    this.sets.put16(set.records.length);
    this.sets.put32(set.ttl);
    this.sets.put32(this.records.length);
    for (let index = 0; index < set.records.length; index++)
      this.putRecord(set.records[index], zone);
  }

  private putRecord(data: Data, zone: Zone): void {
    const wanted = data.target;
    let target: Node | null = null;
    if (wanted !== null) target = zone.node(wanted);
    this.records.put32(target === null ? 0 : target.id);
    this.records.put8(data.head.length);
    this.records.put8(data.names.length);
    this.records.put16(data.tail.length);
    for (let index = 0; index < data.names.length; index++)
      this.records.put32(this.nameId(data.names[index]));
    this.records.putAll(data.head);
    this.records.putAll(data.tail);
  }

  /** The deepest zone that a name is in; null for none. */
  private zoneOf(key: string): Zone | null {
    for (let start = 0; start < key.length; start += key.charCodeAt(start) + 1) {
      const suffix = key.slice(start);
      if (this.apexes.has(suffix)) return this.apexes.get(suffix);
    }
    return null;
  }

  /** The delegation of an apex in the next zone above that is here; 0 when there is none. */
  private above(apex: Node): u32 {
    if (apex.name[0] == 0) return 0;
    const zone = this.zoneOf(caselessKey(parentName(apex.name)));
    if (zone === null) return 0;
    const node = zone.node(apex.name);
    return node === null || node.cut !== node ? 0 : node.id;
  }

  private nameId(name: Uint8Array): u32 {
    if (name[0] == 0) return 0;
    const key = keyOf(name);
    if (this.nameIds.has(key)) return this.nameIds.get(key);
    const parent = this.nameId(parentName(name));
    const id: u32 = this.names.length >> 3;
    this.names.put32(parent);
    this.names.put32(this.labels.length);
    this.labels.putAll(name.subarray(0, name[0] + 1));
    this.nameIds.set(key, id);
    return id;
  }

  private makeIndex(): StaticArray<u32> {
    const keys = this.found.keys();
    let size = 16;
    while (size < 2 * keys.length) size <<= 1;
    const index = new StaticArray<u32>(size);
    for (let at = 0; at < keys.length; at++) {
      const key = keys[at];
      let hash = HASH_START;
      for (let octet = key.length - 1; octet >= 0; octet--) hash = mix(hash, key.charCodeAt(octet));
      let place = hash & (size - 1);
      while (index[place] != 0) place = (place + 1) & (size - 1);
      index[place] = this.found.get(key).id;
    }
    return index;
  }
}
