import { A, AAAA, CNAME, DS, NS, SOA } from "dns-wire";
import { Data } from "./data";
import { Faults } from "./fault";
import { caselessKey, parentName } from "./name";
import { Receiver } from "./parser";

/** All records of one name and type. */
export class RecordSet {
  readonly records: Data[] = [];

  constructor(
    readonly type: u16,
    readonly ttl: u32,
  ) {}

  /** What it takes in a message, not compressed but for the owner. */
  get octets(): i32 {
    let octets = 0;
    for (let index = 0; index < this.records.length; index++) {
      const record = this.records[index];
      octets += 12 + record.head.length + record.tail.length;
      for (let at = 0; at < record.names.length; at++) octets += record.names[at].length;
    }
    return octets;
  }
}

/** Octets of a set at most: a message has 65535, and something beside the set. */
const LARGEST: i32 = 64000;

/** A name of a zone that exists: it has records, or a name below it has (RFC 4592, 2.2.2). */
export class Node {
  readonly sets: RecordSet[] = [];
  parent: Node | null = null;
  /** The highest delegation at or above it within the zone; null in what the zone is an authority of. */
  cut: Node | null = null;
  /** The node `*` below it. */
  wildcard: Node | null = null;
  /** Its place in the tables. */
  id: u32 = 0;

  /** @param name in wire form, in its first owner's case */
  constructor(readonly name: Uint8Array) {}

  find(type: u16): RecordSet | null {
    for (let index = 0; index < this.sets.length; index++) {
      if (this.sets[index].type == type) return this.sets[index];
    }
    return null;
  }

  get hasAddress(): bool {
    return this.find(A) !== null || this.find(AAAA) !== null;
  }

  get isWildcard(): bool {
    return this.name[0] == 1 && this.name[1] == 0x2a;
  }
}

/** One zone as its file has it. */
export class Zone implements Receiver {
  readonly nodes: Node[] = [];
  readonly byName: Map<string, Node> = new Map<string, Node>();
  apex: Node | null = null;

  constructor(
    readonly file: string,
    private readonly faults: Faults,
  ) {}

  onRecord(owner: Uint8Array, type: u16, ttl: u32, data: Data): void {
    const node = this.nodeOf(owner);
    let set = node.find(type);
    if (set === null) {
      if (type == SOA) {
        if (this.apex !== null) {
          this.fault(data, "a second SOA record: a zone has one", "");
          return;
        }
        this.apex = node;
      }
      set = new RecordSet(type, ttl);
      node.sets.push(set);
    } else if (set.ttl != ttl) {
      // RFC 2181, 5.2
      this.fault(
        data,
        `a TTL of ${ttl}, but the records before of this name and type have ${set.ttl}`,
        "give them one TTL",
      );
      return;
    }
    // RFC 2181, 5: the same record twice is one record.
    for (let index = 0; index < set.records.length; index++) {
      if (isSame(set.records[index], data)) return;
    }
    if (set.records.length > 0 && (type == CNAME || type == SOA)) {
      this.fault(data, "a second record of a type that a name can have one of", "");
      return;
    }
    set.records.push(data);
  }

  /** Puts the tree together and checks what no single record shows. */
  finish(): void {
    const apex = this.apex;
    if (apex === null) {
      this.faults.add(
        this.file,
        1,
        1,
        "the zone has no SOA record",
        "begin with `@ IN SOA ns1 hostmaster 1 1h 15m 2w 1h`",
      );
      return;
    }
    const soa = apex.find(SOA)!.records[0];
    if (apex.find(NS) === null) this.fault(soa, "the zone's own name has no NS record", "");
    const apexKey = caselessKey(apex.name);
    // Nodes that are made on the way come behind those that are there.
    const given = this.nodes.length;
    for (let index = 0; index < given; index++) this.connect(this.nodes[index], apex, apexKey);
    if (!this.faults.isEmpty) return;
    for (let index = 0; index < this.nodes.length; index++) this.checkSets(this.nodes[index]);
    for (let index = 0; index < this.nodes.length; index++) this.findCut(this.nodes[index]);
    for (let index = 0; index < this.nodes.length; index++) this.checkServers(this.nodes[index]);
  }

  /** Whether a name is the zone's, by its caseless key. */
  node(name: Uint8Array): Node | null {
    const key = caselessKey(name);
    return this.byName.has(key) ? this.byName.get(key) : null;
  }

  private nodeOf(name: Uint8Array): Node {
    const key = caselessKey(name);
    if (this.byName.has(key)) return this.byName.get(key);
    const node = new Node(name);
    this.byName.set(key, node);
    this.nodes.push(node);
    return node;
  }

  /** Gives a node its parents, up to the apex. */
  private connect(node: Node, apex: Node, apexKey: string): void {
    while (node !== apex && node.parent === null) {
      if (!caselessKey(node.name).endsWith(apexKey) || node.name.length <= apex.name.length) {
        const first = node.sets[0].records[0];
        this.fault(
          first,
          "a record outside of the zone",
          "names that do not end with a dot are relative to the origin; every file is one zone",
        );
        return;
      }
      const parent = this.nodeOf(parentName(node.name));
      node.parent = parent;
      if (node.isWildcard) parent.wildcard = node;
      node = parent;
    }
  }

  private checkSets(node: Node): void {
    for (let index = 0; index < node.sets.length; index++) {
      const first = node.sets[index].records[0];
      if (node.sets[index].octets > LARGEST)
        this.fault(first, "more records of one name and type than a message can hold", "");
    }
    const alias = node.find(CNAME);
    if (alias !== null && node.sets.length > 1) {
      // RFC 2181, 10.1
      const other = node.sets[0] === alias ? node.sets[1] : node.sets[0];
      this.fault(
        later(alias.records[0], other.records[0]),
        "a CNAME beside other records of the same name: an alias has nothing else",
        "",
      );
    }
    const servers = node.find(NS);
    if (servers !== null && node.isWildcard) {
      // RFC 4592, 4.2: what it would mean is not defined.
      this.fault(servers.records[0], "a wildcard cannot be delegated", "");
    }
    const signer = node.find(DS);
    if (signer !== null && (servers === null || node === this.apex)) {
      this.fault(
        signer.records[0],
        "a DS record where nothing is delegated",
        "it stands beside the NS records of a name below the zone's own",
      );
    }
  }

  private findCut(node: Node): void {
    let above: Node | null = node;
    while (above !== null && above !== this.apex) {
      if (above.find(NS) !== null) node.cut = above;
      above = above.parent;
    }
  }

  /** Name servers of the zone and of delegations below it that are in the zone need addresses there. */
  private checkServers(node: Node): void {
    const servers = node.find(NS);
    if (servers === null || (node.cut !== null && node.cut !== node)) return;
    for (let index = 0; index < servers.records.length; index++) {
      const record = servers.records[index];
      const target = record.target!;
      if (!caselessKey(target).endsWith(caselessKey(this.apex!.name))) continue;
      const found = this.node(target);
      if (found === null ? this.isCovered(target) : found.hasAddress || isBelowOther(found, node))
        continue;
      this.fault(
        record,
        "a name server in this zone that has no address here",
        "add its A or AAAA record",
      );
    }
  }

  /** Whether a name that is not in the zone has a wildcard, or is in another's hands. */
  private isCovered(name: Uint8Array): bool {
    let above: Uint8Array = name;
    while (above[0] != 0) {
      above = parentName(above);
      const node = this.node(above);
      if (node !== null) {
        const wildcard = node.wildcard;
        return wildcard !== null && wildcard.hasAddress;
      }
    }
    return false;
  }

  private fault(data: Data, message: string, hint: string): void {
    this.faults.add(this.file, data.line, data.column, message, hint);
  }
}

/** A server below another delegation than the one that it serves: its addresses are that one's business. */
function isBelowOther(server: Node, node: Node): bool {
  return server.cut !== null && server.cut !== node;
}

function later(a: Data, b: Data): Data {
  return a.line > b.line || (a.line == b.line && a.column > b.column) ? a : b;
}

function isSame(a: Data, b: Data): bool {
  if (
    !sameOctets(a.head, b.head) ||
    !sameOctets(a.tail, b.tail) ||
    a.names.length != b.names.length
  )
    return false;
  for (let index = 0; index < a.names.length; index++) {
    if (caselessKey(a.names[index]) != caselessKey(b.names[index])) return false;
  }
  return true;
}

function sameOctets(a: Uint8Array, b: Uint8Array): bool {
  return a.length == b.length && memory.compare(a.dataStart, b.dataStart, a.length) == 0;
}
