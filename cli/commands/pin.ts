import { failed, ok, type Problem, type Result } from "../../model/problem.ts";
import { inRange } from "../../solver/range.ts";
import { type Application, openApplication } from "../application.ts";
import type { Command } from "../command.ts";
import { exit } from "../exit.ts";
import { parsePackageWord, unknownPackage } from "../package-word.ts";

export const command: Command = {
  name: "pin",
  summary: "hold packages to a version",
  description: [
    "Writes the versions into `pins` of the application's package.json, and updates unipkg.lock. A pin puts nothing into the image: it says that the package, if it is there, is at this version, whoever requires it. Without a version, the locked one is taken.",
    "Nothing is written when no plan would exist any more.",
  ],
  operands: [
    {
      name: "PKG[@RANGE]",
      doc: "a package, and its versions",
      repeat: true,
      complete: "package",
    },
  ],
  options: [{ name: "force", doc: "write package.json even if no plan exists" }],
  examples: [
    { line: "unipkg pin tcpip", doc: "stays at the version of unipkg.lock, `--upgrade` or not" },
    { line: "unipkg pin tcpip@1.0.0 http1@~1.2", doc: "at these versions" },
  ],
  json: true,
  asksRegistries: true,
  async run(words, context) {
    const names = words.operands.flatMap((word) => {
      const parsed = parsePackageWord(word);
      return parsed.ok ? [parsed.value.name] : [];
    });
    const app = await openApplication(context, names);
    if (!app.ok) return app;
    const { withEntry } = await import("../manifest-edit.ts");
    const { writeRequirements } = await import("../requirements.ts");
    let text = app.value.manifestText;
    const problems: Problem[] = [];
    const pinned: { name: string; range: string }[] = [];
    for (const word of words.operands) {
      const pin = pinFor(word, app.value);
      if (!pin.ok) {
        problems.push(...pin.problems);
        continue;
      }
      text = withEntry(text, ["unipkg", "pins", pin.value.name], pin.value.range);
      pinned.push(pin.value);
    }
    if (problems.length > 0) return failed(...problems);
    const written = await writeRequirements(app.value, text, words.has("force"), context);
    if (!written.ok) return written;
    for (const { name, range } of pinned) context.report.line(`${name} is pinned to ${range}`);
    context.report.document({ pinned });
    return ok(exit.ok);
  },
};

function pinFor(
  word: string,
  { catalog, lock }: Application,
): Result<{ readonly name: string; readonly range: string }> {
  const parsed = parsePackageWord(word);
  if (!parsed.ok) return parsed;
  const { name } = parsed.value;
  const versions = catalog.releases(name).map(({ manifest }) => manifest.version);
  if (versions.length === 0) return failed(unknownPackage(name, catalog));
  const locked = Object.keys(lock?.packages ?? {})
    .filter((id) => id.startsWith(`${name}@`))
    .map((id) => id.slice(name.length + 1));
  const range = parsed.value.range ?? locked[0];
  if (range === undefined) {
    return failed({
      code: "UP702",
      message: `unipkg.lock has no version of ${name} to pin`,
      hint: `name one: \`unipkg pin ${name}@${versions[0]}\``,
    });
  }
  if (versions.some((version) => inRange(version, range))) return ok({ name, range });
  return failed({
    code: "UP202",
    message: `${name} has no version in ${range}`,
    details: [`it has ${versions.join(", ")}`],
  });
}
