import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ok, type Result } from "../model/problem.ts";
import { writeAtomically } from "./atomic-file.ts";
import type { Extraction } from "./extract.ts";
import type { PackageSource } from "./package-folder.ts";

/**
 * The version of what extraction finds, and of the compiler that finds it: part of every cache key. The first is
 * raised when equal sources give another `Extraction`; the second is the one pinned in package.json.
 */
export const extractionVersion = "1 assemblyscript 0.28.20";

/** A package with what its files are known by. */
export interface IdentifiedSource extends PackageSource {
  readonly integrity: string;
}

/** Finds a required package by name and range; null when there is none. */
export type FindIdentified = (name: string, range: string) => IdentifiedSource | null;

/**
 * What is extracted from a package, taken from the cache when the same was extracted before. Loads the
 * compiler only when it was not. The key covers the package, all that it is compiled against, and the
 * tool; a damaged or unwritable cache costs time, and nothing else.
 *
 * @param cache folder, null for none
 */
export async function extractCached(
  source: IdentifiedSource,
  find: FindIdentified,
  cache: string | null,
): Promise<Result<Extraction>> {
  const file = cache === null ? null : join(cache, "extracted", `${keyOf(source, find)}.json`);
  const known = file === null ? null : readExtraction(file);
  if (known !== null) return ok(known);
  const { extract } = await import("./extract.ts");
  const result = extract(source, find);
  if (result.ok && file !== null) {
    try {
      writeAtomically(file, JSON.stringify(result.value));
    } catch {
      // The next run extracts again.
    }
  }
  return result;
}

function keyOf(source: IdentifiedSource, find: FindIdentified): string {
  const hash = createHash("sha256").update(extractionVersion);
  const seen = new Set<string>();
  const visit = ({ manifest, integrity }: IdentifiedSource) => {
    const id = `${manifest.name} ${manifest.version} ${integrity}`;
    if (seen.has(id)) return;
    seen.add(id);
    hash.update(`\n${id}`);
    for (const { slot, of, range } of manifest.requires) {
      const found = find(of, range);
      hash.update(`\n${slot} ${of} ${found?.manifest.version ?? "none"}`);
      if (found !== null) visit(found);
    }
  };
  visit(source);
  return hash.digest("hex");
}

function readExtraction(file: string): Extraction | null {
  try {
    const read = JSON.parse(readFileSync(file, "utf8")) as Partial<Extraction>;
    const { signature, provided, uses, effects } = read;
    if (signature === undefined || !provided || !uses || !Array.isArray(effects)) return null;
    return { signature, provided, uses, effects };
  } catch {
    return null;
  }
}
