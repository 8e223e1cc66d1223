// Synthetic typed catalogs of 1,000, 10,000 and 50,000 package versions, solved for four targets from memory: time, peak
// memory and what was in reach. Each size is a process of its own, so that its peak memory is its own.
//
// `node bench/catalog.mjs VERSIONS APP [DIST]` makes one measurement and prints it as JSON; APP is the kind of application below.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { pathToFileURL } from "node:url";
import { median, table } from "./measure.mjs";
import { makeCatalog, universeOf } from "./typed-catalog.mjs";

const sizes = [1_000, 10_000, 50_000];

/** Milliseconds for the three solves of a row. */
const limit = 120_000;

/** Applications: one that requires a dozen packages as people's do, and one that reaches the whole catalog. */
const apps = ["plain", "whole"];

/** Prints the table: a row for each size and application. */
export function benchCatalog() {
  const rows = apps.flatMap((app) =>
    sizes.map((size) => {
      const script = new URL(import.meta.url).pathname;
      const name = `${app} application, ${size} versions`;
      const one = inTime([script, String(size), app]);
      if (one === null) return [name, "-", "-", "-", `> ${limit}`, "-", "-", "-"];
      return [
        name,
        one.reached.packages,
        one.reached.releases,
        one.image,
        one.milliseconds.toFixed(0),
        one.processor.toFixed(0),
        one.first.toFixed(0),
        (one.peak / 1024).toFixed(0),
      ];
    }),
  );
  table(
    "Typed catalogs, four targets (median of 3; ms)",
    [
      "catalog",
      "packages in reach",
      "versions",
      "in the images",
      "ms",
      "processor",
      "first",
      "peak MiB",
    ],
    rows,
  );
}

/** A measurement in a process of its own; null when it takes longer than the limit. */
function inTime(args) {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: "utf8",
    timeout: limit,
  });
  if (signal !== null) return null;
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

async function measure(size, app, dist) {
  const load = (path) => import(pathToFileURL(join(dist, path)).href);
  const { solve } = await load("solver/solve.js");
  const { Slice } = await load("solver/slice.js");
  const { accepts } = await load("model/accepts.js");
  const { releases, request } = makeCatalog(size, app);
  const universe = universeOf(releases);
  const times = [];
  const processor = [];
  let plans = [];
  for (let run = 0; run < 3; run++) {
    const begin = performance.now();
    const before = process.cpuUsage().user;
    const answer = solve(request, universe);
    times.push(performance.now() - begin);
    processor.push((process.cpuUsage().user - before) / 1000);
    if (!answer.ok) throw new Error(JSON.stringify(answer.problems, null, 2));
    plans = answer.plans;
  }
  const peak = process.resourceUsage().maxRSS;
  const reached = [...new Slice(request, universe, accepts).packages.values()];
  return {
    milliseconds: median(times),
    processor: median(processor),
    first: times[0],
    peak,
    image: plans.reduce((sum, plan) => sum + plan.packages.length, 0),
    reached: {
      packages: reached.length,
      releases: reached.reduce((sum, one) => sum + one.releases.length, 0),
    },
  };
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const [size, app, dist = new URL("../dist", import.meta.url).pathname] = process.argv.slice(2);
  console.log(JSON.stringify(await measure(Number(size), app, dist)));
}
