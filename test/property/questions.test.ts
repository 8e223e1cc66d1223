import fc from "fast-check";
import { expect, test } from "vitest";
import { explain } from "../../solver/alternatives.ts";
import { inquire, versionIn } from "../../solver/inquiry.ts";
import { inRange } from "../../solver/range.ts";
import { type Cost, Oracle, type Solution } from "./solver-oracle.ts";
import { drawFrom, makeCase, problemOf } from "./solver-universes.ts";

/** More in a long run: `UNIPKG_CASES=10000 UNIPKG_SEED=7 npx vitest run test/property/questions`. */
const cases = Math.ceil(Number(process.env["UNIPKG_CASES"] ?? 200) / 2);
const seed = Number(process.env["UNIPKG_SEED"] ?? 1);
const endOnFailure = process.env["UNIPKG_SHRINK"] === undefined;
const steps = 3_000;
const ranges = ["*", "1.0.0", "^1.1.0", "^2.0.0"];

test(`why-not says what the oracle says (${cases} cases)`, { timeout: 3_600_000 }, () => {
  const seen = { chosen: 0, worse: 0, impossible: 0, needless: 0 };
  fc.assert(
    fc.property(fc.gen(), (gen) => {
      const draw = drawFrom(gen);
      const { request, universe } = problemOf(makeCase(draw));
      const target = request.targets[0]!;
      const oracle = new Oracle(request, universe);
      const solutions = oracle.solutions(steps);
      if (solutions === null) return;
      const best = oracle.best(solutions);
      const names = universe.names();
      const any = { name: names[draw(names.length - 1)]!, range: ranges[draw(ranges.length - 1)]! };
      // What an image has that is not the best one's, too: most of what is drawn cannot be at all.
      const questions = [any, ...others(solutions, best?.solution ?? null, target).slice(0, 4)];
      const answers = inquire(request, universe, (inquiry) =>
        questions.map((question) => inquiry.whyNot(target, question)),
      );
      if (best === null) {
        expect(answers).toBeNull();
        return;
      }
      for (const [index, { name, range }] of questions.entries()) {
        const answer = answers![index]!;
        seen[answer.kind] += 1;
        const isIn = ({ images, versions }: Solution) =>
          images.get(target)!.has(name) && inRange(versions.get(name)!.manifest.version, range);
        const other = oracle.best(solutions.filter(isIn));
        if (isIn(best.solution)) expect(answer.kind).toBe("chosen");
        else if (other === null) expect(["impossible", "needless"]).toContain(answer.kind);
        else {
          const { version } = other.solution.versions.get(name)!.manifest;
          const level = firstWorse(best.cost, other.cost);
          expect(answer).toMatchObject({ kind: "worse", level, version });
        }
      }
    }),
    { numRuns: cases, seed: seed + 3, endOnFailure },
  );
  expect(seen.worse).toBeGreaterThan(cases / 10);
  expect(seen.impossible).toBeGreaterThan(cases / 10);
  expect(seen.chosen).toBeGreaterThan(0);
});

test(`explanations name every provider, and rule out what no image has (${cases} cases)`, {
  timeout: 3_600_000,
}, () => {
  let alternatives = 0;
  fc.assert(
    fc.property(fc.gen(), (gen) => {
      const { request, universe } = problemOf(makeCase(drawFrom(gen)));
      const oracle = new Oracle(request, universe);
      const solutions = oracle.solutions(steps);
      if (solutions === null) return;
      const levels = new Set<string>([
        ...["asked", "locked", "preferred", "optional", "deprecated", "prereleases"],
        ...["newest", "packages", "names"],
      ]);
      inquire(request, universe, (inquiry) => {
        const [target] = request.targets;
        for (const slot of explain(inquiry, target!)) {
          expect(slot.version).toBe(versionIn(inquiry.plans, target!, slot.provider));
          const [name, of = name] = slot.slot.split(": ");
          const others = new Set(universe.providers(of!).map((one) => one.manifest.name));
          others.delete(slot.provider);
          // Its consumer cannot fill a slot of its own.
          if (of !== name) others.delete(slot.consumers[0]!);
          const named = new Set(slot.alternatives.map((one) => one.name));
          named.delete(slot.provider);
          expect([slot.slot, [...named].sort()]).toEqual([slot.slot, [...others].sort()]);
          for (const { name, version, by, against } of slot.alternatives) {
            alternatives += 1;
            expect(against).not.toBe("");
            // A newer version of the provider: a level against it means that some image has it, and the reverse.
            if (name !== slot.provider) continue;
            const possible = solutions.some(
              ({ images, versions }) =>
                images.get(target!)!.has(name) && versions.get(name)!.manifest.version === version,
            );
            expect([name, version, by, levels.has(by)]).toEqual([name, version, by, possible]);
          }
        }
      });
    }),
    { numRuns: cases, seed: seed + 4, endOnFailure },
  );
  expect(alternatives).toBeGreaterThan(cases / 10);
});

/** Releases that an image for the target may have and the best has not. */
function others(
  solutions: readonly Solution[],
  best: Solution | null,
  target: string,
): readonly { readonly name: string; readonly range: string }[] {
  const ids = ({ images, versions }: Solution) =>
    [...images.get(target)!].map((name) => `${name} ${versions.get(name)!.manifest.version}`);
  const present = new Set(best === null ? [] : ids(best));
  const found = new Set(solutions.flatMap(ids).filter((id) => !present.has(id)));
  return [...found].sort().map((id) => {
    const [name = "", range = ""] = id.split(" ");
    return { name, range };
  });
}

/** The level of the first number that is worse. Between the fixed ones are the packages' lags. */
function firstWorse(best: Cost, other: Cost): string {
  const fixed = ["asked", "locked", "preferred", "optional", "deprecated", "prereleases"];
  const at = best.numbers.findIndex((number, index) => number !== other.numbers[index]);
  if (at === -1) return "names";
  return fixed[at] ?? (at === best.numbers.length - 1 ? "packages" : "newest");
}
