import { ANSWER, AUTHORITY, Handler, Query, Response } from "dns";
import {
  ANY,
  AXFR,
  addressOf,
  CNAME,
  copy,
  DS,
  get8,
  get32,
  HEADER,
  IXFR,
  NAME_ERROR,
  NAME_LIMIT,
  NO_ERROR,
  NOT_IMPLEMENTED,
  NS,
  put8,
  REFUSED,
} from "dns-wire";
import { Finder } from "./find";
import { loadZones } from "./master/load";
import { afterRecord, nameAt, Tables, tailLength, tailOf } from "./tables";
import { transferZone } from "./transfer";
import { QUESTION, Writer } from "./writer";

/** Answers from the zones of the setting `zones`, as an authority (RFC 1034, 4.3.2). */
export class Zones implements Handler {
  onQuery(query: Query): void {
    const type = query.type;
    if (type == AXFR || type == IXFR) {
      transferZone(query, tables, finder, writer);
    } else if (type >= FIRST_META && type < ANY) {
      query.respond(NOT_IMPLEMENTED).end();
    } else if (finder.find(addressOf(query.name))) {
      answer(query, type);
    } else {
      query.respond(REFUSED).end();
    }
  }
}

/** RFC 6895, 3.1: from here on to ANY are types that only queries have. */
const FIRST_META: u16 = 128;

/** Aliases that are followed. */
const ALIASES: i32 = 16;

const tables: Tables = loadZones();
const finder: Finder = new Finder(tables);
const writer: Writer = new Writer(tables);
/** The alias that is followed, in wire form. */
const alias: Uint8Array = new Uint8Array(NAME_LIMIT);

/** The finder has found the name that was asked for, or the nearest above it. */
function answer(query: Query, type: u16): void {
  const response = query.respond(NO_ERROR);
  writer.begin(response);
  writer.note(tables.nodeName(finder.node), HEADER + finder.start);
  let owner = QUESTION;
  for (let count = 0; ; count++) {
    let node = finder.node;
    // RFC 4035, 3.1.4.1: DS is of the zone above.
    if (type == DS && finder.exact && tables.nodeAbove(node) != 0) node = tables.nodeAbove(node);
    const cut = tables.nodeCut(node);
    if (cut != 0 && !(type == DS && finder.exact && cut == node)) {
      if (!refer(response, cut)) response.truncate();
      break;
    }
    // RFC 1035, 4.1.1: it is said of the first owner.
    if (count == 0) response.authoritative();
    // RFC 4592, 3.3.1: the wildcard of the nearest name that exists stands for those that do not.
    const source = finder.exact ? node : tables.nodeWildcard(node);
    if (source == 0) {
      response.code(NAME_ERROR);
      if (!deny(response, node)) response.truncate();
      break;
    }
    const set = type == ANY ? smallestSet(source) : tables.find(source, type);
    if (set >= 0) {
      if (!writer.put(response, ANSWER, owner, <u32>set, tables.setTtl(set))) response.truncate();
      else writer.putAddresses(response, <u32>set, 0);
      break;
    }
    const aliases = tables.find(source, CNAME);
    if (aliases < 0) {
      if (!deny(response, node)) response.truncate();
      break;
    }
    if (!writer.put(response, ANSWER, owner, <u32>aliases, tables.setTtl(aliases))) {
      response.truncate();
      break;
    }
    owner = nameAt(tables.firstRecord(aliases), 0);
    if (count == ALIASES || !follow(owner)) break;
  }
  response.end();
}

/** Finds the name that an alias leads to; false when it is in no zone of ours. */
function follow(name: u32): bool {
  let length = 0;
  while (name != 0) {
    const label = tables.label(name);
    const octets = <i32>get8(label) + 1;
    copy(addressOf(alias) + length, label, octets);
    length += octets;
    name = tables.nameParent(name);
  }
  put8(addressOf(alias) + length, 0);
  return finder.find(addressOf(alias));
}

/** RFC 2308, 3: the SOA says that there is nothing, for the lesser of its own TTL and its last field. */
function deny(response: Response, node: u32): bool {
  const zone = tables.nodeZone(node);
  const set = tables.soa(zone);
  const record = tables.firstRecord(set);
  const least = get32(tailOf(record) + tailLength(record) - 4);
  return writer.put(
    response,
    AUTHORITY,
    tables.nodeName(tables.apex(zone)),
    set,
    min(least, tables.setTtl(set)),
  );
}

/** The way to those who know: the delegation's servers, and their addresses where we have them (RFC 1034, 4.3.2, 3b). */
function refer(response: Response, cut: u32): bool {
  const set = <u32>tables.find(cut, NS);
  return (
    writer.put(response, AUTHORITY, tables.nodeName(cut), set, tables.setTtl(set)) &&
    writer.putAddresses(response, set, cut)
  );
}

/** RFC 8482, 4.1: one set of records is answer enough to ANY, and the shortest helps an attacker least. -1 when there is none. */
function smallestSet(node: u32): i32 {
  const first = tables.firstSet(node);
  const end = first + tables.setCount(node);
  let smallest = -1;
  let least: usize = usize.MAX_VALUE;
  for (let set = first; set < end; set++) {
    const start = tables.firstRecord(set);
    let record = start;
    for (let count = tables.recordCount(set); count > 0; count--) record = afterRecord(record);
    if (record - start < least) {
      least = record - start;
      smallest = <i32>set;
    }
  }
  return smallest;
}
