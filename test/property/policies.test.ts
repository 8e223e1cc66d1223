// The grammar of docs/policies.md, and licences as SPDX has them.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { licenceAllowed } from "../../model/licence.ts";
import { formatPolicy, parsePolicy } from "../../model/policy.ts";
import { parsePolicyFile } from "../../registry/policies.ts";

const seed = Number(process.env["UNIPKG_SEED"] ?? 1);

describe("a policy", () => {
  test.each([
    ["forbid effect:unsafe-memory except netfront", "forbid effect:unsafe-memory except netfront"],
    ["  forbid   effect:host:socket", "forbid effect:host:socket"],
    ["forbid package @acme/old@<2.1.0", "forbid package @acme/old@<2.1.0"],
    ["forbid package zip", "forbid package zip"],
    ["forbid deprecated except b and a", "forbid deprecated except a, b"],
    ["forbid prereleases", "forbid prereleases"],
    ["only scope core and @acme", "only scope @acme, core"],
    ["licenses MIT ISC,MIT", "licences ISC, MIT"],
  ])("%s", (text, spelled) => {
    const parsed = parsePolicy(text);
    if (!parsed.ok) throw new Error(parsed.fault);
    expect(formatPolicy(parsed.rule, parsed.except)).toBe(spelled);
    expect(parsePolicy(spelled)).toEqual(parsed);
  });

  test.each([
    ["", 1],
    ["forbid", 7],
    ["forbid effect:fast", 8],
    ["forbid package", 15],
    ["forbid package Zip", 16],
    ["forbid package zip@", 16],
    ["forbid deprecated always", 19],
    ["only @acme", 6],
    ["only scope", 11],
    ["only scope acme", 12],
    ["licences", 9],
    ["licences MIT except", 20],
    ["licences MIT except A", 21],
  ])("%j is faulted at column %i", (text, column) => {
    expect(parsePolicy(text)).toMatchObject({ ok: false, column });
  });

  test("is read in one spelling, or faulted inside of its text, whatever the text", () => {
    const words = fc.constantFrom(
      ...["forbid", "only", "scope", "licences", "except", "and", "package", "deprecated"],
      ...[
        "effect:float",
        "effect:",
        "core",
        "@acme",
        "@acme/x",
        "zip@^1",
        "MIT",
        ",",
        "#",
        "@",
        " ",
      ],
    );
    const texts = fc.oneof(
      fc.string(),
      fc.array(words, { maxLength: 8 }).map((list) => list.join(" ")),
      fc.array(words, { maxLength: 4 }).map((list) => `licences MIT ${list.join(" ")}`),
    );
    let read = 0;
    fc.assert(
      fc.property(texts, (text) => {
        const parsed = parsePolicy(text);
        if (parsed.ok) {
          read += 1;
          const again = parsePolicy(formatPolicy(parsed.rule, parsed.except));
          expect(again).toEqual(parsed);
        } else {
          expect(parsed.column).toBeGreaterThanOrEqual(1);
          expect(parsed.column).toBeLessThanOrEqual(text.length + 1);
        }
        const file = parsePolicyFile(`\n${text}`, "f");
        for (const { place } of file.ok ? [] : file.problems) expect(place?.file).toBe("f");
      }),
      { numRuns: 2000, seed },
    );
    expect(read).toBeGreaterThan(20);
  });
});

describe("a licence", () => {
  const allowed = ["MIT", "ISC", "Apache-2.0"];
  test.each([
    ["MIT", true],
    ["mit", true],
    ["GPL-3.0-only", false],
    ["GPL-3.0-only OR MIT", true],
    ["MIT AND GPL-3.0-only", false],
    ["MIT AND ISC", true],
    ["(GPL-2.0-only OR MIT) AND ISC", true],
    ["GPL-2.0-only OR MIT AND GPL-3.0-only", false],
    ["Apache-2.0 WITH LLVM-exception", true],
    ["GPL-2.0-only WITH Linux-syscall-note", false],
    ["", false],
    ["UNLICENSED", false],
    ["SEE LICENSE IN LICENSE.md", false],
    ["MIT OR", false],
    ["(MIT", false],
    ["MIT)", false],
    ["MIT or ISC", false],
    ["OR MIT", false],
  ])("%j: %s", (expression, expected) => {
    expect(licenceAllowed(expression, allowed)).toBe(expected);
  });

  test("is evaluated as its tree of OR and AND is", () => {
    type Tree = string | { readonly word: "OR" | "AND"; readonly parts: readonly Tree[] };
    const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom("MIT", "ISC", "GPL-2.0-only", "Zlib"),
        fc.record({
          word: fc.constantFrom("OR" as const, "AND" as const),
          parts: fc.array(tie("tree"), { minLength: 1, maxLength: 3 }),
        }),
      ),
    }));
    const written = (one: Tree): string =>
      typeof one === "string" ? one : `(${one.parts.map(written).join(` ${one.word} `)})`;
    const meant = (one: Tree): boolean => {
      if (typeof one === "string") return allowed.includes(one);
      return one.word === "OR" ? one.parts.some(meant) : one.parts.every(meant);
    };
    fc.assert(
      fc.property(tree, (one) => {
        expect(licenceAllowed(written(one), allowed)).toBe(meant(one));
      }),
      { numRuns: 500, seed },
    );
  });

  test("never throws, however deep it is nested", () => {
    expect(licenceAllowed(`${"(".repeat(100_000)}MIT`, allowed)).toBe(false);
    fc.assert(
      fc.property(fc.string(), (text) => {
        licenceAllowed(text, allowed);
      }),
      { seed },
    );
  });
});
