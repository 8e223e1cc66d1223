import { ANSWER, Query, Response, Stream } from "dns";
import { AXFR, addressOf, HEADER, NO_ERROR, REFUSED } from "dns-wire";
import { Finder } from "./find";
import { isAllowed } from "./networks";
import { Tables } from "./tables";
import { Writer } from "./writer";

/** Answers a query for a whole zone: refuses it, unless it comes over TCP from an address of the setting `transferTo`. */
export function transferZone(query: Query, tables: Tables, finder: Finder, writer: Writer): void {
  const isOurs = finder.find(addressOf(query.name)) && finder.exact;
  const zone = tables.nodeZone(finder.node);
  const isApex = isOurs && tables.apex(zone) == finder.node;
  if (isApex && query.type == AXFR && query.overTcp && isAllowed(query.address)) {
    if (query.stream(new Transfer(zone, tables, writer))) return;
  }
  query.respond(REFUSED).end();
}

/** A zone, message by message (RFC 5936, 2.2): its SOA, all other records, its SOA again. */
class Transfer implements Stream {
  /** The node and the set that come next. */
  private node: u32;
  private set: u32;
  private begun: bool = false;

  constructor(
    private readonly zone: u32,
    private readonly tables: Tables,
    private readonly writer: Writer,
  ) {
    this.node = tables.firstNode(zone);
    this.set = tables.firstSet(this.node);
  }

  onRoom(query: Query): bool {
    const tables = this.tables;
    const response = query.respond(NO_ERROR);
    response.authoritative();
    this.writer.begin(response);
    const apex = tables.apex(this.zone);
    const soa = tables.soa(this.zone);
    this.writer.note(tables.nodeName(apex), HEADER);
    if (!this.begun) this.put(response, apex, soa);
    this.begun = true;
    const end = tables.firstNode(this.zone) + tables.nodeCount(this.zone);
    // What does not fit has the next message: a set alone always fits (master/zone.ts).
    let fits = true;
    while (fits && this.node < end && response.length < MESSAGE) {
      if (this.set == tables.firstSet(this.node) + tables.setCount(this.node)) {
        if (++this.node < end) this.set = tables.firstSet(this.node);
      } else if (this.set == soa) {
        this.set++;
      } else {
        fits = this.put(response, this.node, this.set);
        if (fits) this.set++;
      }
    }
    const isLast = fits && this.node == end && this.put(response, apex, soa);
    response.end();
    return !isLast;
  }

  private put(response: Response, node: u32, set: u32): bool {
    const tables = this.tables;
    return this.writer.put(response, ANSWER, tables.nodeName(node), set, tables.setTtl(set));
  }
}

/** Octets after which a message of a transfer ends. */
const MESSAGE: i32 = 16384;
