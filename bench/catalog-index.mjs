// A catalog on the disk as an index is: a line of JSON for each version, read and parsed only when a search asks for the package.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";

/** Writes `lines` (the versions, package by package), and `table.json`: where each package's are, who provides what, the request. */
export function writeIndex(folder, { releases, request }) {
  const packages = new Map();
  const providers = new Map();
  for (const release of releases) {
    const { name, provides } = release.manifest;
    packages.set(name, [...(packages.get(name) ?? []), release]);
    for (const { interface: of } of provides) {
      providers.set(of, (providers.get(of) ?? new Set()).add(name));
    }
  }
  const places = {};
  const chunks = [];
  let start = 0;
  for (const [name, all] of packages) {
    const chunk = Buffer.from(all.map((one) => JSON.stringify(one)).join("\n"));
    places[name] = [start, start + chunk.length];
    chunks.push(chunk);
    start += chunk.length;
  }
  writeFileSync(join(folder, "lines"), Buffer.concat(chunks));
  const named = Object.fromEntries([...providers].map(([of, names]) => [of, [...names]]));
  writeFileSync(join(folder, "table.json"), JSON.stringify({ places, providers: named, request }));
}

/** The universe of such an index, the request, and how many milliseconds went into reading and parsing so far. */
export function readIndex(folder) {
  const begin = performance.now();
  const lines = readFileSync(join(folder, "lines"));
  const { places, providers, request } = JSON.parse(readFileSync(join(folder, "table.json")));
  const read = new Map();
  let spent = 0;
  const releases = (name) => {
    const known = read.get(name);
    if (known !== undefined) return known;
    const before = performance.now();
    const [start, end] = places[name] ?? [0, 0];
    const text = lines.toString("utf8", start, end);
    const all = text === "" ? [] : text.split("\n").map((line) => JSON.parse(line));
    read.set(name, all);
    spent += performance.now() - before;
    return all;
  };
  const universe = {
    releases,
    providers: (of) =>
      (providers[of] ?? [])
        .flatMap(releases)
        .filter((one) => one.manifest.provides.some((two) => two.interface === of)),
    names: () => Object.keys(places).sort(),
    targets: () => request.targets,
  };
  spent += performance.now() - begin;
  return { universe, request, spent: () => spent };
}
