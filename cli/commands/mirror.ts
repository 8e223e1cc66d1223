import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parsePackageId } from "../../model/lockfile.ts";
import { failed, ok, type Result } from "../../model/problem.ts";
import type { Registries } from "../../registry/client/registries.ts";
import type { RemoteVersion } from "../../registry/client/remote-version.ts";
import { openApplication } from "../application.ts";
import type { Command, Context } from "../command.ts";
import { exit } from "../exit.ts";
import { openRegistries } from "../registries.ts";
import { count } from "../text.ts";

export const command: Command = {
  name: "mirror",
  summary: "write the locked packages as a static registry",
  description: [
    "Writes the packages that unipkg.lock has from registries into a folder, with a sparse index, as a registry that needs no program: any web server that serves the folder is one, for networks that lead nowhere.",
  ],
  operands: [{ name: "DIR", doc: "the folder; what is in it is written over", complete: "folder" }],
  options: [],
  examples: [
    { line: "unipkg mirror /srv/www/packages", doc: "then `@acme:registry=http://HOST/packages/`" },
  ],
  json: true,
  async run(words, context) {
    const target = resolve(context.folder, words.operands[0]!);
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
    const { archiveFile } = await import("../../registry/protocol/package-name.ts");
    const { formatTypes } = await import("../../registry/protocol/types-document.ts");
    const { formatIndexLine, indexedPackage } = await import(
      "../../registry/protocol/index-line.ts"
    );
    const { sriOf } = await import("../../registry/protocol/digest.ts");
    const byName = new Map<string, string[]>();
    const providers = new Map<string, Set<string>>();
    const ids = Object.keys(lock.packages).sort().map(parsePackageId);
    const remote = ids.flatMap(({ name, version }) => catalog.origin(name, version) ?? []);
    const brought = await catalog.obtain(remote);
    if (!brought.ok) return brought;
    const files = new Map<string, string | Buffer>([["-/unipkg/config.json", '{"format":1}\n']]);
    for (const version of remote) {
      const { name } = version;
      const archive = await registries.value.at(version.registry).archive(version);
      if (!archive.ok) return archive;
      files.set(`${name}/-/${archiveFile(name, version.version)}`, archive.value);
      const release = catalog
        .releases(name)
        .find((each) => each.manifest.version === version.version)!;
      const hasModule = release.manifest.module !== null || release.manifest.provides.length > 0;
      const types = hasModule ? formatTypes(release) : null;
      if (types !== null) files.set(`-/unipkg/types/${name}/${version.version}`, types);
      const packageJson = JSON.parse(
        catalog.read(name, version.version, "package.json")!,
      ) as Record<string, unknown>;
      const line = formatIndexLine(
        {
          package: indexedPackage(packageJson),
          ...{ integrity: release.integrity, archive: version.archive, size: archive.value.length },
          types: types === null ? null : sriOf(Buffer.from(types)),
          effects: release.effects,
          published: version.published,
        },
        {
          released: version.released,
          yanked: release.manifest.yanked,
          deprecated: release.manifest.deprecated ?? null,
          offered: version.offered,
          signatures: version.signatures,
        },
      );
      byName.set(name, [...(byName.get(name) ?? []), line]);
      for (const { interface: of } of release.manifest.provides) {
        providers.set(of, (providers.get(of) ?? new Set()).add(name));
      }
    }
    const keys = await keysOf(remote, registries.value);
    if (!keys.ok) return keys;
    files.set("-/npm/v1/keys", keys.value);
    for (const [name, lines] of byName)
      files.set(`-/unipkg/index/${name}`, `${lines.join("\n")}\n`);
    for (const [of, names] of providers) {
      const list = [...names].sort().map((name) => ({ name }));
      files.set(`-/unipkg/providers/${of}`, JSON.stringify({ interface: of, providers: list }));
    }
    const written = writeAll(target, files);
    if (!written.ok) return written;
    return tell(target, remote, context);
  },
};

/** The keys of all registries that something is from: who has the mirror verifies their signatures. */
async function keysOf(
  versions: readonly RemoteVersion[],
  registries: Registries,
): Promise<Result<string>> {
  const { keyScheme } = await import("../../registry/trust/registry-key.ts");
  const all: object[] = [];
  for (const url of new Set(versions.map(({ registry }) => registry))) {
    const keys = await registries.trustIn(url)?.keys();
    if (keys?.ok === false) return keys;
    for (const { expires, keyid, key } of keys?.value ?? []) {
      all.push({ expires, keyid, keytype: keyScheme, scheme: keyScheme, key });
    }
  }
  return ok(JSON.stringify({ keys: all }));
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

function tell(
  target: string,
  versions: readonly RemoteVersion[],
  { report }: Context,
): Result<number> {
  report.line(`${count(versions.length, "package")} in ${target}`);
  report.document({ packages: versions.map(({ name, version }) => ({ name, version })) });
  return ok(exit.ok);
}
