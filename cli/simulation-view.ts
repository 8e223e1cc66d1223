import { performance } from "node:perf_hooks";
import type { Machine } from "../linker/simulator/machine.ts";
import { seconds } from "../linker/simulator/quantity.ts";
import type { Scenario } from "../linker/simulator/scenario.ts";
import type { SimulationListener, Verdict } from "../linker/simulator/simulation.ts";
import type { Report } from "./report.ts";
import { aligned } from "./text.ts";

interface ViewOptions {
  /** Show the console of groups' machines as well. */
  readonly everyConsole: boolean;
  /** One of many runs: nothing is shown of what happens in it. */
  readonly isOneOfMany: boolean;
}

/** What people see of simulations: lines with their virtual time while one runs, and the verdict. */
export class SimulationView implements SimulationListener {
  readonly #report: Report;
  readonly #scenario: Scenario;
  readonly #options: ViewOptions;
  readonly #width: number;
  #begun = 0;
  #seed = 0;

  constructor(report: Report, scenario: Scenario, options: ViewOptions) {
    this.#report = report;
    this.#scenario = scenario;
    this.#options = options;
    const shown = scenario.machines.filter(({ name, group }) => this.#isShown({ name, group }));
    this.#width = Math.max(0, ...shown.map(({ name }) => name.length));
  }

  begin(seed: number): void {
    const { machines, links } = this.#scenario;
    if (this.#seed === 0) {
      this.#report.note(`${machines.length} nodes, ${links.length} links, seed ${seed}`);
    }
    this.#seed = seed;
    this.#begun ||= performance.now();
  }

  onLine(at: number, machine: Machine, line: string): void {
    if (!this.#isShown(machine)) return;
    this.#line(at, `${machine.name.padEnd(this.#width)} | ${line}`);
  }

  onEvent(at: number, text: string): void {
    const machine = this.#scenario.machines.find(({ name }) => text.startsWith(`${name}:`));
    if (machine === undefined || this.#isShown(machine)) this.#line(at, `* ${text}`);
  }

  onProgress(at: number): void {
    this.#report.progress(`seed ${this.#seed}: ${seconds(at)}`);
  }

  /** @param capture where the frames go */
  end(verdict: Verdict, runs: number, capture: string | null): void {
    const report = this.#report;
    const { claims, digest, links, machines, problems, time } = verdict;
    const met = claims.filter(({ state }) => state === "met").length;
    const memory = machines.reduce((sum, machine) => sum + machine.memorySize, 0);
    report.progressEnds();
    report.document({
      seed: this.#seed,
      nanoseconds: time,
      nodes: machines.map(({ name, end }) => ({ name, status: end?.status ?? null })),
      expectations: claims.map(({ machine, text, state }) => ({ node: machine.name, text, state })),
      links,
      memory,
      digest,
      capture,
    });
    report.line();
    const rows = Object.entries(links).map(([name, tally]): [string, string] => [
      name,
      Object.entries(tally)
        .filter(([, count]) => count > 0)
        .map(([what, count]) => `${count.toLocaleString("en")} ${what}`)
        .join(", "),
    ]);
    for (const line of aligned(rows, report.style.cyan)) report.line(line);
    const verb = problems.length === 0 ? report.style.green("met") : report.style.red("failed");
    const many = runs > 1 && problems.length === 0 ? `, each of ${runs} seeds` : "";
    report.line(`${verb}: ${met} of ${claims.length} expectations in ${seconds(time)}${many}`);
    report.line(`seed ${this.#seed}, digest ${digest.slice(0, 16)}`);
    const wall = ((performance.now() - this.#begun) / 1000).toFixed(2);
    report.note(`took ${wall} s; ${(memory / 2 ** 20).toFixed(1)} MiB of the nodes' memory`);
  }

  /** A group's machines say the same many times over. */
  #isShown({ name, group }: { readonly name: string; readonly group: string }): boolean {
    if (this.#options.isOneOfMany) return false;
    return this.#options.everyConsole || name === group;
  }

  #line(at: number, text: string): void {
    if (this.#options.isOneOfMany) return;
    this.#report.line(`${(at / 1e9).toFixed(6).padStart(12)}  ${text}`);
  }
}
