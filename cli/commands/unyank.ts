import { ok } from "../../model/problem.ts";
import { chooseRegistry, registryOption } from "../chosen-registry.ts";
import type { Command } from "../command.ts";
import { exit } from "../exit.ts";
import { parsePackageVersion } from "../package-version.ts";

export const command: Command = {
  name: "unyank",
  summary: "take the withdrawal of a version back",
  description: ["The version is for new plans again."],
  operands: [{ name: "PKG@VERSION", doc: "one version of a package" }],
  options: [registryOption],
  examples: [{ line: "unipkg unyank @acme/firewall@1.2.0", doc: "one version" }],
  json: true,
  async run(words, context) {
    const word = parsePackageVersion(words.operands[0]!);
    if (!word.ok) return word;
    const { name, version } = word.value;
    const chosen = await chooseRegistry(words, name, context);
    if (!chosen.ok) return chosen;
    const { escapedName } = await import("../../registry/client/registry-api.ts");
    const path = `-/unipkg/yank/${escapedName(name)}/${version}`;
    const done = await chosen.value.api.call("DELETE", path, `${name}@${version}`);
    if (!done.ok) return done;
    context.report.line(`${name}@${version} is for new plans again`);
    return ok(exit.ok);
  },
};
