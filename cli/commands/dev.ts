import { resolve } from "node:path";
import type { Effect } from "../../model/effect.ts";
import type { Plan } from "../../model/plan.ts";
import { failed, ok, type Problem, type Result } from "../../model/problem.ts";
import type { Universe } from "../../model/release.ts";
import { findAppFolder } from "../app-folder.ts";
import { readManifestOf } from "../application.ts";
import type { Command, Context } from "../command.ts";
import { diskOption, readDisks } from "../disk.ts";
import { exit } from "../exit.ts";
import { type LinkWords, linkOptions, linkRequest, linkWords } from "../linking.ts";
import { tellNotices } from "../notices.ts";
import { openPlanned } from "../planned-app.ts";
import { plainRequest } from "../planning.ts";
import { Watcher } from "../watch.ts";

/** What `dev` plans for: the target whose host calls Node can answer. */
const target = "unix";

/** Of what that target offers, Node has no network devices. */
const unanswered: readonly Effect[] = ["host:net"];

export const command: Command = {
  name: "dev",
  summary: "run in Node while you work, with no C compiler",
  description: [
    "Runs the very program that an image for unix has, in Node, with the kernel's sockets, and starts it again when a source, the manifest or a file of the settings changes. A source that does not compile is told, and the next change waited for.",
  ],
  operands: [],
  options: [
    { name: "once", doc: "do not watch; end with the program's status" },
    diskOption,
    ...linkOptions,
  ],
  examples: [
    { line: "unipkg dev", doc: "until Ctrl-C" },
    { line: "unipkg dev --set my-site.port=3000", doc: "with another port" },
    { line: "unipkg dev --once", doc: "for a program that ends" },
  ],
  json: false,
  runsLong: true,
  async run(words, context) {
    const options = linkWords(words, context.folder);
    if (!options.ok) return options;
    const found = findAppFolder(context.folder);
    if (!found.ok) return found;
    const locked = words.has("locked");
    const disks = words.all("disk");
    if (words.has("once")) {
      const program = await link(context, options.value, locked, disks);
      if (!program.ok) return program;
      const status = await program.value.run();
      return ok(status ?? exit.ok);
    }
    for (;;) await untilChange(found.value, context, options.value, locked, disks);
  },
};

interface Program {
  /** The program's status, or null when the signal ended it. */
  run(signal?: AbortSignal): Promise<number | null>;
}

/** Runs the program as it is now until something that it is made from changes. */
async function untilChange(
  folder: string,
  context: Context,
  words: LinkWords,
  locked: boolean,
  disks: readonly string[],
): Promise<void> {
  const { report } = context;
  const manifest = await readManifestOf(folder);
  const catalogs = manifest.ok ? manifest.value.manifest.catalogs : [];
  const folders = catalogs.map((path) => resolve(folder, path));
  // From before the sources are read, so that no change is missed.
  const watcher = new Watcher(
    [folder, ...folders, ...context.catalogs],
    disks.map((path) => resolve(context.folder, path)),
  );
  const stop = new AbortController();
  const program = await link(context, words, locked, disks);
  let running: Promise<void>;
  if (program.ok) {
    running = program.value.run(stop.signal).then((status) => {
      if (status !== null) report.note(`ended with status ${status}; waiting for a change`);
    });
  } else {
    report.problems(program.problems);
    report.note("waiting for a change");
    running = Promise.resolve();
  }
  const changed = await watcher.changed;
  watcher.close();
  stop.abort();
  await running;
  report.note(`${changed} changed`);
}

async function link(
  context: Context,
  words: LinkWords,
  locked: boolean,
  diskWords: readonly string[],
): Promise<Result<Program>> {
  const { report, world } = context;
  const planned = await openPlanned(context, { ...plainRequest, targets: [target], locked });
  if (!planned.ok) return planned;
  const plan = planned.value.plans[0]!;
  tellNotices([plan], planned.value.app.catalog, report);
  const problem = unrunnable(plan, planned.value.app.catalog);
  if (problem !== null) return failed(problem);
  const disks = await readDisks(diskWords, context.folder, plan);
  if (!disks.ok) return disks;
  const [{ linkProgram }, { blobAddress }, { runImage }] = await Promise.all([
    import("../../linker/build.ts"),
    import("../../linker/blob.ts"),
    import("../../linker/node-host/host.ts"),
  ]);
  const linked = await linkProgram(linkRequest(planned.value, plan, words, report));
  report.progressEnds();
  if (!linked.ok) return linked;
  return ok({
    run: (signal) =>
      runImage({
        ...linked.value,
        blobAddress,
        disks: disks.value,
        output: (stream, bytes) => (stream === 1 ? world.stdout : world.stderr).write(bytes),
        ...(signal === undefined ? {} : { signal }),
      }),
  });
}

/** Why the plan cannot run in Node; null when it can. */
function unrunnable(plan: Plan, universe: Universe): Problem | null {
  for (const { name, version } of plan.packages) {
    const release = universe.releases(name).find((each) => each.manifest.version === version);
    const use = release?.effects.find(({ effect }) => unanswered.includes(effect));
    if (use === undefined) continue;
    return {
      code: "UP505",
      message: `${name} ${version} has the effect \`${use.effect}\`: there is no such thing in Node`,
      hint: `run the image itself, \`unipkg run --target ${target}\`; or plan without: \`unipkg solve --target ${target} --without ${name}\``,
    };
  }
  return null;
}
