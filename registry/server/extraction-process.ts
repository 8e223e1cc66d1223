/**
 * The program of the process that strangers' sources are compiled in. It reads the compiler's files and nothing else,
 * opens no connection, and knows no secret; its parent limits its memory and its time, and kills it when in doubt.
 */
import { failed, type Result } from "../../model/problem.ts";
import { type Extraction, extract } from "../extract.ts";
import type { IdentifiedSource } from "../extraction-cache.ts";
import { parseManifest } from "../manifest.ts";
import { newestIn } from "../newest.ts";
import type { ExtractionJob } from "./extraction-job.ts";

process.on("message", (job: ExtractionJob) => {
  process.send!(answer(job));
});

function answer({ packages }: ExtractionJob): Result<Extraction> {
  const sources: IdentifiedSource[] = [];
  for (const { package: packageJson, integrity, sources: texts } of packages) {
    const manifest = parseManifest(JSON.stringify(packageJson), "package.json");
    if (!manifest.ok) return manifest;
    const files = new Map(Object.entries(texts));
    sources.push({
      manifest: manifest.value,
      integrity,
      read: (file) => files.get(file) ?? null,
    });
  }
  const [subject, ...others] = sources;
  if (subject === undefined) return failed({ code: "UP103", message: "there is no package" });
  return extract(subject, (name, range) => {
    const named = others.filter(({ manifest }) => manifest.name === name);
    return newestIn(named, range) ?? null;
  });
}
