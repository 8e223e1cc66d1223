// dns-zones against the plain reading of RFC 1034, 4.3.2, on random zones and questions.
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import type { WasmModule } from "../net/support/webassembly.ts";
import { zonesModule } from "./support/build.ts";
import {
  decode,
  encodeName,
  flags,
  key,
  type Name,
  query,
  type RecordData,
  sameName,
  types,
} from "./support/message.ts";
import { isWithin, oracle, type ZoneData, type ZoneRecord } from "./support/oracle.ts";
import { LoadedZones } from "./support/zones.ts";

const runs = Number(process.env["UNIPKG_CASES"] ?? "100");

let module: WasmModule;
beforeAll(async () => {
  module = await zonesModule();
});

/** Few labels, so that names meet each other; case that differs. */
const label = fc.constantFrom("a", "b", "c", "A", "*", "x-1");
const below = fc.array(label, { maxLength: 4 });
const apexes: readonly Name[] = [["z"], ["a", "z"], ["b", "a", "z"], ["other"]];

interface Drawn {
  readonly below: Name;
  readonly type: number;
  readonly to: Name;
  readonly ttl: number;
}

const drawn: fc.Arbitrary<Drawn> = fc.record({
  below,
  type: fc.constantFrom(
    types.A,
    types.A,
    types.AAAA,
    types.CNAME,
    types.NS,
    types.MX,
    types.TXT,
    types.DS,
  ),
  to: fc.oneof(
    below.map((labels) => [...labels, "z"]),
    below.map((labels) => [...labels, "a", "z"]),
    below.map((labels) => [...labels, "far"]),
  ),
  ttl: fc.constantFrom(0, 60, 3600),
});

/** A zone as its file would be accepted: what the checks refuse is left out. */
function zoneOf(apex: Name, list: readonly Drawn[]): ZoneData {
  const soaData = [encodeName(["ns", ...apex]), encodeName(["h", "far"]), numbers(1, 2, 3, 4, 300)];
  const records: ZoneRecord[] = [
    record(apex, types.SOA, 3600, Buffer.concat(soaData)),
    record(apex, types.NS, 3600, encodeName(["ns", "far"]), ["ns", "far"]),
  ];
  const has = (owner: Name, type: number) =>
    records.some((one) => one.type === type && sameName(one.owner, owner));
  for (const { below: front, type, to, ttl } of list) {
    const owner = [...front, ...apex];
    const mine = records.filter((one) => sameName(one.owner, owner));
    const isAlias = mine.some((one) => one.type === types.CNAME);
    if (isAlias || (type === types.CNAME && mine.length > 0)) continue;
    if (type === types.NS && (owner[0] === "*" || front.length === 0)) continue;
    if (type === types.DS && (front.length === 0 || !has(owner, types.NS))) continue;
    const time = mine.find((one) => one.type === type)?.ttl ?? ttl;
    const made = record(owner, type, time, dataOf(type, to, list.indexOf(mine as never)), to);
    if (mine.some((one) => one.type === type && sameData(one, made))) continue;
    records.push(made);
  }
  // Servers in the zone need an address there.
  for (const one of [...records]) {
    const target = one.target;
    if (one.type !== types.NS || target === undefined || !isWithin(target, apex)) continue;
    if (has(target, types.CNAME))
      records.splice(
        records.findIndex((it) => it.type === types.CNAME && sameName(it.owner, target)),
        1,
      );
    if (!has(target, types.A)) records.push(record(target, types.A, 60, numbers(0x0a000001)));
  }
  return { apex, records };
}

function sameData(a: RecordData, b: RecordData): boolean {
  return a.data.toLowerCase() === b.data.toLowerCase() || lower(a.data) === lower(b.data);
}

function lower(hex: string): string {
  return Buffer.from(hex, "hex").toString("latin1").toLowerCase();
}

function record(owner: Name, type: number, ttl: number, data: Buffer, target?: Name): ZoneRecord {
  return {
    owner,
    type,
    class: 1,
    ttl,
    data: data.toString("hex"),
    ...(target === undefined ? {} : { target }),
  };
}

function numbers(...words: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * words.length);
  for (const [index, word] of words.entries()) bytes.writeUInt32BE(word, 4 * index);
  return bytes;
}

function dataOf(type: number, to: Name, salt: number): Buffer {
  switch (type) {
    case types.A:
      return numbers(0xc0000200 + to.length);
    case types.AAAA:
      return numbers(0x20010db8, 0, 0, to.length);
    case types.TXT:
      return Buffer.concat([Buffer.from([to.length]), Buffer.from("x".repeat(to.length))]);
    case types.MX:
      return Buffer.concat([Buffer.from([0, to.length]), encodeName(to)]);
    case types.DS:
      return Buffer.concat([Buffer.from([0, 1, 13, 2]), Buffer.alloc(32, to.length + salt)]);
    default:
      return encodeName(to);
  }
}

function fileOf({ records }: ZoneData): string {
  const text = (of: Name) => `${of.join(".")}.`;
  const lines = records.map(({ owner, type, ttl, data, target }) => {
    const start = `${text(owner)} ${ttl} IN`;
    switch (type) {
      case types.SOA:
        return `${start} SOA ns.${text(owner)} h.far. 1 2 3 4 300`;
      case types.NS:
        return `${start} NS ${text(target!)}`;
      case types.CNAME:
        return `${start} CNAME ${text(target!)}`;
      case types.MX:
        return `${start} MX ${target!.length} ${text(target!)}`;
      default:
        return `${start} TYPE${type} \\# ${data.length / 2} ${data}`;
    }
  });
  return `${lines.join("\n")}\n`;
}

/** Records as lines, sorted: the order within a set has no meaning. */
function lines(records: readonly RecordData[]): string[] {
  return records
    .map(({ owner, type, ttl, data }) => `${key(owner)} ${type} ${ttl} ${lower(data)}`)
    .sort();
}

describe("answers", () => {
  test("are those of RFC 1034, 4.3.2", { timeout: 120_000 + 500 * runs }, () => {
    const asked = fc.array(
      fc.record({
        below,
        apex: fc.constantFrom(...apexes),
        type: fc.constantFrom(
          types.A,
          types.AAAA,
          types.CNAME,
          types.NS,
          types.MX,
          types.TXT,
          types.DS,
          types.SOA,
          types.SRV,
        ),
      }),
      { minLength: 1, maxLength: 60 },
    );
    const sets = fc.array(fc.array(drawn, { maxLength: 14 }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(sets, asked, (lists, questions) => {
        const zones = lists.map((list, index) => zoneOf(apexes[index]!, list));
        const files = Object.fromEntries(
          zones.map((zone) => [`${zone.apex.join(".")}.zone`, fileOf(zone)]),
        );
        const loaded = new LoadedZones(module, files);
        for (const { below: front, apex, type } of questions) {
          const of = [...front, ...apex];
          const expected = oracle(zones, of, type);
          const [bytes, ...others] = loaded.ask(query(of, type), true);
          expect(others).toEqual([]);
          const got = decode(bytes!);
          const context = `${of.join(".")} ${type}\n${Object.values(files).join("\n")}`;
          expect(got.flags & 15, context).toBe(expected.code);
          expect((got.flags & flags.authoritative) !== 0, context).toBe(expected.authoritative);
          expect(got.questions, context).toEqual([{ name: of, type, class: 1 }]);
          expect(lines(got.answer), context).toEqual(lines(expected.answer));
          expect(lines(got.authority), context).toEqual(lines(expected.authority));
          const extra = lines(got.additional);
          for (const needed of lines(expected.glue)) expect(extra, context).toContain(needed);
          // What is added is true: an address of the zones, once.
          const known = new Set(zones.flatMap(({ records }) => lines(records)));
          for (const one of extra) expect(known.has(one), context).toBe(true);
          expect(new Set(extra).size, context).toBe(extra.length);
        }
      }),
      { numRuns: runs, seed: 4 },
    );
  });
});
