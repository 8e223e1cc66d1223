import { join, resolve } from "node:path";
import type { Manifest } from "../model/manifest.ts";
import { failed, ok, type Result } from "../model/problem.ts";
import type { Release } from "../model/release.ts";
import type { PackedFile } from "../registry/archive/pack.ts";
import { type Catalog, findInCatalog } from "../registry/catalog.ts";
import type { PublishedPackage } from "../registry/client/publish-document.ts";
import { cacheFolder, openCatalogs } from "./catalog.ts";
import type { Context } from "./command.ts";

/** A package in a folder, packed and read, and what it is measured against. */
export interface PackedPackage extends PublishedPackage {
  readonly files: readonly PackedFile[];
  readonly catalog: Catalog;
}

/**
 * Packs the package in a folder, compiles it, and holds it to the interfaces that it says it provides: what a
 * registry of ours does again when it gets it.
 */
export async function packFolder(folder: string, context: Context): Promise<Result<PackedPackage>> {
  const { openPackageFolder } = await import("../registry/package-folder.ts");
  const opened = openPackageFolder(folder);
  if (!opened.ok) return opened;
  const { manifest, manifestText, read } = opened.value;
  const { packageContents } = await import("../registry/archive/contents.ts");
  const contents = packageContents(folder);
  if (!contents.ok) return contents;
  const files = contents.value;
  const missing = [manifest.module, ...manifest.provides.map((each) => each.module)].find(
    (module) => module !== null && !files.some(({ path }) => path === module),
  );
  if (missing != null) {
    return failed({
      code: "UP813",
      message: `\`${missing}\` is a module of ${manifest.name}, but would not be in its archive`,
      hint: "name its folder in `files` of package.json",
    });
  }
  const catalog = await openCatalogs(context, packageFolders(folder, manifest), null, {
    manifest,
    names: [manifest.name, ...manifest.provides.map((each) => each.interface)],
    locked: [],
  });
  if (!catalog.ok) return catalog;
  const brought = await catalog.value.obtainFor(manifest.requires);
  if (!brought.ok) return brought;
  const { integrityOf } = await import("../registry/integrity.ts");
  const { extractCached } = await import("../registry/extraction-cache.ts");
  const integrity = integrityOf(files);
  context.report.progress(`compiling ${manifest.name}`);
  const extracted = await extractCached(
    { manifest, integrity, read },
    findInCatalog(catalog.value),
    cacheFolder(context, null),
  );
  context.report.progressEnds();
  if (!extracted.ok) return extracted;
  const release: Release = { manifest, integrity, ...extracted.value };
  const { brokenPromises } = await import("../registry/promises.ts");
  const broken = brokenPromises(release, (name, version) =>
    catalog.value.releases(name).find((each) => each.manifest.version === version),
  );
  if (broken.length > 0) return failed(...broken);
  const { pack } = await import("../registry/archive/pack.ts");
  const readme = files.find(({ path }) => /^readme(\.(md|markdown|txt))?$/i.test(path));
  return ok({
    release,
    packageJson: JSON.parse(manifestText.replace(/^\uFEFF/, "")) as Record<string, unknown>,
    archive: pack(files),
    readme: readme === undefined ? "" : Buffer.from(readme.bytes).toString("utf8"),
    files,
    catalog: catalog.value,
  });
}

/** An app brings the folders of its catalogs with it. */
function packageFolders(folder: string, manifest: Manifest): readonly string[] {
  return manifest.catalogs.map((path) => resolve(join(folder, path)));
}
