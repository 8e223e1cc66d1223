import fc from "fast-check";
import { expect, test } from "vitest";
import { accepts } from "../../model/accepts.ts";
import { type Plan, packageOf } from "../../model/plan.ts";
import { type Policy, parsePolicy } from "../../model/policy.ts";
import type { SolveRequest } from "../../model/request.ts";
import { Circles } from "../../solver/circle.ts";
import { Derivation } from "../../solver/derivation.ts";
import { Encoding } from "../../solver/encode.ts";
import { findCore } from "../../solver/explain.ts";
import { Sat } from "../../solver/sat.ts";
import { Slice } from "../../solver/slice.ts";
import { solve } from "../../solver/solve.ts";
import { key, Oracle, type Solution } from "./solver-oracle.ts";
import { drawFrom, makeCase, problemOf } from "./solver-universes.ts";

/** More in a long run: `UNIPKG_CASES=10000 UNIPKG_SEED=7 npx vitest run test/property/solver`. */
const cases = Number(process.env["UNIPKG_CASES"] ?? 200);
const seed = Number(process.env["UNIPKG_SEED"] ?? 1);
/** Shrinking takes minutes: only when asked for. */
const endOnFailure = process.env["UNIPKG_SHRINK"] === undefined;
const steps = 3_000;
const none = { encodedAtOnce: 0, searchedTogether: 0 };

test(`solve agrees with the oracle, in any order of the input (${cases} cases)`, {
  timeout: 3_600_000,
}, () => {
  const seen = { plans: 0, failures: 0, tooLarge: 0 };
  fc.assert(
    fc.property(fc.gen(), (gen) => {
      const one = makeCase(drawFrom(gen));
      const { request, universe, reversed } = problemOf(one);
      const onTheWay: (readonly Plan[])[] = [];
      const answer = solve(request, universe, { better: (plans) => onTheWay.push(plans) });
      expect(solve(request, reversed)).toEqual(answer);
      // As large catalogs are solved.
      expect(solve(request, universe, { sizes: none })).toEqual(answer);
      const oracle = new Oracle(request, universe);
      const solutions = oracle.solutions(steps);
      if (solutions === null) {
        seen.tooLarge += 1;
        return;
      }
      const best = oracle.best(solutions);
      if (!answer.ok) {
        seen.failures += 1;
        expect(best === null ? [] : describe(best.solution, request)).toEqual([]);
        return;
      }
      seen.plans += 1;
      expect(best).not.toBeNull();
      expect(answer.plans.map(outline)).toEqual(describe(best!.solution, request));
      for (const plan of answer.plans) expectOnlyProviders(plan, solutions, best!.solution);
      // What a time limit would leave: plans that the rules allow.
      const allowed = new Set(solutions.map((one) => JSON.stringify(describe(one, request))));
      expect(onTheWay.length).toBeGreaterThan(0);
      for (const plans of onTheWay) {
        expect(allowed).toContain(JSON.stringify(plans.map(outline)));
      }
    }),
    { numRuns: cases, seed, endOnFailure },
  );
  // Cases of all kinds, or this test says little.
  expect(seen.plans).toBeGreaterThan(cases / 5);
  expect(seen.failures).toBeGreaterThan(cases / 10);
  expect(seen.tooLarge).toBeLessThan(cases / 10);
});

test(`a failure's core is minimal (${cases} cases)`, { timeout: 3_600_000 }, () => {
  let failures = 0;
  fc.assert(
    fc.property(fc.gen(), (gen) => {
      const { request, universe } = problemOf(makeCase(drawFrom(gen)));
      const encoding = new Encoding(new Slice(request, universe, accepts));
      if (isSatisfiable(encoding, () => true, true)) return;
      failures += 1;
      const core = findCore(encoding);
      const { causes } = core;
      const kept = (dropped: unknown) => {
        const wanted = new Set<unknown>(causes.filter((cause) => cause !== dropped));
        const circles = causes.some((cause) => cause.kind === "cycle" && cause !== dropped);
        return isSatisfiable(encoding, (cause) => wanted.has(cause), circles);
      };
      expect(kept(null)).toBe(false);
      for (const cause of causes) expect([cause, kept(cause)]).toEqual([cause, true]);
      expectWellTold(new Derivation(encoding.slice, core));
    }),
    { numRuns: cases, seed: seed + 1, endOnFailure },
  );
  expect(failures).toBeGreaterThan(cases / 10);
});

test(`each repair that a failure names has a plan (${cases} cases)`, { timeout: 3_600_000 }, () => {
  let repairs = 0;
  fc.assert(
    fc.property(fc.gen(), (gen) => {
      const { request, universe } = problemOf(makeCase(drawFrom(gen)));
      const answer = solve(request, universe);
      if (answer.ok) return;
      for (const repair of answer.problems.flatMap((one) => one.repairs ?? [])) {
        repairs += 1;
        expect([repair, solve(pasted(repair, request), universe).ok]).toEqual([repair, true]);
      }
    }),
    { numRuns: cases, seed: seed + 2, endOnFailure },
  );
  expect(repairs).toBeGreaterThan(cases / 20);
});

/** Every sentence of the derivation is told once, and goes on from numbers that stand above it only. */
function expectWellTold(derivation: Derivation): void {
  const numbers: string[] = [];
  const referred = new Set<string>();
  const bare = derivation.told().map((line) => {
    const [, from, sentence, number] = /^(?:back at (\(\d+\)), )?(.*?)(?: (\(\d+\)))?$/.exec(line)!;
    if (from !== undefined) referred.add(from);
    if (from !== undefined) expect(numbers).toContain(from);
    if (number !== undefined) numbers.push(number);
    return sentence!;
  });
  expect(numbers).toEqual(numbers.map((_, index) => `(${index + 1})`));
  expect([...referred].sort()).toEqual([...numbers].sort());
  const all = derivation.causes.flatMap((cause) => derivation.sentences(cause));
  expect([...bare].sort()).toEqual([...new Set(all)].sort());
}

/** The request after the commands of a repair were run. */
function pasted(repair: string, request: SolveRequest): SolveRequest {
  const { manifest } = request.root;
  let { requires, pins = {} } = manifest;
  // The new text of a policy goes to the line that has it.
  const rewrite = (policy: Policy): Policy => {
    const { file, line } = policy.place;
    const text = new RegExp(`\`([^\`]*)\` at ${file}:${line}:`).exec(repair)?.[1];
    if (repair.includes(`take out \`${policy.text}\` at ${file}:${line}:`)) {
      return { ...policy, except: ["l0", "l1", "l2", "i0"] };
    }
    const parsed = text === undefined ? null : parsePolicy(text);
    return parsed?.ok === true ? { ...policy, rule: parsed.rule, except: parsed.except } : policy;
  };
  const written = {
    ...request,
    root: {
      ...request.root,
      manifest: { ...manifest, policies: (manifest.policies ?? []).map(rewrite) },
    },
    policies: (request.policies ?? []).map(rewrite),
  };
  const pasted = /(?:^|; then )`(unipkg .*)`/.exec(repair)?.[1];
  if (pasted === undefined) return written;
  const commands = pasted.split(" && ").map((one) => one.split(" ").slice(1));
  const words = commands.find(([verb]) => verb === "solve")!.slice(1);
  const values = (option: string) =>
    words.flatMap((word, at) => (word === option ? [words[at + 1]!.replaceAll("'", "")] : []));
  for (const [verb, word = ""] of commands) {
    const [name = "", range = "*"] = word.split("@");
    if (verb === "remove") requires = requires.filter((one) => one.slot !== name);
    if (verb === "unpin") {
      pins = Object.fromEntries(Object.entries(pins).filter(([pinned]) => pinned !== name));
    }
    if (verb === "add") {
      requires = requires.map((one) => (one.slot === name ? { ...one, range } : one));
    }
  }
  const named = (word: string) => {
    const [name = "", range = "*"] = word.split("@");
    return { name, range };
  };
  const upgraded = words.filter((word) => word.startsWith("--upgrade="));
  return {
    ...written,
    root: { ...written.root, manifest: { ...written.root.manifest, requires, pins } },
    targets: values("--target")[0]!.split(","),
    with: values("--with").map(named),
    pins: values("--pin").map(named),
    without: values("--without"),
    prefer: values("--prefer"),
    upgrade: words.includes("--upgrade")
      ? "all"
      : upgraded.map((word) => word.slice("--upgrade=".length)),
  };
}

/** "only provider" is said where no image that the rules allow beside those of the other targets has another, and there only. */
function expectOnlyProviders(plan: Plan, all: readonly Solution[], best: Solution): void {
  const solutions = all.filter((one) =>
    [...best.images.keys()].every(
      (target) => target === plan.target || imageOf(one, target) === imageOf(best, target),
    ),
  );
  for (const { consumer, slot, interface: of, provider, reason } of plan.bindings) {
    if (of === null) continue;
    const choice = key(plan.target, slot === of ? "" : packageOf(consumer), slot, of);
    const found = new Set(solutions.flatMap((one) => one.providers.get(choice) ?? []));
    const only = found.size === 1 && found.has(packageOf(provider));
    expect([choice, reason === "only provider"]).toEqual([choice, only]);
  }
}

/** The packages of a target's image and who fills its slots, as a text. */
function imageOf({ images, versions, providers }: Solution, target: string): string {
  const packages = [...images.get(target)!].map(
    (name) => `${name} ${versions.get(name)!.manifest.version}`,
  );
  const choices = [...providers].filter(([choice]) => choice.startsWith(`${target} `));
  return JSON.stringify([packages.sort(), choices.map((one) => one.join(" ")).sort()]);
}

/** A plan without its reasons, and with packages for instances. */
function outline(plan: Plan) {
  return {
    target: plan.target,
    packages: plan.packages.map(({ name, version }) => `${name} ${version}`),
    choices: choicesOf(plan),
  };
}

function choicesOf(plan: Plan): readonly string[] {
  const choices = plan.bindings
    .filter((one) => one.interface !== null)
    .map(({ consumer, slot, interface: of, provider }) => {
      const owner = slot === of ? "" : packageOf(consumer);
      return `${owner} ${slot} ${of} ${packageOf(provider)}`;
    });
  return [...new Set(choices)].sort();
}

/** The same of a solution of the oracle. */
function describe(solution: Solution, request: SolveRequest) {
  return request.targets.map((target) => ({
    target,
    packages: [...solution.images.get(target)!]
      .sort()
      .map((name) => `${name} ${solution.versions.get(name)!.manifest.version}`),
    choices: [...solution.providers]
      .filter(([choice]) => choice.startsWith(`${target} `))
      .map(([choice, provider]) => `${choice.slice(target.length + 1)} ${provider}`)
      .sort(),
  }));
}

/** Solves what is left of an encoding when only some causes count. */
function isSatisfiable(
  encoding: Encoding,
  counts: (cause: Encoding["clauses"][number]["cause"]) => boolean,
  circles: boolean,
): boolean {
  const finder = new Circles(encoding);
  const sat = new Sat(64, (holds) => (circles ? finder.find(holds).map((one) => one.clause) : []));
  sat.reserve(encoding.variables.count);
  for (const { literals, cause } of encoding.clauses) {
    if (cause.kind === "support") continue;
    if (cause.kind === "definition" || counts(cause)) sat.add(literals);
  }
  return sat.solve();
}
