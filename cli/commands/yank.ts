import { ok } from "../../model/problem.ts";
import { chooseRegistry, registryOption } from "../chosen-registry.ts";
import type { Command } from "../command.ts";
import { exit } from "../exit.ts";
import { parsePackageVersion } from "../package-version.ts";

export const command: Command = {
  name: "yank",
  summary: "withdraw a version: no new plan takes it",
  description: [
    "A withdrawn version stays where a lockfile has it, so that nobody's build breaks, and is in no new plan. `unipkg unyank` takes it back.",
  ],
  operands: [{ name: "PKG@VERSION", doc: "one version of a package" }],
  options: [registryOption],
  examples: [{ line: "unipkg yank @acme/firewall@1.2.0", doc: "one version" }],
  json: true,
  async run(words, context) {
    const word = parsePackageVersion(words.operands[0]!);
    if (!word.ok) return word;
    const { name, version } = word.value;
    const chosen = await chooseRegistry(words, name, context);
    if (!chosen.ok) return chosen;
    const { escapedName } = await import("../../registry/client/registry-api.ts");
    const path = `-/unipkg/yank/${escapedName(name)}/${version}`;
    const done = await chosen.value.api.call("PUT", path, `${name}@${version}`);
    if (!done.ok) return done;
    context.report.line(`${name}@${version} is withdrawn`);
    return ok(exit.ok);
  },
};
