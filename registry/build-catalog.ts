import { dirname, relative, sep } from "node:path";
import rcompare from "semver/functions/rcompare.js";
import satisfies from "semver/functions/satisfies.js";
import { failed, ok, type Problem, type Result } from "../model/problem.ts";
import type { Release } from "../model/release.ts";
import { writeAtomically } from "./atomic-file.ts";
import { type CatalogIndex, ofPackage } from "./catalog.ts";
import { extractCached } from "./extraction-cache.ts";
import type { FolderSource } from "./package-folder.ts";
import { scanPackages } from "./package-scan.ts";
import { brokenPromises } from "./promises.ts";

/**
 * Extracts every package of the recipes and writes the index that ships with unipkg. Apps are compiled too, as a
 * check, but are not in the index: they are templates, not parts. A provider that does not do what its
 * interface promises is UP403: what we ship has to keep its word.
 *
 * Nothing is written when anything is wrong.
 */
export async function buildCatalog(
  recipesFolder: string,
  outputFile: string,
): Promise<Result<CatalogIndex>> {
  const scanned = scanPackages(recipesFolder);
  if (!scanned.ok) return scanned;
  const problems: Problem[] = [];
  const sources: FolderSource[] = [];
  for (const opened of scanned.value) {
    const integrity = opened.integrity();
    if (integrity.ok) sources.push({ ...opened, integrity: integrity.value });
    else problems.push(...integrity.problems);
  }
  const find = (name: string, range: string) =>
    sources
      .filter(({ manifest }) => manifest.name === name && satisfies(manifest.version, range))
      .sort((a, b) => rcompare(a.manifest.version, b.manifest.version))[0] ?? null;
  const packages: { folder: string; release: Release }[] = [];
  for (const source of sources) {
    const extracted = await extractCached(source, find, null);
    if (!extracted.ok) {
      problems.push(...extracted.problems.map((problem) => ofPackage(problem, source)));
      continue;
    }
    const { manifest, integrity } = source;
    if (manifest.kind === "app") continue;
    const folder = relative(recipesFolder, source.folder).split(sep).join("/");
    packages.push({ folder, release: { manifest, integrity, ...extracted.value } });
  }
  const promised = (name: string, version: string) =>
    packages.find(
      ({ release: { manifest } }) => manifest.name === name && manifest.version === version,
    )?.release;
  problems.push(...packages.flatMap(({ release }) => brokenPromises(release, promised)));
  if (problems.length > 0) return failed(...problems);
  packages.sort(
    ({ release: { manifest: a } }, { release: { manifest: b } }) =>
      (a.name < b.name ? -1 : a.name > b.name ? 1 : 0) || rcompare(a.version, b.version),
  );
  const root = relative(dirname(outputFile), recipesFolder).split(sep).join("/");
  const index: CatalogIndex = { format: 1, root, packages };
  try {
    writeAtomically(outputFile, JSON.stringify(index));
  } catch (error) {
    return failed({
      code: "UP705",
      message: `${outputFile} cannot be written: ${(error as Error).message}`,
    });
  }
  return ok(index);
}
