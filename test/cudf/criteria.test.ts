import fc from "fast-check";
import { expect, test } from "vitest";
import { parseCriteria, propertiesOf } from "../../solver/cudf/criteria.ts";

const sum = (property: string, scope: string, weight = 1) => [
  { measure: { kind: "sum", scope, property }, weight },
];
const named = (kind: string, weight = 1) => [{ measure: { kind }, weight }];

test.each([
  ["", []],
  ["none", []],
  ["paranoid", [named("removed"), named("changed")]],
  ["-removed,-changed", [named("removed"), named("changed")]],
  ["-lex[-removed,+new]", [named("removed"), named("new", -1)]],
  ["-lexicographic[ -lexagregate[-removed], -new[3] ]", [named("removed"), named("new", 3)]],
  ["-agregate[-removed[100],+new][2]", [[...named("removed", 200), ...named("new", -2)]]],
  ["-count[version-lag,request]", [sum("version-lag", "named")]],
  ["-count[version-lag,changed]", [sum("version-lag", "arriving")]],
  ["-count[hidden-version:,true]", [sum("hidden-version", "arriving")]],
  ["+count[opam-query:,false]", [sum("opam-query", "solution", -1)]],
  ["-sum(solution,version-lag)", [sum("version-lag", "solution")]],
  ["-sum(installedsize)", [sum("installedsize", "solution")]],
  ["-sum(version-lag,changed)", [sum("version-lag", "changed")]],
  ["-count(down)", [[{ measure: { kind: "count", scope: "down" }, weight: 1 }]]],
  ["-notuptodate(solution)", [[{ measure: { kind: "outdated", scope: "solution" }, weight: 1 }]]],
  [
    "-nunsat[recommends:,true]",
    [
      [
        {
          measure: {
            kind: "unsatisfied",
            scope: "solution",
            property: "recommends",
            features: true,
          },
          weight: 1,
        },
      ],
    ],
  ],
] as const)("parseCriteria of %j", (text, expected) => {
  const parsed = parseCriteria(text);
  expect(parsed.ok && parsed.criteria.map((each) => each.parts)).toEqual(expected);
});

test.each([
  ["removed", 'a criterion begins with "-" (less is better) or "+", not "removed"'],
  ["-removed,", 'a criterion begins with "-" (less is better) or "+", not the end'],
  ["-removed-new", 'unexpected "-new"'],
  ["-lex[-removed", '"]" expected, not the end'],
  ["-lex", '"[" expected, not the end'],
  ["+lex[-new]", '"+lex" makes no sense before "[-new]"'],
  [
    "-count(here)",
    '"here" is none of solution, changed, new, removed, up, down, installrequest, upgraderequest, request',
  ],
  [
    "-count[lag,here]",
    '"here" is none of solution, false, changed, true, new, request, which `count[property,scope]` can have',
  ],
  ["toString", 'a criterion begins with "-" (less is better) or "+", not "toString"'],
  ["-removed[x]", '"x" is no weight'],
  ["-sum(a", '")" is missing in "-sum(a"'],
  [
    "-leximax[-new]",
    '"leximax" is no criterion; there are removed, changed, new, notuptodate, unsat_recommends, nunsat[property,features], count(scope), sum(property,scope), count[property,scope]',
  ],
])("parseCriteria refuses %j", (text, message) => {
  expect(parseCriteria(text)).toEqual({ ok: false, message });
});

test("parseCriteria never throws", () => {
  const words = fc.constantFrom(
    ..."- + , [ ] ( ) : 1 removed new changed count sum lex agregate solution lag toString".split(
      " ",
    ),
  );
  fc.assert(
    fc.property(fc.array(words, { maxLength: 12 }), (parts) => {
      const parsed = parseCriteria(parts.join(""));
      if (!parsed.ok) expect(parsed.message).not.toBe("");
    }),
    { numRuns: 1000, seed: Number(process.env["UNIPKG_SEED"] ?? 1) },
  );
});

test("the properties that are counted are those to read", () => {
  const parsed = parseCriteria("trendy");
  expect(parsed.ok && [...propertiesOf(parsed.criteria)]).toEqual(["recommends"]);
});
