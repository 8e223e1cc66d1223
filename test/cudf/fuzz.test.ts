// Documents that were damaged, and documents that were put together of parts of others: refused with a line, or solved.
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseCriteria, propertiesOf } from "../../solver/cudf/criteria.ts";
import { parseDocument } from "../../solver/cudf/parse.ts";
import { prepare } from "../../solver/cudf/prepare.ts";
import { search } from "../../solver/cudf/search.ts";
import { breach } from "../../solver/cudf/verify.ts";
import { cases } from "./cases.ts";

/** More in a long run: `UNIPKG_CASES=10000 UNIPKG_SEED=7 npx vitest run test/cudf/fuzz`. */
const runs = Number(process.env["UNIPKG_CASES"] ?? 200) * 5;
const seed = Number(process.env["UNIPKG_SEED"] ?? 1);

const texts = cases().map((each) => each.text);
const bytesOf = (text: string) => new TextEncoder().encode(text);

/** Bytes to write over those of a text, each with its place; those that have a meaning more often. */
const edits = fc.array(
  fc.tuple(fc.nat(), fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(10, 32, 58, 44, 124))),
  { maxLength: 12 },
);

function damage(bytes: Uint8Array, at: readonly (readonly [number, number])[]): Uint8Array {
  for (const [place, byte] of at) bytes[place % bytes.length] = byte;
  return bytes;
}

test("parseDocument never throws, and each fault has a line of the document", () => {
  const check = (bytes: Uint8Array) => {
    const parsed = parseDocument(bytes, new Set(["recommends", "size", "version-lag"]));
    if (parsed.ok) return;
    const lines = Buffer.from(bytes).toString("latin1").split("\n").length;
    expect(parsed.fault.line).toBeGreaterThanOrEqual(1);
    expect(parsed.fault.line).toBeLessThanOrEqual(lines);
    expect(parsed.fault.message).not.toBe("");
  };
  fc.assert(
    fc.property(fc.constantFrom(...texts), edits, (text, at) => {
      const bytes = damage(bytesOf(text), at);
      check(bytes);
      check(bytes.subarray(0, (at[0]?.[0] ?? 0) % bytes.length));
    }),
    { numRuns: runs, seed },
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), check), { numRuns: runs, seed });
});

test("whatever can be read is solved, by a solution or by there being none", () => {
  const stanzas = [...new Set(texts.flatMap((text) => text.split(/\n\n+/)))];
  const preambles = stanzas.filter((one) => one.startsWith("preamble"));
  const requests = stanzas.filter((one) => one.startsWith("request"));
  const packages = stanzas.filter((one) => one.startsWith("package"));
  const criteria = ["-removed,-changed", "trendy", "-new,+count(solution)", "-sum(solution,size)"];
  const seen = { refused: 0, solutions: 0, none: 0 };
  fc.assert(
    fc.property(
      fc.constantFrom("", ...preambles),
      fc.array(fc.constantFrom(...packages), { minLength: 1, maxLength: 10 }),
      fc.constantFrom(...requests),
      fc.constantFrom(...criteria),
      edits,
      (preamble, universe, request, list, at) => {
        const text = [preamble, ...new Set(universe), request].join("\n\n");
        const wanted = parseCriteria(list);
        if (!wanted.ok) throw new Error(wanted.message);
        // Every other one as it is: few damages leave a document.
        const bytes = damage(bytesOf(`${text}\n`), at.length % 2 === 0 ? [] : at.slice(0, 2));
        const parsed = parseDocument(bytes, propertiesOf(wanted.criteria));
        if (!parsed.ok) {
          seen.refused += 1;
          return;
        }
        const outcome = search(prepare(parsed.document, wanted.criteria));
        if (outcome.kind === "optimum") {
          seen.solutions += 1;
          expect(breach(parsed.document, outcome.solution.packages)).toBeNull();
        } else {
          seen.none += 1;
          expect(outcome.kind).toBe("unsatisfiable");
        }
      },
    ),
    { numRuns: runs / 5, seed },
  );
  expect(Math.min(seen.refused, seen.solutions, seen.none)).toBeGreaterThan(runs / 100);
});
