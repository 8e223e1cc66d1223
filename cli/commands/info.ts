import { formatPlace } from "../../model/place.ts";
import { failed, ok } from "../../model/problem.ts";
import type { Release, Universe } from "../../model/release.ts";
import { inRange } from "../../solver/range.ts";
import { openCatalogHere } from "../catalog.ts";
import type { Command } from "../command.ts";
import { declarations } from "../declarations.ts";
import { exit } from "../exit.ts";
import { parsePackageWord, unknownPackage } from "../package-word.ts";
import type { Style } from "../style.ts";
import { obstacleOn } from "../support.ts";
import { targetsAtHand } from "../targets.ts";
import { aligned } from "../text.ts";

export const command: Command = {
  name: "info",
  summary: "tell all about a package",
  description: [
    "Shows what a package is, its versions, what it provides and requires, where it runs, what its code does that a target may forbid, and its settings. For an interface also its declarations, and its providers on each target.",
  ],
  operands: [{ name: "PKG[@RANGE]", doc: "a package; its newest version", complete: "package" }],
  options: [],
  examples: [
    { line: "unipkg info tcp", doc: "the interface and who provides it" },
    { line: "unipkg info http1@^1", doc: "the newest version in a range" },
  ],
  json: true,
  asksRegistries: true,
  async run(words, context) {
    const { report } = context;
    const word = parsePackageWord(words.operands[0]!);
    if (!word.ok) return word;
    const opened = await openCatalogHere(context, [word.value.name]);
    if (!opened.ok) return opened;
    const catalog = opened.value;
    const { name, range } = word.value;
    const all = catalog.releases(name);
    if (all.length === 0) return failed(unknownPackage(name, catalog));
    const release = all.find(({ manifest }) => range === null || inRange(manifest.version, range));
    if (release === undefined) {
      return failed({
        code: "UP202",
        message: `${name} has no version in ${range}`,
        details: [`it has ${all.map(({ manifest }) => manifest.version).join(", ")}`],
      });
    }
    const providers = providersByTarget(name, catalog);
    report.document({
      versions: all.map(({ manifest }) => manifest.version),
      ...release.manifest,
      integrity: release.integrity,
      effects: release.effects,
      ...(release.manifest.kind === "interface" ? { signature: release.signature, providers } : {}),
    });
    for (const line of describe(release, all, providers, catalog, report.style)) report.line(line);
    return ok(exit.ok);
  },
};

function describe(
  { manifest, effects, signature }: Release,
  all: readonly Release[],
  providers: ReadonlyProviders,
  universe: Universe,
  style: Style,
): string[] {
  const lines = [
    `${style.bold(manifest.name)} ${manifest.version}  ${manifest.kind}${manifest.license === "" ? "" : `, ${manifest.license}`}`,
  ];
  if (manifest.description !== "") lines.push(manifest.description);
  if (manifest.deprecated !== undefined) {
    lines.push(`${style.yellow("deprecated:")} ${manifest.deprecated}`);
  }
  if (manifest.notice !== undefined) lines.push(`${style.cyan("note:")} ${manifest.notice}`);
  const section = (title: string, rows: readonly (readonly [string, string])[]) => {
    if (rows.length === 0) return;
    lines.push("", style.bold(title), ...aligned(rows, style.cyan));
  };
  if (all.length > 1) {
    section(
      "Versions",
      all.map((each) => [each.manifest.version, each.manifest.yanked ? "withdrawn" : ""]),
    );
  }
  section(
    "Provides",
    manifest.provides.map((each) => [`${each.interface} ${each.version}`, each.module]),
  );
  section(
    "Requires",
    manifest.requires.map(({ slot, of, range, optional, when }) => [
      `${slot === of ? slot : `${slot}: ${of}`} ${range}`,
      [optional ? "optional" : "", when === undefined ? "" : `on ${when.join(", ")} only`]
        .filter((word) => word !== "")
        .join(", "),
    ]),
  );
  if (manifest.kind === "library" || manifest.kind === "app") {
    section(
      "Targets",
      targetsAtHand(universe).map((target) => [
        target.manifest.name,
        obstacleOn({ manifest, effects }, target) ?? "yes",
      ]),
    );
  }
  section(
    "Effects",
    effects.map((use) => [use.effect, `${use.function}, ${formatPlace(use.place)}`]),
  );
  section(
    "Settings",
    Object.entries(manifest.config).map(([name, { type, doc, default: value }]) => [
      `${name}: ${type}`,
      `${doc}${value === undefined ? " (must be set)" : ` (default ${JSON.stringify(value)})`}`,
    ]),
  );
  if (manifest.target !== undefined) {
    const { backend, host, forbids, prefers } = manifest.target;
    section("Target", [
      ["back end", backend],
      ["host calls", host.join(", ") || "none"],
      ["forbids", forbids.join(", ") || "nothing"],
      ...Object.entries(prefers).map(([of, names]): [string, string] => [
        `prefers for ${of}`,
        names.join(", "),
      ]),
    ]);
  }
  if (manifest.kind === "interface") {
    if (signature !== null) {
      lines.push("", style.bold("Declarations"));
      lines.push(...declarations(signature).map((line) => `  ${line}`));
    }
    section(
      "Providers",
      Object.entries(providers).map(([target, names]) => [target, names.join(", ") || "none yet"]),
    );
  }
  return lines;
}

type ReadonlyProviders = Readonly<Record<string, readonly string[]>>;

/** Target -> `name version` of what can fill a slot of the interface there, the newest of each package. */
function providersByTarget(interfaceName: string, universe: Universe): ReadonlyProviders {
  const entries = targetsAtHand(universe).map((target) => {
    const fitting = universe
      .providers(interfaceName)
      .filter((release) => !release.manifest.yanked && obstacleOn(release, target) === null);
    const newest = new Map<string, string>();
    for (const { manifest } of fitting) {
      if (!newest.has(manifest.name)) newest.set(manifest.name, manifest.version);
    }
    return [target.manifest.name, [...newest].map((pair) => pair.join(" "))] as const;
  });
  return Object.fromEntries(entries);
}
