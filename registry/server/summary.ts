import type { Manifest } from "../../model/manifest.ts";
import { parseManifest } from "../manifest.ts";
import type { Searched } from "./match.ts";
import type { VersionState } from "./package-state.ts";
import type { VersionDocument } from "./version-document.ts";
import type { Views } from "./views.ts";

/** What listings and searches need of a version: they go through all packages, and read no document twice. */
export interface Summary {
  readonly manifest: Manifest;
  readonly searched: Searched;
}

/** Of versions that were asked for, for as long as the registry knows of them. */
const summaries = new WeakMap<VersionState, Summary>();

/** Those that are being read: whoever comes meanwhile waits for the same. */
const underWay = new WeakMap<VersionState, Promise<void>>();

/** Documents that are read at the same time: each is a file, or a request to a store. */
const atOnce = 32;

/** The summaries of versions, in their order. */
export async function summariesOf(
  versions: readonly VersionState[],
  views: Views,
): Promise<readonly Summary[]> {
  const missing = versions.filter((version) => !summaries.has(version));
  let next = 0;
  const readers = Array.from({ length: Math.min(atOnce, missing.length) }, async () => {
    while (next < missing.length) await summarise(missing[next++]!, views);
  });
  await Promise.all(readers);
  return versions.map((version) => summaries.get(version)!);
}

function summarise(version: VersionState, views: Views): Promise<void> {
  const known = underWay.get(version);
  if (known !== undefined) return known;
  const reading = views
    .document(version)
    .then((document) => void summaries.set(version, summaryOf(document)))
    .finally(() => underWay.delete(version));
  underWay.set(version, reading);
  return reading;
}

function summaryOf({ name, version, packageJson, line }: VersionDocument): Summary {
  const read = parseManifest(JSON.stringify(line.package), "package.json");
  if (!read.ok) throw new Error(`the manifest of ${name}@${version} is damaged`);
  return { manifest: read.value, searched: searchedOf(read.value, packageJson["keywords"]) };
}

/** What is searched of a package. */
export function searchedOf(
  { name, kind, description, provides }: Manifest,
  keywords: unknown = [],
): Searched {
  const words = Array.isArray(keywords) ? keywords.join(" ") : "";
  const interfaces = provides.map((each) => each.interface);
  return { name, provides: interfaces, text: `${description} ${words} ${kind}`.toLowerCase() };
}
