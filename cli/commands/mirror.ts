import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parsePackageId } from "../../model/lockfile.ts";
import { failed, ok, type Result } from "../../model/problem.ts";
import type { Registries } from "../../registry/client/registries.ts";
import { findAppFolder } from "../app-folder.ts";
import { openApplication } from "../application.ts";
import type { Command, Context } from "../command.ts";
import { exit } from "../exit.ts";
import { type MirroredVersion, mirrorFiles, versionsOfScope } from "../mirror-files.ts";
import { openRegistries } from "../registries.ts";
import { count } from "../text.ts";

export const command: Command = {
  name: "mirror",
  summary: "write packages as a static registry",
  description: [
    "Writes the packages that unipkg.lock has from registries into a folder, with a sparse index, as a registry that needs no program: any web server that serves the folder is one, for networks that lead nowhere. With --scope, every version of every package of these scopes, without an application.",
  ],
  operands: [{ name: "DIR", doc: "the folder; what is in it is written over", complete: "folder" }],
  options: [
    {
      name: "scope",
      value: "@SCOPE",
      doc: "all that a registry of unipkg has in this scope (may be repeated)",
    },
  ],
  examples: [
    { line: "unipkg mirror /srv/www/packages", doc: "then `@acme:registry=http://HOST/packages/`" },
    { line: "unipkg mirror /srv/www/packages --scope @acme", doc: "the whole scope" },
  ],
  json: true,
  asksRegistries: true,
  async run(words, context) {
    const target = resolve(context.folder, words.operands[0]!);
    const scopes = words.list("scope").map((each) => each.replace(/^@/, ""));
    const found = scopes.length === 0 ? await locked(context) : await inScopes(scopes, context);
    if (!found.ok) return found;
    const { versions, registries } = found.value;
    const files = await mirrorFiles(versions, registries);
    if (!files.ok) return files;
    const written = writeAll(target, files.value);
    if (!written.ok) return written;
    context.report.line(`${count(versions.length, "package")} in ${target}`);
    context.report.document({
      packages: versions.map(({ version: { name, version } }) => ({ name, version })),
    });
    return ok(exit.ok);
  },
};

interface Found {
  readonly versions: readonly MirroredVersion[];
  readonly registries: Registries;
}

/** What the lockfile has from registries. */
async function locked(given: Context): Promise<Result<Found>> {
  // Nothing new is looked for.
  const network = given.network === "offline" ? "offline" : "prefer-offline";
  const context: Context = { ...given, network };
  const app = await openApplication(context);
  if (!app.ok) return app;
  const { lock, catalog, folder } = app.value;
  const registries = await openRegistries(context, folder);
  if (!registries.ok) return registries;
  if (lock === null || registries.value === null) {
    return failed({
      code: lock === null ? "UP303" : "UP807",
      message: lock === null ? "there is no unipkg.lock" : "no registry is configured",
      hint: "a mirror has what the lockfile has from registries",
    });
  }
  const ids = Object.keys(lock.packages).sort().map(parsePackageId);
  const remote = ids.flatMap(({ name, version }) => catalog.origin(name, version) ?? []);
  const brought = await catalog.obtain(remote);
  if (!brought.ok) return brought;
  const versions: MirroredVersion[] = [];
  for (const version of remote) {
    const archive = await registries.value.at(version.registry).archive(version);
    if (!archive.ok) return archive;
    const releases = catalog.releases(version.name);
    versions.push({
      ...{ version, archive: archive.value },
      release: releases.find((each) => each.manifest.version === version.version)!,
      manifest: catalog.read(version.name, version.version, "package.json")!,
    });
  }
  return ok({ versions, registries: registries.value });
}

/** All that registries have in some scopes. */
async function inScopes(scopes: readonly string[], context: Context): Promise<Result<Found>> {
  const app = findAppFolder(context.folder);
  const registries = await openRegistries(context, app.ok ? app.value : null);
  if (!registries.ok) return registries;
  if (registries.value === null) {
    return failed({ code: "UP807", message: "no registry is configured" });
  }
  const versions: MirroredVersion[] = [];
  for (const scope of scopes) {
    const all = await versionsOfScope(scope, registries.value);
    if (!all.ok) return all;
    versions.push(...all.value);
  }
  return ok({ versions, registries: registries.value });
}

function writeAll(target: string, files: ReadonlyMap<string, string | Buffer>): Result<null> {
  try {
    for (const [path, content] of files) {
      mkdirSync(dirname(join(target, path)), { recursive: true });
      writeFileSync(join(target, path), content);
    }
    return ok(null);
  } catch (error) {
    return failed({
      code: "UP705",
      message: `${target} cannot be written: ${(error as Error).message}`,
    });
  }
}
