import { readFileSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { blobAddress } from "../../linker/blob.ts";
import { type CompiledImage, compileImage } from "../../linker/node-host/image.ts";
import { simulateLive } from "../../linker/simulator/live.ts";
import type { MachinePlan, Scenario } from "../../linker/simulator/scenario.ts";
import { parseScenario } from "../../linker/simulator/scenario-reader.ts";
import { simulate } from "../../linker/simulator/simulation.ts";
import { failed, ok, type Problem, type Result } from "../../model/problem.ts";
import type { Arguments, Command, Context } from "../command.ts";
import { exit } from "../exit.ts";
import type { Report } from "../report.ts";
import { SimulatedApps } from "../simulated-app.ts";
import { joinNetwork } from "../simulation-network.ts";
import { SimulationView } from "../simulation-view.ts";
import { networkOption } from "../switch-joining.ts";
import { writeWhole } from "../write.ts";

/** Octets of frames that are kept for the capture of a failure: the last minutes of most scenarios. */
const keptForFailure = 64 << 20;
/** And when all are asked for. */
const keptForFile = 1 << 30;

const mostRuns = 1_000_000;

/** Of a hundred machines that fail alike, a few tell enough. */
const mostProblems = 5;

export const command: Command = {
  name: "sim",
  summary: "run applications in a simulated network",
  description: [
    "Runs the machines of a scenario (docs/simulator.md) in this process under virtual time: the very programs of their images, with our own TCP/IP, on links that delay, lose, reorder, duplicate and change frames. All chance comes from a seed, so that every run can be had again, to the byte.",
    "Ends with status 0 when all that the scenario expects came true. Otherwise the first failures are told, with the last lines of the machine's console, and the frames are written to a capture file that Wireshark reads.",
  ],
  operands: [{ name: "SCENARIO", doc: "a scenario's file", complete: "file" }],
  options: [
    { name: "seed", value: "N", doc: "seed of all chance, before that of the scenario" },
    { name: "runs", value: "N", doc: "run with N seeds, one after another, until one fails" },
    { name: "pcap", value: "FILE", doc: "write all frames to FILE (pcapng), whatever happens" },
    { ...networkOption, doc: "run in real time, on the network of `unipkg switch`" },
    {
      name: "joint",
      value: "SWITCH",
      doc: "the scenario's switch that is joined to that network (default: its only one)",
    },
    { name: "console", doc: "show the console of every machine, those of groups too" },
  ],
  examples: [
    { line: "unipkg sim lossy.json", doc: "as the scenario says" },
    { line: "unipkg sim lossy.json --runs 100", doc: "look for a seed that breaks it" },
    { line: "unipkg sim lan.json --network switch", doc: "its machines beside real images" },
    { line: "unipkg sim lossy.json --seed 17 --pcap lossy.pcapng", doc: "and look at that one" },
  ],
  json: true,
  runsLong: true,
  async run(words, context) {
    const asked = readWords(words);
    if (!asked.ok) return asked;
    const path = resolve(context.folder, words.operands[0]!);
    const opened = openScenario(path, context);
    if (!opened.ok) return opened;
    const { scenario } = opened.value;
    const programs = await linkAll(scenario, dirname(path), context);
    context.report.findSource = opened.value.findSource;
    if (!programs.ok) return programs;
    const { runs, file, everyConsole } = asked.value;
    const first = asked.value.seed ?? scenario.seed;
    const last = first + runs - 1;
    const view = new SimulationView(context.report, scenario, {
      everyConsole,
      isOneOfMany: runs > 1,
    });
    const network = await joinNetwork(words, scenario, context);
    if (!network.ok) return network;
    for (let seed = first; ; seed++) {
      view.begin(seed);
      const captureLimit = file === null ? keptForFailure : keptForFile;
      const programOf = programs.value;
      const request = { scenario, seed, programOf, listener: view, captureLimit };
      const verdict =
        network.value === null ? simulate(request) : await simulateLive(request, network.value);
      const hasFailed = verdict.problems.length > 0;
      if (!hasFailed && seed < last) continue;
      const target = file ?? (hasFailed ? failureFile(path, seed, context) : null);
      view.end(verdict, runs, target);
      const written = target === null ? ok(null) : writeWhole(target, verdict.capture.encode());
      if (!written.ok) return written;
      if (!hasFailed) return ok(exit.ok);
      context.report.note(`frames are in ${target}`);
      if (network.value === null)
        context.report.note(`the same again: unipkg sim ${words.operands[0]} --seed ${seed}`);
      return failed(...verdict.problems.slice(0, mostProblems));
    }
  },
};

interface Words {
  readonly seed: number | null;
  readonly runs: number;
  /** Where the capture goes in any case. */
  readonly file: string | null;
  readonly everyConsole: boolean;
}

function readWords(words: Arguments): Result<Words> {
  const problems: Problem[] = [];
  const number = (name: string, least: number, most: number): number | null => {
    const word = words.one(name);
    if (word === undefined) return null;
    if (/^\d{1,10}$/.test(word) && Number(word) >= least && Number(word) <= most)
      return Number(word);
    problems.push({
      code: "UP702",
      message: `\`--${name} ${word}\` is not a whole number from ${least} to ${most}`,
    });
    return null;
  };
  const seed = number("seed", 0, 2 ** 32 - 1);
  const runs = number("runs", 1, mostRuns) ?? 1;
  if (problems.length > 0) return failed(...problems);
  const file = words.one("pcap") ?? null;
  return ok({ seed, runs, file, everyConsole: words.has("console") });
}

interface OpenedScenario {
  readonly scenario: Scenario;
  /** Shows places in the scenario; those of applications as the report does otherwise. */
  readonly findSource: Report["findSource"];
}

/** Reads the scenario, and lets the report show it. */
function openScenario(path: string, { report }: Context): Result<OpenedScenario> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    return failed({
      code: "UP705",
      message: `${path} cannot be read: ${(error as Error).message}`,
      hint: "docs/simulator.md says how a scenario is written",
    });
  }
  const file = basename(path);
  const findSource: Report["findSource"] = (place) =>
    place.file === file && !("package" in place) ? { path, text } : null;
  report.findSource = findSource;
  const scenario = parseScenario(text, file);
  return scenario.ok ? ok({ scenario: scenario.value, findSource }) : scenario;
}

type ProgramOf = (machine: MachinePlan) => CompiledImage;

/** Links the program of every machine; those that are equal share one. */
async function linkAll(
  scenario: Scenario,
  folder: string,
  context: Context,
): Promise<Result<ProgramOf>> {
  const apps = new SimulatedApps(context, folder);
  const compiled = new Map<string, CompiledImage>();
  try {
    for (const machine of scenario.machines) {
      const key = SimulatedApps.keyOf(machine);
      if (compiled.has(key)) continue;
      const linked = await apps.link(machine);
      if (!linked.ok) return linked;
      compiled.set(key, await compileImage({ ...linked.value, blobAddress }));
    }
  } finally {
    apps.close();
  }
  return ok((machine) => compiled.get(SimulatedApps.keyOf(machine))!);
}

/** `lossy.json` with seed 7 -> `lossy-7.pcapng`, in the current folder. */
function failureFile(path: string, seed: number, { folder }: Context): string {
  return resolve(folder, `${basename(path).replace(/\.json$/, "")}-${seed}.pcapng`);
}
