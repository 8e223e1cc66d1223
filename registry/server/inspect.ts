import { createHash } from "node:crypto";
import type { Manifest } from "../../model/manifest.ts";
import { failed, ok, type Result } from "../../model/problem.ts";
import type { Release } from "../../model/release.ts";
import type { PackedFile } from "../archive/pack.ts";
import { scanArchive } from "../archive/scan.ts";
import { integrityOf } from "../integrity.ts";
import { manifestFile, parseManifest } from "../manifest.ts";
import { newestIn } from "../newest.ts";
import { brokenPromises } from "../promises.ts";
import { sriOf } from "../protocol/digest.ts";
import { indexedPackage } from "../protocol/index-line.ts";
import { formatTypes } from "../protocol/types-document.ts";
import type { SourcePackage } from "./extraction-job.ts";
import type { Extractor } from "./extractor.ts";
import type { VersionDocument } from "./version-document.ts";

/** A package that others may be compiled against. */
export interface KnownPackage {
  readonly release: Release;
  readonly source: () => Promise<SourcePackage>;
}

/** All versions of a package that the publisher may read. */
export type FindKnown = (name: string) => Promise<readonly KnownPackage[]>;

export interface Inspected {
  readonly release: Release;
  readonly document: VersionDocument;
  /** The text of its package.json. */
  readonly manifestText: string;
  /** The types document; null when the package has no module. */
  readonly types: string | null;
}

/**
 * Works everything out that the registry will say of a package, from its archive alone: who publishes cannot lie,
 * only be refused. Compiles the sources, and holds the package to the interfaces that it says it provides.
 */
export async function inspect(
  archive: Uint8Array,
  called: string,
  find: FindKnown,
  extractor: Extractor,
): Promise<Result<Inspected>> {
  const scanned = scanArchive(archive, called);
  if (!scanned.ok) return scanned;
  const { files } = scanned.value;
  const text = textOf(files, manifestFile);
  const parsed = parseManifest(text ?? "", manifestFile);
  if (!parsed.ok) return parsed;
  const manifest = parsed.value;
  const packageJson = JSON.parse(text!.replace(/^\uFEFF/, "")) as Record<string, unknown>;
  const integrity = integrityOf(files);
  const known = await dependenciesOf(manifest, find);
  const source: SourcePackage = {
    package: indexedPackage(packageJson),
    integrity,
    sources: sourcesOf(files),
  };
  const hasModule = manifest.module !== null || manifest.provides.length > 0;
  const extracted = hasModule
    ? await extractor.extract({
        packages: [
          source,
          ...(await Promise.all([...known.values()].map((each) => each.source()))),
        ],
      })
    : ok({ signature: null, provided: {}, uses: {}, effects: [] });
  if (!extracted.ok) return extracted;
  const release: Release = { manifest, integrity, ...extracted.value };
  const promised: Release[] = [];
  for (const { interface: name } of manifest.provides) {
    promised.push(...(await find(name)).map((each) => each.release));
  }
  const broken = brokenPromises(release, (name, version) =>
    promised.find((each) => each.manifest.name === name && each.manifest.version === version),
  );
  if (broken.length > 0) return failed(...broken);
  const types = hasModule ? formatTypes(release) : null;
  return ok({
    release,
    types,
    manifestText: text!,
    document: {
      format: 1,
      name: manifest.name,
      version: manifest.version,
      packageJson,
      line: {
        package: indexedPackage(packageJson),
        integrity,
        archive: sriOf(archive),
        size: archive.length,
        types: types === null ? null : sriOf(Buffer.from(types)),
        effects: release.effects,
      },
      shasum: createHash("sha1").update(archive).digest("hex"),
      fileCount: files.length,
      unpackedSize: files.reduce((sum, { bytes }) => sum + bytes.length, 0),
      readme: readmeOf(files),
    },
  });
}

/** What a package is compiled against: of each package that is required, the newest version in the range, and so on. */
async function dependenciesOf(
  manifest: Manifest,
  find: FindKnown,
): Promise<ReadonlyMap<string, KnownPackage>> {
  const chosen = new Map<string, KnownPackage>();
  const queue = [...manifest.requires];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const candidates = (await find(next.of)).map((each) => ({
      manifest: each.release.manifest,
      known: each,
    }));
    const found = newestIn(candidates, next.range)?.known;
    if (found === undefined) continue;
    const { name, version, requires } = found.release.manifest;
    if (chosen.has(`${name}@${version}`) || chosen.size >= mostDependencies) continue;
    chosen.set(`${name}@${version}`, found);
    queue.push(...requires);
  }
  return chosen;
}

const mostDependencies = 200;

function textOf(files: readonly PackedFile[], path: string): string | null {
  const found = files.find((file) => file.path === path);
  return found === undefined ? null : Buffer.from(found.bytes).toString("utf8");
}

export function sourcesOf(files: readonly PackedFile[]): Readonly<Record<string, string>> {
  const sources = files.filter(({ path }) => path.endsWith(".ts"));
  return Object.fromEntries(
    sources.map(({ path, bytes }) => [path, Buffer.from(bytes).toString("utf8")]),
  );
}

function readmeOf(files: readonly PackedFile[]): string {
  const found = files.find(({ path }) => /^readme(\.(md|markdown|txt))?$/i.test(path));
  return found === undefined
    ? ""
    : Buffer.from(found.bytes)
        .toString("utf8")
        .slice(0, 64 << 10);
}
