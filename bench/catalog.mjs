// Synthetic typed catalogs of 1,000, 10,000 and 50,000 package versions, solved for four targets from memory: time, peak
// memory and what was in reach; and once more from an index on the disk, whose lines are parsed as they are asked for, by a process
// that did nothing before. Each is a process of its own, so that its peak memory is its own.
//
// `node bench/catalog.mjs VERSIONS APP [DIST]` makes one measurement and prints it as JSON; APP is the kind of application below.
// `node bench/catalog.mjs FOLDER index [DIST]` makes the other.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { pathToFileURL } from "node:url";
import { readIndex, writeIndex } from "./catalog-index.mjs";
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
      if (one === null) return [name, "-", "-", "-", `> ${limit}`, "-", "-", "-", "-", "-", "-"];
      const cold = fromIndex(script, size, app);
      return [
        name,
        one.reached.packages,
        one.reached.releases,
        one.image,
        one.milliseconds.toFixed(0),
        one.processor.toFixed(0),
        one.first.toFixed(0),
        (one.peak / 1024).toFixed(0),
        cold.read.toFixed(0),
        cold.milliseconds.toFixed(0),
        (cold.peak / 1024).toFixed(0),
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
      "index read",
      "index, all",
      "peak MiB",
    ],
    rows,
  );
}

/** The median of three processes, each of which reads an index on the disk and solves. */
function fromIndex(script, size, app) {
  const folder = mkdtempSync(join(tmpdir(), "unipkg-index-"));
  try {
    writeIndex(folder, makeCatalog(size, app));
    const runs = [1, 2, 3].map(() => inTime([script, folder, "index"]));
    const of = (key) => median(runs.map((one) => one?.[key] ?? Number.POSITIVE_INFINITY));
    return { read: of("read"), milliseconds: of("milliseconds"), peak: of("peak") };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Milliseconds from the start of reading to the plans, and how many of them went into reading and parsing lines. */
async function measureIndex(folder, dist) {
  const { solve } = await import(pathToFileURL(join(dist, "solver/solve.js")).href);
  const begin = performance.now();
  const { universe, request, spent } = readIndex(folder);
  const answer = solve(request, universe);
  if (!answer.ok) throw new Error(JSON.stringify(answer.problems, null, 2));
  const milliseconds = performance.now() - begin;
  return { read: spent(), milliseconds, peak: process.resourceUsage().maxRSS };
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
  const made = app === "index" ? measureIndex(size, dist) : measure(Number(size), app, dist);
  console.log(JSON.stringify(await made));
}
