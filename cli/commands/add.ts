import type { Manifest } from "../../model/manifest.ts";
import { failed, ok, type Problem, type Result } from "../../model/problem.ts";
import type { Universe } from "../../model/release.ts";
import { inRange } from "../../solver/range.ts";
import { openApplication } from "../application.ts";
import type { Command } from "../command.ts";
import { exit } from "../exit.ts";
import { type PackageWord, parsePackageWord, unknownPackage } from "../package-word.ts";

export const command: Command = {
  name: "add",
  summary: "require packages in package.json",
  description: [
    "Adds requirements to the application's package.json, leaving all other bytes of it as they are, and updates unipkg.lock. Without a range, the newest version and those compatible with it are taken.",
    "An interface becomes a slot of its name, which the source can import. A library is required by name: it is in the image, and preferred wherever it provides what is needed.",
    "Nothing is written when no plan would exist any more.",
  ],
  operands: [
    {
      name: "PKG[@RANGE]",
      doc: "an interface or a library, and its versions",
      repeat: true,
      complete: "package",
    },
  ],
  options: [{ name: "force", doc: "write package.json even if no plan exists" }],
  examples: [
    { line: "unipkg add http", doc: "the newest version of http, and those compatible" },
    { line: "unipkg add http@^1 timer", doc: "two packages, one with a range" },
  ],
  json: true,
  asksRegistries: true,
  async run(words, context) {
    const named = words.operands.map((word) => parsePackageWord(word));
    const names = named.flatMap((word) => (word.ok ? [word.value.name] : []));
    const app = await openApplication(context, names);
    if (!app.ok) return app;
    const { manifest, catalog } = app.value;
    const { rangePath, withEntry } = await import("../manifest-edit.ts");
    const { writeRequirements } = await import("../requirements.ts");

    let text = app.value.manifestText;
    const problems: Problem[] = [];
    const lines: string[] = [];
    const added: { name: string; range: string }[] = [];
    for (const word of words.operands) {
      const requirement = requirementFor(word, manifest, catalog);
      if (!requirement.ok) {
        problems.push(...requirement.problems);
        continue;
      }
      const { name, range, isNew, line } = requirement.value;
      lines.push(line);
      if (!isNew) continue;
      text = withEntry(text, rangePath(text, ["unipkg", "requires", name]), range);
      added.push({ name, range });
    }
    if (problems.length > 0) return failed(...problems);
    if (added.length > 0) {
      const written = await writeRequirements(app.value, text, words.has("force"), context);
      if (!written.ok) return written;
    }
    for (const line of lines) context.report.line(line);
    context.report.document({ added });
    return ok(exit.ok);
  },
};

interface NewRequirement {
  readonly name: string;
  readonly range: string;
  /** False when it is required already, with this range. */
  readonly isNew: boolean;
  /** What is told. */
  readonly line: string;
}

function requirementFor(
  word: string,
  manifest: Manifest,
  universe: Universe,
): Result<NewRequirement> {
  const parsed = parsePackageWord(word);
  if (!parsed.ok) return parsed;
  const newest = newestFitting(parsed.value, universe);
  if (!newest.ok) return newest;
  const { name } = parsed.value;
  const range = parsed.value.range ?? `^${newest.value.version}`;
  const existing = manifest.requires.filter((requirement) => requirement.slot === name);
  const special = existing.find(
    ({ of, when, optional }) => of !== name || when !== undefined || optional,
  );
  if (special !== undefined) {
    const how =
      special.of !== name
        ? `as a slot for ${special.of}`
        : special.optional
          ? "as optional"
          : `on ${special.when?.join(", ")} only`;
    return failed({
      code: "UP702",
      message: `package.json has \`${name}\` already, ${how}`,
      hint: "edit package.json, or `unipkg remove` it first",
    });
  }
  const [present] = existing;
  if (present !== undefined && (parsed.value.range === null || present.range === range)) {
    const line = `${name} ${present.range} is required already`;
    return ok({ name, range: present.range, isNew: false, line });
  }
  const line =
    present === undefined
      ? `+ ${name} ${range}  ${purpose(newest.value)}`
      : `${name} ${present.range} -> ${range}`;
  return ok({ name, range, isNew: true, line });
}

/** The newest version that can be added: in the range, not withdrawn, no prerelease unless it is named. */
function newestFitting({ name, range }: PackageWord, universe: Universe): Result<Manifest> {
  const all = universe.releases(name).map((release) => release.manifest);
  const [first] = all;
  if (first === undefined) return failed(unknownPackage(name, universe));
  if (first.kind !== "interface" && first.kind !== "library") {
    return failed({
      code: "UP702",
      message: `${name} is ${first.kind === "app" ? "an app" : "a target"}: only interfaces and libraries are required`,
      ...(first.kind === "target" ? { hint: `use it by \`--target ${name}\`` } : {}),
    });
  }
  const usable = all.filter(
    ({ version, yanked }) => !yanked && (range === null || inRange(version, range)),
  );
  // A package with prereleases only is taken at its newest one.
  const found = usable.find(({ version }) => range !== null || inRange(version, "*")) ?? usable[0];
  if (found !== undefined) return ok(found);
  const versions = all.map(({ version, yanked }) => `${version}${yanked ? " (withdrawn)" : ""}`);
  return failed({
    code: "UP202",
    message: `${name} has no version in ${range ?? "*"}`,
    details: [`it has ${versions.join(", ")}`],
  });
}

/** What the user has now. */
function purpose({ name, kind, description, provides }: Manifest): string {
  if (kind === "interface") return `import * as ${identifier(name)} from "${name}"`;
  const interfaces = provides.map((provision) => provision.interface).join(", ");
  return interfaces === "" ? description : `provides ${interfaces}`;
}

/** A name that TypeScript takes: `kv-ro` -> `kvRo`. */
function identifier(name: string): string {
  return name
    .replace(/^@[^/]*\//, "")
    .replace(/[-._]+(.)/g, (_, letter: string) => letter.toUpperCase());
}
