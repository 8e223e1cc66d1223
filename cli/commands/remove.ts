import { failed, ok, type Problem } from "../../model/problem.ts";
import { nearest } from "../../solver/suggest.ts";
import { openApplication } from "../application.ts";
import type { Command } from "../command.ts";
import { exit } from "../exit.ts";
import { didYouMean } from "../text.ts";

export const command: Command = {
  name: "remove",
  summary: "take requirements out of package.json",
  description: [
    "Removes requirements from the application's package.json, leaving all other bytes of it as they are, and updates unipkg.lock. Nothing is written when no plan would exist any more.",
  ],
  operands: [
    {
      name: "PKG",
      doc: "a requirement, by the name that package.json has",
      repeat: true,
      complete: "package",
    },
  ],
  options: [{ name: "force", doc: "write package.json even if no plan exists" }],
  examples: [{ line: "unipkg remove timer", doc: "the source must not import it any more" }],
  json: true,
  asksRegistries: true,
  async run(words, context) {
    const app = await openApplication(context);
    if (!app.ok) return app;
    const { manifest } = app.value;
    const { requirementPaths, withoutEntry } = await import("../manifest-edit.ts");
    const { writeRequirements } = await import("../requirements.ts");

    let text = app.value.manifestText;
    const problems: Problem[] = [];
    const removed = [...new Set(words.operands)];
    for (const slot of removed) {
      const paths = requirementPaths(text, slot);
      if (paths.length === 0) {
        const slots = [...new Set(manifest.requires.map((requirement) => requirement.slot))];
        problems.push({
          code: "UP201",
          message: `${manifest.name} does not require "${slot}"`,
          hint: didYouMean(nearest(slot, slots)) ?? `it requires ${slots.join(", ") || "nothing"}`,
        });
      }
      for (const path of paths) text = withoutEntry(text, path);
    }
    if (problems.length > 0) return failed(...problems);
    const written = await writeRequirements(app.value, text, words.has("force"), context);
    if (!written.ok) return written;
    for (const slot of removed) context.report.line(`- ${slot}`);
    context.report.document({ removed });
    return ok(exit.ok);
  },
};
