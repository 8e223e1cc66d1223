import type { LiveNetwork } from "../linker/simulator/live.ts";
import type { Scenario } from "../linker/simulator/scenario.ts";
import { Cable } from "../linker/switch/cable.ts";
import { failed, ok, type Result } from "../model/problem.ts";
import type { Arguments, Context } from "./command.ts";
import { findPlace, noSwitch } from "./switch-joining.ts";

/** Joins the network that `unipkg sim --network` names; null without the option. */
export async function joinNetwork(
  words: Arguments,
  { switches }: Scenario,
  { world }: Context,
): Promise<Result<LiveNetwork | null>> {
  const word = words.one("network");
  if (word === undefined) return ok(null);
  if (words.has("runs")) {
    return failed({
      code: "UP702",
      message: "`--runs` is of no use with `--network`: what happens there is not by the seed",
      hint: "leave one of them out",
    });
  }
  const name = words.one("joint") ?? switches[0]?.name;
  if (
    !switches.some((each) => each.name === name) ||
    (switches.length > 1 && !words.has("joint"))
  ) {
    const names = switches.map((each) => each.name).join(", ");
    return failed({
      code: "UP702",
      message: "`--joint` names a switch of the scenario",
      hint: names === "" ? "it has none" : `it has ${names}`,
    });
  }
  const place = findPlace(word, world.environment);
  if (!place.ok) return place;
  try {
    return ok({ cable: await Cable.join(place.value), name: name! });
  } catch (error) {
    return failed(noSwitch((error as Error).message));
  }
}
