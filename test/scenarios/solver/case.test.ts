// Every scenario is saved as a case and solved again: the same answer, to the byte.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CaseUniverse, formatCase, type SolveCase, withoutNeedless } from "../../../model/case.ts";
import { withPseudonyms } from "../../../model/pseudonym.ts";
import type { Universe } from "../../../model/release.ts";
import type { SolveRequest } from "../../../model/request.ts";
import { parseCase } from "../../../registry/case-reader.ts";
import { RecordedUniverse } from "../../../solver/recorded.ts";
import { solve } from "../../../solver/solve.ts";
import { MemoryUniverse, releasesOf } from "./compact.ts";
import { render } from "./render.ts";
import { readScenario, requestFor, scenarioFiles } from "./scenario.ts";

/** More in a long run: `UNIPKG_CASES=10000 UNIPKG_SEED=7 npx vitest run test/scenarios/solver/case`. */
const changes = Math.ceil((Number(process.env["UNIPKG_CASES"] ?? 200) * 3) / 4);
const seed = Number(process.env["UNIPKG_SEED"] ?? 1);

function questionOf(file: string): {
  request: SolveRequest;
  packages: ReturnType<typeof releasesOf>;
} {
  const scenario = readScenario(file);
  return { request: requestFor(scenario), packages: releasesOf(scenario.packages) };
}

/** The case, and the answer that it was saved with. */
function save(request: SolveRequest, universe: Universe): { saved: SolveCase; told: string } {
  const recorded = new RecordedUniverse(universe);
  const told = render(solve(request, recorded));
  const releases = recorded.recordedReleases();
  return { saved: withoutNeedless({ request, releases, names: recorded.recordedNames() }), told };
}

function read(text: string): SolveCase {
  const parsed = parseCase(text, "case.json");
  if (!parsed.ok) throw new Error(parsed.problems[0]?.message);
  return parsed.value;
}

const answer = (one: SolveCase) => render(solve(one.request, new CaseUniverse(one)));

describe("a saved case has the answer of its scenario", () => {
  test.each(scenarioFiles)("%s", (file) => {
    const { request, packages } = questionOf(file);
    const { saved, told } = save(request, new MemoryUniverse(packages));
    expect(answer(read(formatCase(saved, "1.0.0")))).toBe(told);
  });
});

test("a case does not depend on the order of the packages", () => {
  const { request, packages } = questionOf("no-provider-target.json");
  const text = (all: typeof packages) =>
    formatCase(save(request, new MemoryUniverse(all)).saved, "1.0.0");
  expect(text([...packages].reverse())).toBe(text(packages));
});

describe("pseudonyms", () => {
  // Scopes and names in an order that a careless numbering would change.
  const scoped: SolveCase = ((): SolveCase => {
    const { request, packages } = questionOf("policy-scope-none.json");
    return save(request, new MemoryUniverse(packages)).saved;
  })();

  test("no scoped name is left, and the answer is the same up to the names", () => {
    const hidden = withPseudonyms(scoped);
    // Digests of the scenarios have names in them.
    const text = formatCase(hidden, "1.0.0").replaceAll(/"sha512-[^"]*"/g, '""');
    expect(text).not.toMatch(/acme|zed|yak/);
    const renamed = answer(scoped)
      .replaceAll("/etc/acme.policy", ".unipkg-policy")
      .replaceAll("@yak/stack", "@s2/p1")
      .replaceAll("@zed/stack", "@s3/p1")
      .replaceAll("@acme", "@s1");
    expect(answer(hidden)).toBe(renamed);
    expect(answer(read(formatCase(hidden, "1.0.0")))).toBe(renamed);
  });

  test("keep the order of names, whatever their scopes", () => {
    const names = ["@a-b/x", "@a/x", "@a/x-1", "@a/x.1", "@a/y", "@a.b/x", "@a0/x", "core", "zlib"];
    const release = releasesOf({ "core@1.0.0": {} })[0]!;
    const releases = names.map((name) => ({
      ...release,
      manifest: { ...release.manifest, name },
    }));
    const hidden = withPseudonyms({ ...scoped, releases });
    const renamed = hidden.releases.map((one) => one.manifest.name);
    const order = (list: readonly string[]) =>
      [...list.keys()].sort((a, b) => (list[a]! < list[b]! ? -1 : 1));
    expect(order(renamed)).toEqual(order(names));
    expect(new Set(renamed).size).toBe(names.length);
    expect(renamed.slice(-2)).toEqual(["core", "zlib"]);
  });
});

describe("reading a case", () => {
  test.each([
    ["", "it is not valid JSON"],
    ["[]", "the case must be an object"],
    ['{"format":1}', "the case.request must be an object"],
    ['{"format":2}', "it has the format 2"],
  ])("refuses %j", (text, fault) => {
    expect(parseCase(text, "c.json")).toMatchObject({
      ok: false,
      problems: [{ code: "UP314", message: `c.json is no case of unipkg: ${fault}` }],
    });
  });

  test("what a case was changed into is refused, or solved without an exception", () => {
    const texts = ["two-targets.json", "mismatch-only-provider.json", "policy-scope.json"].map(
      (file) => {
        const { request, packages } = questionOf(file);
        return formatCase(save(request, new MemoryUniverse(packages)).saved, "1.0.0");
      },
    );
    let solved = 0;
    fc.assert(
      fc.property(fc.constantFrom(...texts), fc.nat(), fc.jsonValue(), (text, at, value) => {
        const changed = withOther(JSON.parse(text), { left: at % 300 }, value);
        const parsed = parseCase(JSON.stringify(changed), "c.json");
        if (!parsed.ok) return;
        solved += 1;
        expect(answer(parsed.value)).not.toBe("");
      }),
      { numRuns: changes, seed },
    );
    expect(solved).toBeGreaterThan(5);
  });
});

/** A copy with another value at the n-th place, depth first. */
function withOther(value: unknown, at: { left: number }, other: unknown): unknown {
  at.left -= 1;
  if (at.left < 0) return value;
  if (at.left === 0) return other;
  if (Array.isArray(value)) return value.map((one) => withOther(one, at, other));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, withOther(one, at, other)]),
  );
}
