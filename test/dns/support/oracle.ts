/**
 * What an authority answers, word for word after RFC 1034, 4.3.2 (with RFC 4592's wildcards, RFC 2308's denials and RFC
 * 8482's ANY left to the test), over plain lists of records: the slow, plain twin of dns-zones.
 */
import { key, type Name, type RecordData, sameName, types } from "./message.ts";

export interface Answer {
  readonly code: number;
  readonly authoritative: boolean;
  readonly answer: readonly RecordData[];
  readonly authority: readonly RecordData[];
  /** Addresses that must be there: those of name servers below the delegation. */
  readonly glue: readonly RecordData[];
}

export type ZoneRecord = RecordData & {
  /** Names that the data have, for aliases and name servers. */
  readonly target?: Name;
};

export interface ZoneData {
  readonly apex: Name;
  readonly records: readonly ZoneRecord[];
}

const refused: Answer = { code: 5, authoritative: false, answer: [], authority: [], glue: [] };

export function oracle(zones: readonly ZoneData[], question: Name, type: number): Answer {
  const answer: RecordData[] = [];
  let authoritative: boolean | null = null;
  let of = question;
  for (let followed = 0; followed <= 16; followed++) {
    // Step 2: the zone that is the nearest ancestor. DS is asked of the parent (RFC 4035, 3.1.4.1).
    const candidates = zones
      .filter(({ apex }) => isWithin(of, apex))
      .sort((a, b) => b.apex.length - a.apex.length);
    let zone = candidates[0];
    if (zone === undefined) return answer.length === 0 ? refused : ended(answer, authoritative);
    if (type === types.DS && sameName(zone.apex, of) && candidates[1] !== undefined) {
      if (hasDelegation(candidates[1], of)) zone = candidates[1];
    }
    const { apex, records } = zone;
    // Step 3: down, label by label.
    let matched = apex;
    let delegated: Name | null = null;
    let exists = true;
    for (let labels = apex.length; labels <= of.length; labels++) {
      const node = of.slice(of.length - labels);
      if (!records.some(({ owner }) => isWithin(owner, node))) {
        exists = false;
        break;
      }
      matched = node;
      // 3b: a delegation, unless it is the apex, or DS is asked for right here.
      const isCut = labels > apex.length && at(records, node, types.NS).length > 0;
      if (isCut && !(type === types.DS && labels === of.length)) {
        delegated = node;
        break;
      }
      if (isCut) break;
    }
    if (delegated !== null) {
      const authority = at(records, delegated, types.NS);
      const glue = authority.flatMap(({ target }) =>
        target !== undefined && isWithin(target, delegated)
          ? [...at(records, target, types.A), ...at(records, target, types.AAAA)]
          : [],
      );
      return { code: 0, authoritative: authoritative ?? false, answer, authority, glue };
    }
    authoritative ??= true;
    // 3c: the wildcard of the closest encloser.
    const source = exists ? of : ["*", ...matched];
    // RFC 4592, 4.9: a wildcard that exists because of names below it denies the data, not the name.
    if (!exists && !records.some(({ owner }) => isWithin(owner, source))) {
      return { code: 3, authoritative, answer, authority: [denial(zone)], glue: [] };
    }
    const found = at(records, source, type).map((record) => ({ ...record, owner: of }));
    if (found.length > 0) return { ...ended(answer, authoritative), answer: [...answer, ...found] };
    const [alias] = at(records, source, types.CNAME);
    if (alias === undefined) {
      return { code: 0, authoritative, answer, authority: [denial(zone)], glue: [] };
    }
    answer.push({ ...alias, owner: of });
    of = alias.target!;
  }
  return ended(answer, authoritative);
}

function ended(answer: readonly RecordData[], authoritative: boolean | null): Answer {
  return { code: 0, authoritative: authoritative ?? false, answer, authority: [], glue: [] };
}

/** RFC 2308, 3. */
function denial({ apex, records }: ZoneData): RecordData {
  const [soa] = at(records, apex, types.SOA);
  const least = Number.parseInt(soa!.data.slice(-8), 16);
  return { ...soa!, ttl: Math.min(soa!.ttl, least) };
}

function hasDelegation({ apex, records }: ZoneData, of: Name): boolean {
  for (let labels = apex.length + 1; labels < of.length; labels++) {
    if (at(records, of.slice(of.length - labels), types.NS).length > 0) return false;
  }
  return at(records, of, types.NS).length > 0;
}

function at(records: readonly ZoneRecord[], of: Name, type: number): ZoneRecord[] {
  return records.filter((record) => record.type === type && sameName(record.owner, of));
}

export function isWithin(of: Name, ancestor: Name): boolean {
  return (
    of.length >= ancestor.length && key(of.slice(of.length - ancestor.length)) === key(ancestor)
  );
}
