import { randomBytes } from "node:crypto";
import type { Cable } from "../switch/cable.ts";
import { Simulation, type SimulationRequest, type Verdict } from "./simulation.ts";

/** A simulation's place on a network that is not simulated. */
export interface LiveNetwork {
  readonly cable: Cable;
  /** The switch of the scenario that the cable leads to. */
  readonly name: string;
}

const millisecond = 1e6;

/** The longest sleep that is asked of a timer at once. */
const longestSleep = 1000 * millisecond;

/**
 * Runs a scenario with one of its switches joined to a network outside, whose time is the clock's: virtual time keeps
 * pace with it. What happens there is not by the seed, so that no two runs are the same.
 */
export async function simulateLive(
  request: SimulationRequest,
  { cable, name }: LiveNetwork,
): Promise<Verdict> {
  const simulation = new Simulation({ ...request, cards: cardsByChance() });
  const { duration } = request.scenario;
  const begin = performance.now();
  const now = () => (performance.now() - begin) * millisecond;
  let wake = () => {};
  let isCut = false;
  const receive = simulation.join(name, (frame) => cable.send(frame));
  cable.onFrame = (frame) => {
    if (simulation.isOver) return;
    simulation.advance(now());
    receive(frame);
    wake();
  };
  cable.onEnd = () => {
    isCut = true;
    wake();
  };
  simulation.begin();
  for (;;) {
    const at = now();
    simulation.advance(at);
    if (simulation.isOver || at >= duration || isCut) break;
    const sleep = Math.min(simulation.next, duration) - now();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.ceil(Math.min(sleep, longestSleep) / millisecond));
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
  cable.close();
  return simulation.finish();
}

/** Locally administered; other simulations may be on the same network. */
function cardsByChance(): number {
  const prefix = randomBytes(3);
  prefix[0] = (prefix[0]! | 2) & ~1;
  return prefix.readUIntBE(0, 3) * 2 ** 24;
}
