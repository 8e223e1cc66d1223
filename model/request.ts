import type { Plan } from "./plan.ts";
import type { Policy } from "./policy.ts";
import type { Problem } from "./problem.ts";
import type { Release } from "./release.ts";

/** A package that the user names on the command line, with a range if one was given (`*` otherwise). */
export interface NamedRange {
  readonly name: string;
  readonly range: string;
}

/** What to solve. */
export interface SolveRequest {
  /** The application. */
  readonly root: Release;
  /** Target names, sorted, at least one. One solve: versions agree over them, providers may differ. */
  readonly targets: readonly string[];
  /** Plans of an earlier lockfile, to be kept as far as possible; one for a target at most. */
  readonly locked: readonly Plan[];
  /** Packages whose locked choice does not bind: "all" for every one. */
  readonly upgrade: "all" | readonly string[];
  /** Packages that must be in the plan (`--with`). */
  readonly with: readonly NamedRange[];
  /** Packages that must not be (`--without`). */
  readonly without: readonly string[];
  /** Providers preferred over the app's and the target's own preferences (`--prefer`). */
  readonly prefer: readonly string[];
  /** Ranges that packages are held to (`--pin`), beside the pins of the app's manifest. They put nothing into a plan. */
  readonly pins?: readonly NamedRange[];
  /** Policies of an organisation (`--policy`), beside those of the app's manifest. */
  readonly policies?: readonly Policy[];
  /** A package that is taken to be in the image for one target, though nobody may need it: for questions. It weighs nothing. */
  readonly suppose?: NamedRange & { readonly target: string };
}

export type SolveAnswer =
  | {
      readonly ok: true;
      /** One for each target, in the request's order. */
      readonly plans: readonly Plan[];
    }
  | {
      readonly ok: false;
      /** Told as a derivation in `details`, with the source places of every type involved. */
      readonly problems: readonly Problem[];
    };
