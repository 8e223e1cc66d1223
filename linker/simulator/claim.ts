import type { Place } from "../../model/place.ts";
import type { Problem } from "../../model/problem.ts";
import type { Machine } from "./machine.ts";
import { seconds } from "./quantity.ts";
import type { ExpectationPlan } from "./scenario.ts";

/** Lines of a machine's console that are shown with a failure. */
const linesShown = 8;

/** One thing that must become true, of one machine. */
export class Claim {
  state: "open" | "met" | "failed" = "open";
  /** Whether it can be decided at the end only. */
  readonly isLasting: boolean;
  readonly machine: Machine;
  /** What is claimed, for people: `prints "ready" by 2.000 s`. */
  readonly text: string;
  readonly #place: Place;
  #reason = "";

  constructor(machine: Machine, text: string, place: Place, isLasting = false) {
    this.machine = machine;
    this.text = text;
    this.#place = place;
    this.isLasting = isLasting;
  }

  meet(): void {
    if (this.state === "open") this.state = "met";
  }

  /** @param reason what happened instead: the end of a sentence that begins with the machine's name */
  fail(reason: string): void {
    if (this.state !== "open") return;
    this.state = "failed";
    this.#reason = reason;
  }

  /** What to tell of it when it failed. */
  problem(): Problem {
    const { lines, name } = this.machine;
    const last = lines.slice(-linesShown).map((line) => `${name} | ${line}`);
    return {
      code: "UP607",
      message: `${name} ${this.#reason}`,
      place: this.#place,
      details: last.length > 0 ? ["its console, at the end:", ...last] : ["its console is empty"],
    };
  }
}

/** An expectation of the scenario, of one machine; it is told what happens. */
export class Expectation {
  readonly claim: Claim;
  readonly plan: ExpectationPlan;

  constructor(plan: ExpectationPlan, machine: Machine) {
    this.plan = plan;
    const isLasting = plan.kind === "never" || plan.kind === "running";
    this.claim = new Claim(machine, describe(plan), plan.place, isLasting);
  }

  /** When it is too late for it; null for the scenario's end. */
  get by(): number | null {
    return "by" in this.plan ? this.plan.by : null;
  }

  onLine(line: string): void {
    const { plan, claim } = this;
    if (plan.kind === "console" && line.includes(plan.text)) claim.meet();
    if (plan.kind === "never" && line.includes(plan.text)) {
      claim.fail(`printed "${line}", which it never should`);
    }
  }

  onEnd(): void {
    const { plan, claim } = this;
    const { end } = claim.machine;
    if (plan.kind !== "status" || end === null) return;
    if (end.status === plan.status) claim.meet();
    else claim.fail(`ended with status ${end.status}, not ${plan.status}${because(end.message)}`);
  }

  onTime(): void {
    const { plan, claim } = this;
    if (plan.kind === "console") {
      claim.fail(`did not print "${plan.text}" by ${seconds(plan.by)}`);
    } else if (plan.kind === "status") {
      claim.fail(`had not ended by ${seconds(plan.by)}; status ${plan.status} was expected`);
    }
  }

  /** The simulation ends. */
  onFinish(): void {
    const { plan, claim } = this;
    if (plan.kind === "running" && !claim.machine.isRunning) claim.fail("does not run at the end");
    claim.meet();
  }
}

export function because(message: string | null): string {
  return message === null ? "" : `: ${message}`;
}

function describe(plan: ExpectationPlan): string {
  switch (plan.kind) {
    case "console":
      return `prints "${plan.text}" by ${seconds(plan.by)}`;
    case "status":
      return `ends with status ${plan.status} by ${seconds(plan.by)}`;
    case "never":
      return `never prints "${plan.text}"`;
    case "running":
      return "runs at the end";
  }
}
