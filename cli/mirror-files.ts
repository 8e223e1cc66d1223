import { failed, ok, type Result } from "../model/problem.ts";
import type { Release } from "../model/release.ts";
import type { Registries } from "../registry/client/registries.ts";
import type { RemoteVersion } from "../registry/client/remote-version.ts";

/** A version that a mirror has. */
export interface MirroredVersion {
  readonly version: RemoteVersion;
  readonly release: Release;
  /** Text of its package.json. */
  readonly manifest: string;
  readonly archive: Buffer;
}

/** The files of a static registry: path -> content. */
export async function mirrorFiles(
  all: readonly MirroredVersion[],
  registries: Registries,
): Promise<Result<ReadonlyMap<string, string | Buffer>>> {
  const { archiveFile } = await import("../registry/protocol/package-name.ts");
  const { formatTypes } = await import("../registry/protocol/types-document.ts");
  const { formatIndexLine, indexedPackage } = await import("../registry/protocol/index-line.ts");
  const { sriOf } = await import("../registry/protocol/digest.ts");
  const byName = new Map<string, string[]>();
  const providers = new Map<string, Set<string>>();
  const files = new Map<string, string | Buffer>([["-/unipkg/config.json", '{"format":1}\n']]);
  for (const { version, release, manifest, archive } of all) {
    const { name } = version;
    files.set(`${name}/-/${archiveFile(name, version.version)}`, archive);
    const hasModule = release.manifest.module !== null || release.manifest.provides.length > 0;
    const types = hasModule ? formatTypes(release) : null;
    if (types !== null) files.set(`-/unipkg/types/${name}/${version.version}`, types);
    const packageJson = JSON.parse(manifest) as Record<string, unknown>;
    const line = formatIndexLine(
      {
        package: indexedPackage(packageJson),
        ...{ integrity: release.integrity, archive: version.archive, size: archive.length },
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
  const keys = await keysOf(
    all.map(({ version }) => version),
    registries,
  );
  if (!keys.ok) return keys;
  files.set("-/npm/v1/keys", keys.value);
  for (const [name, lines] of byName) files.set(`-/unipkg/index/${name}`, `${lines.join("\n")}\n`);
  for (const [of, names] of providers) {
    const list = [...names].sort().map((name) => ({ name }));
    files.set(`-/unipkg/providers/${of}`, JSON.stringify({ interface: of, providers: list }));
  }
  return ok(files);
}

/** Every version of every package of a scope, as its registry has it; verified as what a plan uses is. */
export async function versionsOfScope(
  scope: string,
  registries: Registries,
): Promise<Result<readonly MirroredVersion[]>> {
  const url = registries.config.scopes.get(scope);
  if (url === undefined) {
    return failed({ code: "UP807", message: `no registry is configured for @${scope}` });
  }
  const remote = registries.at(url);
  const ours = await remote.isOurs();
  if (!ours.ok) return ours;
  const { RegistryApi } = await import("../registry/client/registry-api.ts");
  const api = new RegistryApi(url, registries.http);
  const listed = ours.value
    ? await api.call("GET", `-/org/${scope}/package`, `the packages of @${scope}`)
    : failed({
        code: "UP809",
        message: `${url} cannot say which packages @${scope} has`,
        hint: "without --scope, a mirror has what a lockfile has, from any registry",
      });
  if (!listed.ok) return listed;
  const all: RemoteVersion[] = [];
  for (const name of Object.keys(listed.value as object).sort()) {
    const versions = await remote.versions(name);
    if (!versions.ok) return versions;
    all.push(...versions.value);
  }
  const verified = await registries.verify(all);
  if (!verified.ok) return verified;
  const mirrored: MirroredVersion[] = [];
  for (const version of all) {
    const one = await mirroredVersion(version, registries);
    if (!one.ok) return one;
    mirrored.push(one.value);
  }
  return ok(mirrored);
}

async function mirroredVersion(
  version: RemoteVersion,
  registries: Registries,
): Promise<Result<MirroredVersion>> {
  const { readFileSync } = await import("node:fs");
  const { join } = await import("node:path");
  const remote = registries.at(version.registry);
  const opened = await registries.obtain(version);
  if (!opened.ok) return opened;
  const archive = await remote.archive(version);
  if (!archive.ok) return archive;
  // A registry of ours has extracted what it lists.
  const { integrity, effects } = version.extracted!;
  const types = await remote.types(version.extracted!, `${version.name}@${version.version}`);
  if (!types.ok) return types;
  const manifest = readFileSync(join(registries.folderOf(version), "package.json"), "utf8");
  const release = { manifest: version.manifest, integrity, effects, ...types.value };
  return ok({
    version,
    release,
    manifest: manifest.replace(/^\uFEFF/, ""),
    archive: archive.value,
  });
}

/** The keys of all registries that something is from: who has the mirror verifies their signatures. */
async function keysOf(
  versions: readonly RemoteVersion[],
  registries: Registries,
): Promise<Result<string>> {
  const { keyScheme } = await import("../registry/trust/registry-key.ts");
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
