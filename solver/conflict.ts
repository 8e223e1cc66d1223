import { Chain } from "./chain.ts";
import type { Literal, Solvable } from "./sat.ts";

/**
 * A minimal set of accepted wishes that cannot hold together with `wish`, and `wish`, which does not go with all of them. MiniSat names no
 * core and takes one assumption: it is found by asking again.
 *
 * @param possible whether there is a model of all that is wanted
 */
export function conflict(
  sat: Solvable,
  accepted: Chain,
  wish: Literal,
  possible: (wanted: readonly Literal[]) => boolean,
): readonly Literal[] {
  const core = new Chain(sat);
  core.push(wish);
  const possibleBeside = (length: number) =>
    possible([...accepted.first(length), ...core.first(core.length)]);
  // The core cannot hold beside so many of the first accepted wishes.
  let impossible = accepted.length;
  while (possibleBeside(0)) {
    // The shortest beginning that cannot hold either: its last wish is needed. The first is anywhere,
    // those of a large core are near each other.
    let least = 0;
    for (let step = core.length === 1 ? impossible : 1; impossible - step > least; step *= 2) {
      if (possibleBeside(impossible - step)) least = impossible - step;
      else impossible -= step;
    }
    while (impossible - least > 1) {
      const middle = (least + impossible) >> 1;
      if (possibleBeside(middle)) least = middle;
      else impossible = middle;
    }
    impossible -= 1;
    core.push(accepted.literals[impossible]!);
  }
  const found = [...core.literals];
  core.shorten(0);
  return found;
}
