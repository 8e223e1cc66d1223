// Zone files: what they may hold, what is told of mistakes, and that no text makes the reader trap.
import { beforeAll, describe, expect, test } from "vitest";
import { Random } from "../net/support/random.ts";
import type { WasmModule } from "../net/support/webassembly.ts";
import { zonesModule } from "./support/build.ts";
import { decode, flags, name, query, types } from "./support/message.ts";
import { LoadedZones, Refused } from "./support/zones.ts";

const cases = Number(process.env["UNIPKG_CASES"] ?? "400");
const head = "$TTL 1h\n@ SOA ns h.far. 1 2h 15m 2w 5m\n@ NS ns\nns A 192.0.2.1\n";

let module: WasmModule;
beforeAll(async () => {
  module = await zonesModule();
});

/** What is told of a file, or "" when it is accepted. */
function told(text: string, file = "z.zone"): string {
  try {
    new LoadedZones(module, { [file]: text });
    return "";
  } catch (error) {
    if (error instanceof Refused) return error.message;
    throw error;
  }
}

/** Data of the one record of a name and type, with its TTL. */
function dataOf(text: string, owner: string, type: number): string {
  const [answer] = new LoadedZones(module, { "z.zone": head + text }).ask(
    query(name(owner), type),
    true,
  );
  const records = decode(answer!).answer.map(({ ttl, data }) => `${ttl} ${data}`);
  return records.join(", ");
}

test.each<readonly [string, string, string, number, string]>([
  ["an owner that is left out", "a A 1.2.3.4\n  TXT x", "a.z", types.TXT, "3600 0178"],
  ["a TTL of its own, before the class", "a 5 IN A 1.2.3.4", "a.z", types.A, "5 01020304"],
  ["a TTL after the class", "a IN 1h5s A 1.2.3.4", "a.z", types.A, "3605 01020304"],
  ["the last line without an end", "a A 1.2.3.4", "a.z", types.A, "3600 01020304"],
  ["lines that end as on DOS", "a A 1.2.3.4\r\nb A 1.2.3.5\r\n", "a.z", types.A, "3600 01020304"],
  [
    "parentheses over lines, with comments",
    "a ( ; one\n TXT ( a\n\n b ;)\n) )",
    "a.z",
    types.TXT,
    "3600 01610162",
  ],
  ["a semicolon in quotes", 'a TXT "a;b"', "a.z", types.TXT, "3600 03613b62"],
  [
    "escapes in a text",
    'a TXT a\\"b\\065\\;',
    "a.z",
    types.TXT,
    "3600 056122 6241 3b".replaceAll(" ", "").replace("3600", "3600 "),
  ],
  ["an empty text", 'a TXT ""', "a.z", types.TXT, "3600 00"],
  ["another origin", "$ORIGIN sub.z.\n@ A 1.2.3.4", "sub.z", types.A, "3600 01020304"],
  ["an origin that is relative", "$ORIGIN sub\n@ A 1.2.3.4", "sub.z", types.A, "3600 01020304"],
  ["another $TTL", "$TTL 1w\na A 1.2.3.4", "a.z", types.A, "604800 01020304"],
  ["a name with an escaped dot", "a\\.b A 1.2.3.4", "a.z", types.A, ""],
  [
    "IPv6 with a gap",
    "a AAAA 2001:db8::5:0",
    "a.z",
    types.AAAA,
    "3600 20010db8000000000000000000050000",
  ],
  [
    "IPv6 with an IPv4 end",
    "a AAAA ::ffff:192.0.2.1",
    "a.z",
    types.AAAA,
    "3600 00000000000000000000ffffc0000201",
  ],
  ["a type by number", "a TYPE1 \\# 4 01020304", "a.z", types.A, "3600 01020304"],
  ["a class by number", "a CLASS1 A 1.2.3.4", "a.z", types.A, "3600 01020304"],
  ["an owner that is a type", "mx A 1.2.3.4", "mx.z", types.A, "3600 01020304"],
  ["the same record twice", "a A 1.2.3.4\nA A 1.2.3.4", "a.z", types.A, "3600 01020304"],
  ["octets in several words", "a TYPE999 \\# 3 01 02 03", "a.z", 999, "3600 010203"],
  ["no octets", "a TYPE999 \\# 0", "a.z", 999, "3600 "],
])("%s", (_what, text, owner, type, expected) => {
  expect(dataOf(text, owner, type)).toBe(expected);
});

test("a name with an escaped dot is one label", () => {
  const zones = new LoadedZones(module, { "z.zone": `${head}a\\.b A 1.2.3.4\n` });
  const [answer] = zones.ask(query(["a.b", "z"], types.A));
  expect(decode(answer!).answer).toHaveLength(1);
});

test("the zone's name is the file's, with .zone, .db or nothing behind", () => {
  for (const file of ["z.zone", "z.db", "z", "folder/z.zone"])
    expect(told(head, file), file).toBe("");
  expect(told(head, "a b.zone")).toContain("is not the name of a zone");
});

test("a zone below another has the answers, the other the DS record", () => {
  const zones = new LoadedZones(module, {
    "z.zone": `${head}sub NS ns.sub\nns.sub A 1.2.3.4\nsub DS 1 13 2 ${"ab".repeat(32)}\n`,
    "sub.z.zone": "$TTL 1h\n@ SOA ns h 1 1 1 1 1\n@ NS ns\nns A 1.2.3.5\n",
  });
  const ask = (of: string, type: number) => decode(zones.ask(query(name(of), type))[0]!);
  expect(ask("ns.sub.z", types.A).answer[0]?.data).toBe("01020305");
  expect(ask("ns.sub.z", types.A).flags & flags.authoritative).not.toBe(0);
  expect(ask("sub.z", types.DS).answer).toHaveLength(1);
  expect(ask("sub.z", types.NS).answer).toHaveLength(1);
});

test("a whole zone is its SOA, every record once, and its SOA again", () => {
  const hosts = Array.from(
    { length: 2000 },
    (_, index) => `h${index} A 10.0.${index >> 8}.${index & 255}`,
  );
  const text = `${head}${hosts.join("\n")}\nlab NS ns.lab\nns.lab A 10.9.9.9\n*.w CNAME ns\n`;
  const answers = new LoadedZones(module, { "z.zone": text }).ask(query(["z"], types.AXFR), true);
  expect(answers.length).toBeGreaterThan(1);
  const records = answers.flatMap((answer) => decode(answer).answer);
  const soa = types.SOA;
  expect(records[0]?.type).toBe(soa);
  expect(records.at(-1)).toEqual(records[0]);
  expect(records.slice(1, -1).filter(({ type }) => type === soa)).toEqual([]);
  expect(records).toHaveLength(2 + 2 + 2000 + 3);
  const shown = records
    .slice(1, -1)
    .map(({ owner, type, data }) => `${owner.join(".")} ${type} ${data}`);
  expect(new Set(shown).size).toBe(shown.length);
  expect(
    new LoadedZones(module, { "z.zone": text })
      .ask(query(["h1", "z"], types.AXFR), true)
      .map((one) => decode(one).flags & 15),
  ).toEqual([5]);
});

describe("a mistake is told with its place", () => {
  test.each<readonly [string, string]>([
    ["no SOA", "$TTL 1h\n@ NS ns.far.\n"],
    ["an empty file", ""],
    ["two SOAs", `${head}@ SOA ns h.far. 2 2h 15m 2w 5m\n`],
    ["a SOA of another name", `${head}b SOA ns h.far. 2 2h 15m 2w 5m\n`],
    ["no NS", "$TTL 1h\n@ SOA ns h.far. 1 2h 15m 2w 5m\n"],
    ["$INCLUDE", `${head}$INCLUDE other.zone\n`],
    ["an unknown directive", `${head}$GENERATE 1-2 a A 1.2.3.4\n`],
    ["no TTL", "@ SOA ns h.far. 1 2h 15m 2w 5m\n"],
    ["no type", `${head}a IN\n`],
    ["an unknown type", `${head}a AA 1.2.3.4\n`],
    ["another class", `${head}a CH TXT x\n`],
    ["an address that is none", `${head}a A 1.2.3\nb A 01.2.3.4\nc AAAA 1::2::3\nd AAAA 1.2.3.4\n`],
    ["too few words", `${head}a MX 10\nb SRV 1 2\n`],
    ["too many words", `${head}a A 1.2.3.4 5\n`],
    ["numbers out of range", `${head}a MX 65536 b\nb TYPE70000 x\nc TLSA 256 1 1 ab\n`],
    [
      "octets that are none",
      `${head}a TYPE999 \\# 2 abc\nb TYPE999 \\# 2 ab\nc DS 1 1 1 xy\nd DNSKEY 1 3 8 a=b=\n`,
    ],
    ["a text that is too long", `${head}a TXT ${"x".repeat(256)}\n`],
    ["a quote that does not end", `${head}a TXT "x\nb A 1.2.3.4\n`],
    ["a parenthesis that does not end", `${head}a ( A\n 1.2.3.4\n`],
    ["a parenthesis too many", `${head}a A 1.2.3.4 )\n`],
    ["a label that is too long", `${head}${"x".repeat(64)} A 1.2.3.4\n`],
    ["a name that is too long", `${head}${"x23456789.".repeat(26)} A 1.2.3.4\n`],
    ["an empty label", `${head}a..b A 1.2.3.4\n`],
    ["a name outside of the zone", `${head}a.far. A 1.2.3.4\n`],
    ["an alias beside others", `${head}a A 1.2.3.4\na CNAME b\n`],
    ["two aliases of one name", `${head}a CNAME b\na CNAME c\n`],
    ["two TTLs of one set", `${head}a 60 A 1.2.3.4\na 61 A 1.2.3.5\n`],
    ["a delegation without an address", `${head}sub NS ns.sub\n`],
    ["a server without an address", `${head}@ NS other\n`],
    ["a wildcard that is delegated", `${head}*.a NS ns.far.\n`],
    ["DS where nothing is delegated", `${head}a DS 1 1 1 ab\n`],
    ["types that are not served", `${head}a DNAME b\nb RRSIG x\nc LOC x\nd CNAME \\# 1 00\n`],
    ["more than can be told", `${head}${"x\n".repeat(100)}`],
  ])("%s", (_what, text) => {
    expect(told(text)).toMatchSnapshot();
  });
});

test("no text makes the reader trap, and what it accepts can be asked", {
  timeout: 120_000 + 50 * cases,
}, () => {
  const random = new Random(20);
  const words = [
    ...[
      "@",
      "a",
      "*.b",
      "a.z.",
      "far.",
      "$TTL",
      "$ORIGIN",
      "$INCLUDE",
      "1h",
      "3600",
      "IN",
      "CH",
      "(",
      ")",
      '"',
      ";",
    ],
    ...[
      "A",
      "AAAA",
      "NS",
      "CNAME",
      "SOA",
      "MX",
      "TXT",
      "SRV",
      "CAA",
      "NAPTR",
      "DS",
      "TYPE999",
      "CLASS1",
      "\\#",
      "4",
    ],
    ...[
      "1.2.3.4",
      "::1",
      "10",
      "0",
      "65536",
      "ab",
      "issue",
      '"x y"',
      "\\",
      "\\300",
      "\\065",
      "\n",
      "\n",
      "\n ",
      "\t",
      "\xff",
      "\0",
    ],
  ];
  let accepted = 0;
  for (let count = 0; count < cases; count++) {
    const parts = Array.from(
      { length: random.below(random.below(3) === 0 ? 40 : 7) },
      () => words[random.below(words.length)]!,
    );
    const text = random.below(4) > 0 ? head + parts.join(" ") : parts.join(" ");
    try {
      const zones = new LoadedZones(module, { "z.zone": text });
      accepted++;
      for (const type of [1, 2, 5, 16, 255]) decode(zones.ask(query(["a", "z"], type), true)[0]!);
    } catch (error) {
      if (!(error instanceof Refused)) throw new Error(`${error} for ${JSON.stringify(text)}`);
    }
  }
  expect(accepted).toBeGreaterThan(cases / 100);
});
