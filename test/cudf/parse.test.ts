import { expect, test } from "vitest";
import { atomText, packageText } from "../../solver/cudf/document.ts";
import { parseDocument } from "../../solver/cudf/parse.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);

function faultOf(text: string, wanted: readonly string[] = []): string {
  const parsed = parseDocument(bytesOf(text), new Set(wanted));
  return parsed.ok ? "fine" : `line ${parsed.fault.line}: ${parsed.fault.message}`;
}

const a = "package: a\nversion: 1\n";

test.each([
  ["", "fine"],
  ["\n \n# nothing\n", "fine"],
  [a, "fine"],
  ["package: a\nversion: 1", "fine"],
  ["package:a\nversion:1\ndepends:b>=2|c!=3,d\n", "fine"],
  ["package: a\r\nversion: 1\r\n\r\n", "fine"],
  ["package: a\n", "line 1: the package has no version"],
  ["package: a\nversion: 0\n", "line 2: 0 is less than 1"],
  ["package: a\nversion: 1.2\n", 'line 2: unexpected ".2"'],
  ["package: a\nversion: x\n", 'line 2: a number expected, not "x"'],
  ["package: a\nversion: 99999999999999999999\n", "line 2: the number is too large"],
  ["package: a b\nversion: 1\n", 'line 1: unexpected "b"'],
  ["package: \nversion: 1\n", "line 1: a name expected, not the end of the line"],
  [
    "version: 1\n",
    'line 1: a stanza begins with "preamble", "package" or "request", not with "version"',
  ],
  [`${a}verson: 2\n`, 'line 3: unknown property "verson"'],
  [`${a}version: 2\n`, 'line 3: a second "version" in one stanza'],
  [
    `${a}package: b\nversion: 1\n`,
    'line 3: a second "package" in one stanza: an empty line must come before a stanza',
  ],
  [
    `${a}request: \n`,
    'line 3: "request" in a package stanza: an empty line must come before a stanza',
  ],
  [`${a}install: b\n`, 'line 3: "install" in a package stanza'],
  [`${a}\n${a}`, "line 4: a second stanza for a 1"],
  [`${a}\npackage: a\nversion: 2\n\n${a}`, "line 7: a second stanza for a 1"],
  [`${a}\npreamble: \n`, "line 4: the preamble must be the first stanza"],
  ["request: \n\nrequest: \n", "line 3: a second request"],
  [`${a}depends: b >=\n`, "line 3: a number expected, not the end of the line"],
  [`${a}depends: b |\n`, "line 3: a name expected, not the end of the line"],
  [`${a}depends: b,, c\n`, 'line 3: a name expected, not ","'],
  [`${a}depends: b >> 3\n`, 'line 3: a number expected, not ">"'],
  [`${a}depends: true! | b\n`, 'line 3: unexpected "|"'],
  [`${a}depends: b\n , c\n | d\n x\n`, 'line 6: unexpected "x"'],
  [`${a}conflicts: b | c\n`, 'line 3: unexpected "|"'],
  [`${a}provides: b >= 2\n`, 'line 3: only "=" can stand in "provides"'],
  [`${a}installed: yes\n`, 'line 3: "yes" is none of true, false'],
  [`${a}keep: all\n`, 'line 3: "all" is none of none, version, package, feature'],
  [" package: a\n", "line 1: the line continues no property"],
  [`${a}= 3\n`, "line 3: the line has no property"],
  [`${a}depends b\n`, 'line 3: ":" expected, not "b"'],
  ["preamble: \nproperty: a int\n", 'line 2: ":" expected, not "int"'],
  ["preamble: \nproperty: a: real\n", 'line 2: unknown type "real"'],
  ["preamble: \nproperty: a: int, a: nat\n", 'line 2: the property "a" is declared already'],
  ["preamble: \nproperty: depends: int\n", 'line 2: the property "depends" is declared already'],
  ['preamble: \nproperty: a: string = ["]\n', 'line 2: "]" expected'],
] as const)("parseDocument of %j: %s", (text, expected) => {
  expect(faultOf(text)).toBe(expected);
});

test("wanted properties are typed, and mandatory without a default", () => {
  const preamble = "preamble: \nproperty: size: nat, more: vpkgformula = [b | c, d > 1]\n\n";
  expect(faultOf(`${preamble}${a}size: x\n`)).toBe("fine");
  expect(faultOf(`${preamble}${a}size: x\n`, ["size"])).toBe('line 6: a number expected, not "x"');
  expect(faultOf(`${preamble}${a}size: -1\n`, ["size"])).toBe("line 6: -1 is less than 0");
  expect(faultOf(`${preamble}${a}\n`, ["size"])).toBe('line 4: the package has no "size"');
  const parsed = parseDocument(bytesOf(`${preamble}${a}size: 7\n`), new Set(["size", "more"]));
  if (!parsed.ok) throw new Error(parsed.fault.message);
  const { properties } = parsed.document.universe;
  expect(properties.get("size")).toEqual({
    kind: "number",
    values: new Map([[0, 7]]),
    fallback: 0,
  });
  expect(properties.get("more")).toMatchObject({ kind: "formula", fallback: { start: 0, end: 2 } });
});

test("names keep their escapes, and may begin with a digit", () => {
  const parsed = parseDocument(
    bytesOf("package: 7kaa%3aamd64\nversion: 12\nprovides: a+b.c-d/e@f(g) = 2\nconflicts: é\n"),
  );
  if (!parsed.ok) throw new Error(parsed.fault.message);
  const { universe } = parsed.document;
  expect(packageText(universe, 0)).toBe("7kaa%3aamd64 12");
  expect(atomText(universe, 0)).toBe("a+b.c-d/e@f(g) = 2");
  // Bytes go through as they are.
  expect(Buffer.from(atomText(universe, 1), "latin1").toString("utf8")).toBe("é");
});
