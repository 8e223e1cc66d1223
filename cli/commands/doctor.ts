import { failed, ok, type Result } from "../../model/problem.ts";
import type { Release, Universe } from "../../model/release.ts";
import { checkTarget } from "../../solver/check.ts";
import { openCatalogHere } from "../catalog.ts";
import { type Command, targetOption } from "../command.ts";
import { exit } from "../exit.ts";
import { installedPackage } from "../installation.ts";
import { type KvmState, probeKvm } from "../kvm.ts";
import type { Style } from "../style.ts";
import { firstDevice, probeTap, type TapState, tapCommands } from "../tap.ts";
import { targetsAtHand } from "../targets.ts";
import { aligned } from "../text.ts";
import { type FoundTool, find, toolsOf } from "../tools.ts";

export const command: Command = {
  name: "doctor",
  summary: "check that this machine can build and run images",
  description: [
    "Looks for the programs that each target needs, and says how to install those that are missing (on Debian and its kin). Ends with status 69 when one is missing. `unipkg dev` needs none of them.",
  ],
  operands: [],
  options: [targetOption("check for these targets only (default: all)")],
  examples: [
    { line: "unipkg doctor", doc: "for all targets" },
    { line: "unipkg doctor --target unix", doc: "for one" },
  ],
  json: true,
  async run(words, context) {
    const { report, world } = context;
    const opened = await openCatalogHere(context);
    if (!opened.ok) return opened;
    const asked = words.list("target");
    const targets = chosenTargets(asked, targetsAtHand(opened.value), opened.value);
    if (!targets.ok) return targets;
    const checks = targets.value.map((target) => checkOf(target, world.environment));
    const missing = [...new Set(checks.flatMap((check) => check.missing))];
    const kvm = probeKvm();
    const { name: tapName } = firstDevice(world.environment);
    const tap = probeTap(tapName);
    report.document({
      node: process.versions.node,
      unipkg: installedPackage().version,
      kvm,
      tap,
      targets: checks,
    });
    report.line(
      `unipkg ${installedPackage().version}, Node ${process.versions.node} on ${process.platform} ${process.arch}`,
    );
    for (const check of checks) {
      report.line();
      for (const line of describe(check, kvm, tap, report.style)) report.line(line);
    }
    if ((tap === "absent" || tap === "denied") && checks.some(({ target }) => target === "unix")) {
      report.line();
      report.line("To have a tap, for our own TCP/IP on unix (kernel-sockets needs none):");
      for (const line of tapCommands(tapName)) report.line(`  ${line}`);
    }
    if (missing.length > 0) {
      report.line();
      report.line("To install what is missing, on Debian:");
      report.line(`  sudo apt-get install ${missing.join(" ")}`);
    }
    return ok(missing.length === 0 ? exit.ok : exit.unavailable);
  },
};

interface Check {
  readonly target: string;
  /** Null when this unipkg does not know the target's back end. */
  readonly tools: readonly FoundTool[] | null;
  /** Debian's packages. */
  readonly missing: readonly string[];
}

function chosenTargets(
  asked: readonly string[],
  present: readonly Release[],
  universe: Universe,
): Result<readonly Release[]> {
  const problems = asked.flatMap((name) => checkTarget(name, universe) ?? []);
  if (problems.length > 0) return failed(...problems);
  return ok(
    asked.length === 0 ? present : present.filter(({ manifest }) => asked.includes(manifest.name)),
  );
}

function checkOf(
  { manifest }: Release,
  environment: Readonly<Record<string, string | undefined>>,
): Check {
  const tools = toolsOf(manifest.target?.backend ?? "", environment)?.map(find) ?? null;
  const missing = (tools ?? []).filter((tool) => tool.version === null);
  return {
    target: manifest.name,
    tools,
    missing: [...new Set(missing.flatMap((tool) => tool.debian.split(" ")))],
  };
}

function describe(
  { target, tools, missing }: Check,
  kvm: KvmState,
  tap: TapState,
  style: Style,
): string[] {
  if (tools === null) return [`${style.bold(target)}: its images are made by a newer unipkg`];
  const onlyRunIsMissing = tools.every((tool) => tool.version !== null || tool.onlyToRun);
  const verdict =
    missing.length === 0
      ? style.green("ready")
      : style.red(onlyRunIsMissing ? "can build, cannot run" : "cannot build");
  const rows = tools.map((tool): [string, string] => [
    tool.command,
    tool.version ?? `${style.red("missing")}: ${tool.purpose}`,
  ]);
  if (tools.some((tool) => tool.command.startsWith("qemu"))) {
    rows.push(["/dev/kvm", kvmWords[kvm]]);
  }
  if (target === "unix") rows.push(["tap", tapWords[tap]]);
  return [`${style.bold(target)}: ${verdict}`, ...aligned(rows, style.cyan)];
}

const tapWords: Readonly<Record<TapState, string>> = {
  ready: "there is one for our own TCP/IP",
  absent: "none: images use the kernel's sockets, or a tap that is made for them",
  denied: "there is one, but not for this user",
  impossible: "/dev/net/tun cannot be opened; images use the kernel's sockets",
};

const kvmWords: Readonly<Record<KvmState, string>> = {
  works: "kernels run on the processor itself",
  broken: "there, but kernels do not run under it; they run in software emulation, more slowly",
  absent: "not there, or not for this user; kernels run in software emulation, more slowly",
};
