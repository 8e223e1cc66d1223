import { resolve } from "node:path";
import { failed, ok, type Result } from "../../model/problem.ts";
import type { Release } from "../../model/release.ts";
import type { RemoteRegistry } from "../../registry/client/remote-registry.ts";
import { scopeOf } from "../../registry/protocol/package-name.ts";
import { chooseRegistry, registryOption } from "../chosen-registry.ts";
import type { Arguments, Command, Context } from "../command.ts";
import { exit } from "../exit.ts";
import { type PackedPackage, packFolder } from "../publishing.ts";
import { aligned, formatBytes } from "../text.ts";

export const command: Command = {
  name: "publish",
  summary: "publish a package to its registry",
  description: [
    "Shows what will be in the archive, compiles the package, holds it to the interfaces that it says it provides, compares its types with those of the version before it, and publishes it. A change that breaks others needs a new major number.",
    "The package's scope decides the registry. With --dry-run, everything is done but the last step.",
  ],
  operands: [
    {
      name: "DIR",
      doc: "the package's folder (default: here)",
      optional: true,
      complete: "folder",
    },
  ],
  options: [
    { name: "dry-run", doc: "show and check all, publish nothing" },
    { name: "tag", value: "TAG", doc: "dist-tag of the version (default latest)" },
    {
      name: "access",
      value: "ACCESS",
      doc: "who may read a new package",
      complete: ["public", "restricted"],
    },
    {
      name: "provenance",
      value: "FILE",
      doc: "a bundle of sigstore that says what the archive was made from",
      complete: "file",
    },
    {
      name: "provenance-key",
      value: "FILE",
      doc: "make provenance, signed by this private key (PEM)",
      complete: "file",
    },
    registryOption,
  ],
  examples: [
    { line: "unipkg publish --dry-run", doc: "what would be published" },
    { line: "unipkg publish libraries/firewall", doc: "a package in another folder" },
    {
      line: "unipkg publish --provenance-key ~/build.pem",
      doc: "with provenance, on a build server",
    },
  ],
  json: true,
  asksRegistries: true,
  async run(words, context) {
    const { report } = context;
    const folder = resolve(context.folder, words.operands[0] ?? ".");
    const packed = await packFolder(folder, context);
    if (!packed.ok) return packed;
    const { release, archive, files, packageJson } = packed.value;
    const { name, version } = release.manifest;
    if (packageJson["private"] === true) {
      return failed({
        code: "UP813",
        message: `${name} is private by its package.json`,
        hint: "take `private` out if it is to be published",
      });
    }
    for (const line of contentLines(packed.value, context)) report.line(line);
    const scripts = installScripts(packageJson);
    if (scripts.length > 0) {
      report.warn(
        `${scripts.join(" and ")} of package.json will not be run: unipkg runs no scripts`,
      );
    }
    report.document({
      ...{ name, version, integrity: release.integrity, effects: release.effects },
      files: files.map(({ path, bytes }) => ({ path, size: bytes.length })),
    });
    const isDry = words.has("dry-run");
    const provenance = await provenanceFor(words, packed.value, context);
    if (!provenance.ok) return provenance;
    const chosen = await chooseRegistry(words, name, context);
    if (!chosen.ok && !isDry) return chosen;
    const { url, registries, api } = chosen.ok
      ? chosen.value
      : { url: null, registries: null, api: null };
    if (registries !== null && context.network !== "offline") {
      const checked = await checkBump(registries.at(url), release, context);
      if (!checked.ok) return checked;
    }
    if (isDry) {
      report.note(`dry run: nothing was published${url === null ? "" : ` to ${url}`}`);
      return ok(exit.ok);
    }
    const ours = await registries!.at(url!).isOurs();
    if (!ours.ok) return ours;
    const { publishDocument } = await import("../../registry/client/publish-document.ts");
    const { escapedName } = await import("../../registry/client/registry-api.ts");
    const document = publishDocument(
      packed.value,
      url!,
      words.one("tag") ?? "latest",
      words.one("access"),
      !ours.value,
      provenance.value,
    );
    report.progress(`publishing ${formatBytes(archive.length)}`);
    const done = await api!.call("PUT", escapedName(name), `${name}@${version}`, document);
    report.progressEnds();
    if (!done.ok) return done;
    const waits = (done.value as { readonly staged?: unknown }).staged === true;
    if (waits) {
      report.line(`sent ${name}@${version} to ${url}`);
      report.note(
        `it waits for the approval of another member: \`unipkg registry approve ${name}@${version}\``,
      );
    } else report.line(`${report.style.green("published")} ${name}@${version} to ${url}`);
    if (!ours.value) {
      const { addToProviderList } = await import("../../registry/client/provider-list-edit.ts");
      const { providerListName } = await import("../../registry/client/provider-list.ts");
      const provided = release.manifest.provides.map((each) => each.interface);
      const listed = await addToProviderList(name, provided, api!);
      if (!listed.ok) return listed;
      if (listed.value) {
        const list = providerListName(scopeOf(name)!);
        report.line(`${list} says now that it provides ${provided.join(", ")}`);
      }
    }
    report.document({ registry: url, staged: waits });
    return ok(exit.ok);
  },
};

/** What npm would run where the package is installed. */
function installScripts({ scripts }: Readonly<Record<string, unknown>>): readonly string[] {
  const known = ["preinstall", "install", "postinstall", "prepare"];
  return known.filter((name) => typeof scripts === "object" && scripts !== null && name in scripts);
}

/** The bundle that goes with the archive: the one that is named, or one that is made; null for none. */
async function provenanceFor(
  words: Arguments,
  packed: PackedPackage,
  context: Context,
): Promise<Result<string | null>> {
  const file = words.one("provenance");
  const keyFile = words.one("provenance-key");
  if (file === undefined && keyFile === undefined) return ok(null);
  if (file !== undefined && keyFile !== undefined) {
    return failed({
      code: "UP702",
      message: "`--provenance` has a bundle, and `--provenance-key` makes one",
      hint: "leave one of them out",
    });
  }
  const { provenanceFrom, provenanceBy } = await import("../provenance.ts");
  return file !== undefined
    ? provenanceFrom(file, packed, context)
    : provenanceBy(keyFile!, packed, context);
}

/** Compares with the version before, as far as the registry knows its types. */
async function checkBump(
  registry: RemoteRegistry,
  release: Release,
  { report }: Context,
): Promise<Result<null>> {
  const { name, version } = release.manifest;
  const versions = await registry.versions(name);
  if (!versions.ok) return versions;
  const { bumpProblem, changeBetween, predecessor } = await import(
    "../../registry/version-bump.ts"
  );
  if (versions.value.some((each) => each.version === version)) {
    return failed({
      code: "UP809",
      message: `${name}@${version} is published already`,
      hint: "take the next number",
    });
  }
  const last = predecessor(versions.value, version);
  if (last === undefined || last.extracted === null) return ok(null);
  const types = await registry.types(last.extracted, `${name}@${last.version}`);
  if (!types.ok) return types;
  const { integrity, effects } = last.extracted;
  const before: Release = { manifest: last.manifest, integrity, effects, ...types.value };
  const problem = bumpProblem(before, release);
  if (problem !== null) return failed(problem);
  const { breaking, added, others } = changeBetween(before, release);
  report.line(`since ${last.version}:`);
  const lines = [
    ...breaking.map((line) => `breaks: ${line}`),
    ...added.map((line) => `new: ${line}`),
    ...others,
  ];
  for (const line of lines) report.line(`  ${line}`);
  if (lines.length === 0) report.line("  no change that others can see");
  return ok(null);
}

function contentLines({ release, files, archive }: PackedPackage, { report }: Context): string[] {
  const { name, version, kind } = release.manifest;
  const rows = files.map(({ path, bytes }): [string, string] => [path, formatBytes(bytes.length)]);
  const total = files.reduce((sum, { bytes }) => sum + bytes.length, 0);
  return [
    `${report.style.bold(`${name} ${version}`)}  ${kind}`,
    ...aligned(rows, report.style.cyan),
    `${files.length} files, ${formatBytes(total)}, archive ${formatBytes(archive.length)}`,
    `${release.integrity}`,
    ...(release.effects.length === 0
      ? []
      : [`effects: ${release.effects.map(({ effect }) => effect).join(", ")}`]),
  ];
}
