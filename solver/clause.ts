import type { Literal } from "./sat.ts";

/**
 * Why a clause is there. Clauses of one cause are one step of an explanation: they are grouped by package
 * name over all versions, so that "every version of http requires tcp" is one step and not twenty.
 *
 * In the formulas below, for a target t: `p@v` means that this release is in the image for t, `I:P` that P
 * is the provider chosen for a slot of interface I, and `I:w` that the chosen provider implements version w of I.
 */
export type Cause =
  /** What the variables mean. Always holds, never told. `I:P → P@v1 ∨ P@v2 …`, `I:w → I:P1 ∨ …`, `root`, `target@v1 ∨ …`. */
  | { readonly kind: "definition" }
  /** Nothing is in an image that nobody needs: `p@v → c1 ∨ c2 …` over all that may need it. Never a reason to fail. */
  | { readonly kind: "support" }
  /** `¬p@v ∨ ¬p@w`, over all targets together. */
  | { readonly kind: "one version"; readonly package: string }
  /** `¬I:P ∨ ¬I:Q`. `consumer` is null for the slot that the whole image shares. */
  | {
      readonly kind: "one provider";
      readonly target: string;
      readonly interface: string;
      readonly consumer: string | null;
      readonly slot: string;
    }
  /** `c@v → I:w1 ∨ I:w2 …` and `c@v → I@v1 ∨ I@v2 …` over what is in the range, or `c@v → L@v1 ∨ …` for a library. */
  | {
      readonly kind: "requirement";
      readonly target: string;
      readonly consumer: string;
      readonly slot: string;
    }
  /** `p@v → I@v1 ∨ I@v2 …`: the interface that a package provides is in the image with it. */
  | {
      readonly kind: "provision";
      readonly target: string;
      readonly package: string;
      readonly interface: string;
    }
  /** `¬p@v`: it does not support the target. */
  | { readonly kind: "platform"; readonly target: string; readonly package: string }
  /** `¬p@v`: what it provides is not what the interface says. */
  | { readonly kind: "signature"; readonly package: string; readonly interface: string }
  /** `¬c@v ∨ ¬I:P ∨ ¬P@w ∨ ¬I@u`: what c uses of I in version u is not in P. */
  | {
      readonly kind: "uses";
      readonly target: string;
      readonly consumer: string;
      readonly slot: string;
      readonly provider: string;
    }
  /** `¬t@v ∨ ¬p@w`: p has an effect that the target forbids or cannot host. */
  | { readonly kind: "effect"; readonly target: string; readonly package: string }
  /** `¬t@v ∨ ¬p@w`: the target links no package under p's licence. */
  | { readonly kind: "licence"; readonly target: string; readonly package: string }
  /** `¬p@v`: a policy forbids it; `policy` is its index in the slice's list. */
  | { readonly kind: "policy"; readonly policy: number; readonly package: string }
  /** `¬p@v`: not in the range that it is pinned to. */
  | { readonly kind: "pin"; readonly package: string }
  /** `¬p@v ∨ ¬q@w`, on each target. */
  | { readonly kind: "conflict"; readonly package: string; readonly other: string }
  /** `p@v1 ∨ p@v2 …`: asked for with `--with`. */
  | { readonly kind: "with"; readonly target: string; readonly package: string }
  /** `p@v1 ∨ p@v2 …`: what a question supposes. */
  | { readonly kind: "supposed"; readonly target: string; readonly package: string }
  /** `¬p@v`: ruled out with `--without`. */
  | { readonly kind: "without"; readonly package: string }
  /** `¬p@v`: withdrawn by its author, and not in the lock. */
  | { readonly kind: "yanked"; readonly package: string }
  /** `¬(every step of a circle of consumers and providers)`; found and added while solving. */
  | { readonly kind: "cycle" };

/** A clause and where it comes from. Clauses of one cause share the cause object. */
export interface CausedClause {
  readonly literals: readonly Literal[];
  readonly cause: Cause;
}
