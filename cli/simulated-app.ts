import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { LinkedProgram } from "../linker/build.ts";
import type { MachinePlan } from "../linker/simulator/scenario.ts";
import type { Plan } from "../model/plan.ts";
import { failed, ok, type Problem, type Result } from "../model/problem.ts";
import type { Universe } from "../model/release.ts";
import { nearest } from "../solver/suggest.ts";
import { manifestName, openApplication, readSources } from "./application.ts";
import type { Context } from "./command.ts";
import { installationFolder } from "./installation.ts";
import { linkRequest } from "./linking.ts";
import type { PlannedApplication } from "./planned-app.ts";
import { checkRequest, plainRequest, plan } from "./planning.ts";
import { didYouMean } from "./text.ts";

/** What machines are planned for: the target whose host calls the simulator can answer, without its sockets. */
const target = "unix";
const request = {
  ...plainRequest,
  targets: [target],
  without: ["kernel-sockets"],
  prefer: ["tcpip"],
};

/** Modules of docs/abi.md that a simulated machine has. */
const answered: readonly string[] = ["clock", "console", "event", "net", "random"];

/** Plans and links the applications of a scenario's machines, each once for all that have it with equal settings. */
export class SimulatedApps {
  readonly #context: Context;
  /** The scenario's, which paths of applications are relative to. */
  readonly #folder: string;
  readonly #planned = new Map<string, Result<PlannedApplication>>();
  readonly #linked = new Map<string, Result<LinkedProgram>>();
  readonly #copies: string[] = [];

  constructor(context: Context, folder: string) {
    this.#context = context;
    this.#folder = folder;
  }

  /** Equal for machines that run the same program. */
  static keyOf({ app, settings, memory }: MachinePlan): string {
    return JSON.stringify([app, settings, memory]);
  }

  /** The program of a machine. Writes no lockfile: what is planned here is for the simulation alone. */
  async link(machine: MachinePlan): Promise<Result<LinkedProgram>> {
    const key = SimulatedApps.keyOf(machine);
    const known = this.#linked.get(key);
    if (known !== undefined) return known;
    const linked = await this.#link(machine);
    this.#linked.set(key, linked);
    return linked;
  }

  /** Removes what was written for the time being. */
  close(): void {
    for (const copy of this.#copies) rmSync(copy, { recursive: true, force: true });
  }

  async #link(machine: MachinePlan): Promise<Result<LinkedProgram>> {
    const { report } = this.#context;
    const planned = this.#planned.get(machine.app) ?? (await this.#plan(machine));
    this.#planned.set(machine.app, planned);
    if (!planned.ok) return planned;
    const { linkProgram } = await import("../linker/build.ts");
    const words = { set: machine.settings, memory: machine.memory, kernel: null };
    const linked = await linkProgram({
      ...linkRequest(planned.value, planned.value.plans[0]!, words, report),
      progress: (step) => report.progress(`${machine.group}: ${step}`),
    });
    report.progressEnds();
    return linked;
  }

  async #plan(machine: MachinePlan): Promise<Result<PlannedApplication>> {
    const folder = this.#folderOf(machine);
    if (!folder.ok) return folder;
    const app = await openApplication({ ...this.#context, folder: folder.value });
    if (!app.ok) return app;
    const problems = await checkRequest(app.value, request);
    if (problems.length > 0) return failed(...problems);
    const root = await readSources(app.value);
    if (!root.ok) return root;
    const planning = await plan(app.value, root.value.release, request);
    if (!planning.ok) return planning;
    const { plans, changes, request: solved, proven } = planning.value;
    const problem = unanswerable(plans[0]!, app.value.catalog, machine);
    if (problem !== null) return failed(problem);
    return ok({ app: app.value, root: root.value, plans, request: solved, changes, proven });
  }

  #folderOf({ app, appPlace }: MachinePlan): Result<string> {
    if (/[./\\]/.test(app)) {
      const folder = resolve(this.#folder, app);
      if (existsSync(join(folder, manifestName))) return ok(folder);
      return failed({
        code: "UP606",
        message: `there is no application in ${folder}`,
        place: appPlace,
        hint: "the path of an application's folder is relative to the scenario's",
      });
    }
    const bundled = join(installationFolder(), "recipes/apps");
    const names = readdirSync(bundled).sort();
    if (!names.includes(app)) {
      return failed({
        code: "UP606",
        message: `there is no built-in application "${app}"`,
        place: appPlace,
        hint:
          didYouMean(nearest(app, names)) ??
          `there are ${names.join(", ")}; a folder's path has a dot or a slash: "./${app}"`,
      });
    }
    // A copy, for what is kept beside an application has no place in the installation.
    const parent = mkdtempSync(join(tmpdir(), "unipkg-sim-"));
    this.#copies.push(parent);
    cpSync(join(bundled, app), join(parent, app), { recursive: true });
    return ok(join(parent, app));
  }
}

/** Why the plan cannot be simulated; null when it can. */
function unanswerable(plan: Plan, universe: Universe, { appPlace }: MachinePlan): Problem | null {
  for (const { name, version } of plan.packages) {
    const release = universe.releases(name).find((each) => each.manifest.version === version);
    const use = release?.effects.find(
      ({ effect }) => effect.startsWith("host:") && !answered.includes(effect.slice(5)),
    );
    if (use === undefined) continue;
    return {
      code: "UP606",
      message: `${name} ${version} has the effect \`${use.effect}\`: a simulated machine has no such thing`,
      place: appPlace,
      hint: `it has ${answered.join(", ")}; take another provider`,
    };
  }
  return null;
}
