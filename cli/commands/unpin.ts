import { failed, ok, type Problem } from "../../model/problem.ts";
import { nearest } from "../../solver/suggest.ts";
import { openApplication } from "../application.ts";
import type { Command } from "../command.ts";
import { exit } from "../exit.ts";
import { didYouMean } from "../text.ts";

export const command: Command = {
  name: "unpin",
  summary: "let go of pinned versions",
  description: [
    "Takes pins out of the application's package.json, leaving all other bytes of it as they are. unipkg.lock keeps the version until an upgrade.",
  ],
  operands: [{ name: "PKG", doc: "a pinned package", repeat: true, complete: "package" }],
  options: [{ name: "force", doc: "write package.json even if no plan exists" }],
  examples: [{ line: "unipkg unpin tcpip", doc: "`unipkg solve --upgrade` moves it from now on" }],
  json: true,
  async run(words, context) {
    const app = await openApplication(context);
    if (!app.ok) return app;
    const { manifest } = app.value;
    const { withoutEntry } = await import("../manifest-edit.ts");
    const { writeRequirements } = await import("../requirements.ts");
    const pins = Object.keys(manifest.pins ?? {});
    const unpinned = [...new Set(words.operands)];
    let text = app.value.manifestText;
    const problems: Problem[] = [];
    for (const name of unpinned) {
      if (!pins.includes(name)) {
        problems.push({
          code: "UP201",
          message: `${manifest.name} does not pin "${name}"`,
          hint: didYouMean(nearest(name, pins)) ?? `it pins ${pins.join(", ") || "nothing"}`,
        });
      }
      text = withoutEntry(text, ["unipkg", "pins", name]);
    }
    if (problems.length > 0) return failed(...problems);
    // An empty block says nothing.
    if (pins.every((name) => unpinned.includes(name)))
      text = withoutEntry(text, ["unipkg", "pins"]);
    const written = await writeRequirements(app.value, text, words.has("force"), context);
    if (!written.ok) return written;
    for (const name of unpinned) context.report.line(`${name} is no longer pinned`);
    context.report.document({ unpinned });
    return ok(exit.ok);
  },
};
