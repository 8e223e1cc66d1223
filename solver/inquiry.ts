import { accepts as signatureAccepts } from "../model/accepts.ts";
import type { Plan } from "../model/plan.ts";
import type { Problem } from "../model/problem.ts";
import type { Release, Universe } from "../model/release.ts";
import type { NamedRange, SolveRequest } from "../model/request.ts";
import { check } from "./check.ts";
import type { Cause } from "./clause.ts";
import { drawbacks } from "./comparison.ts";
import { Encoding } from "./encode.ts";
import { findCore } from "./explain.ts";
import type { Accepts } from "./judge.ts";
import type { LevelName } from "./levels.ts";
import { isSmall, problemOf, type Problem as SearchProblem } from "./problem.ts";
import { inRange } from "./range.ts";
import { repairs } from "./repair.ts";
import { firstDifference, Optimum, rulesCanHold, withinMemory } from "./search.ts";
import { Slice } from "./slice.ts";
import { solve } from "./solve.ts";
import { tell } from "./tell.ts";

/** Why a package is not in the plan for a target. */
export type WhyNot =
  /** It is, at this version. */
  | { readonly kind: "chosen"; readonly version: string }
  /** It could be, at this version, but the plan would be worse; the first level on which it would be decides. */
  | {
      readonly kind: "worse";
      readonly version: string;
      readonly level: LevelName;
      /** What would be worse, a statement each. */
      readonly drawbacks: readonly string[];
      /** Commands that take it all the same, tried. */
      readonly commands: readonly string[];
    }
  /** The rules do not allow it: message, derivation and repairs. */
  | { readonly kind: "impossible"; readonly problem: Problem }
  /** It could be in an image, but nothing in one would need it. */
  | { readonly kind: "needless"; readonly commands: readonly string[] };

/**
 * Asks about a request that has a plan. `ask` is called with the solved request, again from the start when MiniSat's
 * heap was too small; null when none is large enough, or there is no plan.
 */
export function inquire<T>(
  request: SolveRequest,
  universe: Universe,
  ask: (inquiry: Inquiry) => T,
  accepts: Accepts = signatureAccepts,
): T | null {
  if (check(request, universe).length > 0) return null;
  const slice = new Slice(request, universe, accepts);
  return withinMemory((heap) => {
    const problem = problemOf(slice);
    const optimum = Optimum.search(problem, heap);
    return optimum === null ? null : ask(new Inquiry(problem, optimum, heap, universe, accepts));
  });
}

/** A solved request, and the questions that it answers from the clauses that it was solved by. */
export class Inquiry {
  readonly optimum: Optimum;
  readonly plans: readonly Plan[];
  readonly #problem: SearchProblem;
  readonly #heap: number;
  readonly #universe: Universe;
  readonly #accepts: Accepts;

  constructor(
    problem: SearchProblem,
    optimum: Optimum,
    heap: number,
    universe: Universe,
    accepts: Accepts,
  ) {
    this.#problem = problem;
    this.#heap = heap;
    this.#universe = universe;
    this.#accepts = accepts;
    this.optimum = optimum;
    this.plans = optimum.plans();
  }

  get slice(): Slice {
    return this.#problem.encoding.slice;
  }

  get request(): SolveRequest {
    return this.slice.request;
  }

  /**
   * Why no version of the package in the range is in the plan for the target.
   *
   * @param advise also looks for repairs and commands that take it, which costs a solve each
   */
  whyNot(target: string, { name, range }: NamedRange, advise = true): WhyNot {
    const chosen = versionIn(this.plans, target, name);
    if (chosen !== null && inRange(chosen, range)) return { kind: "chosen", version: chosen };
    const wanted = this.#releases(name, range).flatMap((release) => {
      this.#problem.encoding.meet(target, name);
      const literal = this.#problem.encoding.inImage(target, release);
      return literal === null ? [] : [literal];
    });
    if (wanted.length > 0) {
      const other = Optimum.search(this.#problem, this.#heap, { also: [wanted] });
      if (other !== null) return this.#worse(target, { name, range }, other, advise);
    }
    const suppose = { target, name, range };
    const problem =
      this.#impossible(suppose, null, advise) ??
      this.#slotsOf(target, name).reduce<Problem | null>(
        (found, slot) => found ?? this.#impossible(suppose, slot, advise),
        null,
      );
    if (problem !== null) return { kind: "impossible", problem };
    return { kind: "needless", commands: advise ? this.#commands(target, { name, range }) : [] };
  }

  /**
   * What would be worse in the best plan in which the literal holds, as `drawbacks` tells it; null when that would take long, or when
   * there is none.
   */
  drawbacksOf(literal: number): readonly string[] | null {
    if (!isSmall(this.slice)) return null;
    const other = Optimum.search(this.#problem, this.#heap, { also: [[literal]] });
    const level = other === null ? null : firstDifference(this.optimum.costs(), other.costs());
    if (other === null || level === null) return null;
    return drawbacks(this.slice, level, this.plans, other.plans());
  }

  #releases(name: string, range: string): readonly Release[] {
    const found = this.slice.packages.get(name)?.releases ?? [];
    return found.filter((one) => inRange(one.manifest.version, range));
  }

  #worse(target: string, wanted: NamedRange, other: Optimum, advise: boolean): WhyNot {
    const others = other.plans();
    const level = firstDifference(this.optimum.costs(), other.costs()) ?? "names";
    return {
      kind: "worse",
      version: versionIn(others, target, wanted.name)!,
      level,
      drawbacks: drawbacks(this.slice, level, this.plans, others),
      commands: advise ? this.#commands(target, wanted) : [],
    };
  }

  /** Shared slots of the plan that a package says it can fill. */
  #slotsOf(target: string, name: string): readonly string[] {
    const plan = this.plans.find((one) => one.target === target);
    const filled = new Set(plan?.bindings.map((one) => one.interface));
    const provided = this.slice
      .find(name)
      ?.releases.flatMap((one) => one.manifest.provides.map((two) => two.interface));
    return [...new Set(provided)].filter((of) => filled.has(of)).sort();
  }

  /**
   * Why the package cannot be in the image, whether or not something needs it; null when it can.
   *
   * @param slot interface whose shared slot it is to fill, too
   */
  #impossible(
    suppose: NonNullable<SolveRequest["suppose"]>,
    slot: string | null,
    advise: boolean,
  ): Problem | null {
    const suppositionOf = (request: SolveRequest): Encoding =>
      supposing(new Slice({ ...request, suppose }, this.#universe, this.#accepts), slot);
    const encoding = suppositionOf(this.request);
    if (rulesCanHold(encoding, this.#heap)) return null;
    const core = findCore(encoding, this.#heap);
    const problem = tell(encoding.slice, core);
    if (!advise) return problem;
    const ways = repairs(this.request, this.#universe, core.causes, {
      answer: (changed) => this.#solvedWith(changed, suppose),
      core: (changed) => {
        const supposed = suppositionOf(changed);
        if (rulesCanHold(supposed, this.#heap)) return null;
        return findCore(supposed, this.#heap).causes;
      },
    });
    return ways.length === 0 ? problem : { ...problem, repairs: ways };
  }

  /** Solves a changed request, and has no answer when that does not choose the package. */
  #solvedWith(request: SolveRequest, { name, range, target }: NamedRange & { target: string }) {
    const answer = solve(request, this.#universe, { accepts: this.#accepts });
    if (!answer.ok) return answer;
    const version = versionIn(answer.plans, target, name);
    const isThere = version !== null && inRange(version, range);
    return isThere ? answer : { ok: false as const, problems: [] };
  }

  /** Commands that put the package into the plan, the gentlest first; each was tried. */
  #commands(target: string, wanted: NamedRange): readonly string[] {
    const { name, range } = wanted;
    const { request } = this;
    if (this.slice.find(name)?.kind !== "library") return [];
    const word = range === "*" ? name : `'${name}@${range}'`;
    const targets = request.targets.join(",");
    const upgrade = request.upgrade === "all" ? "all" : [...request.upgrade, name];
    const tries: readonly (readonly [string, SolveRequest])[] = [
      [`--upgrade=${name}`, { ...request, upgrade }],
      [`--prefer ${name}`, { ...request, prefer: [name, ...request.prefer] }],
      [`--with ${word}`, { ...request, with: [...request.with, wanted] }],
    ];
    const found = tries.find(([, changed]) => this.#solvedWith(changed, { ...wanted, target }).ok);
    return found === undefined ? [] : [`unipkg solve --target ${targets} ${found[0]}`];
  }
}

/** The version of a package in the plan for a target; null when it is not there. */
export function versionIn(plans: readonly Plan[], target: string, name: string): string | null {
  const plan = plans.find((one) => one.target === target);
  return plan?.packages.find((one) => one.name === name)?.version ?? null;
}

/** The clauses of a supposition: the package is in the image, and fills a shared slot if one is named. */
function supposing(slice: Slice, slot: string | null): Encoding {
  const encoding = new Encoding(slice);
  const { target, name } = slice.request.suppose!;
  if (slot !== null) {
    const chosen = encoding.choiceOf(target, "", slot, slot)?.providers.get(name);
    const cause: Cause = { kind: "supposed", target, package: name };
    encoding.suppose(cause, chosen === undefined ? [] : [chosen]);
  }
  return encoding;
}
