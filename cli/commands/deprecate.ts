import { failed, ok } from "../../model/problem.ts";
import { chooseRegistry, registryOption } from "../chosen-registry.ts";
import type { Command } from "../command.ts";
import { exit } from "../exit.ts";
import { parsePackageVersion } from "../package-version.ts";

export const command: Command = {
  name: "deprecate",
  summary: "say why a version should not be used any more",
  description: [
    "Whoever has the version in a plan is warned with the message; other versions are preferred. An empty message takes it back.",
  ],
  operands: [
    { name: "PKG@VERSION", doc: "one version of a package" },
    { name: "MESSAGE", doc: 'what users are told; "" for nothing' },
  ],
  options: [registryOption],
  examples: [
    { line: 'unipkg deprecate @acme/firewall@1.2.0 "drops IPv6: use 1.2.1"', doc: "a warning" },
    { line: 'unipkg deprecate @acme/firewall@1.2.0 ""', doc: "none any more" },
  ],
  json: true,
  async run(words, context) {
    const [id, message] = words.operands;
    const word = parsePackageVersion(id!);
    if (!word.ok) return word;
    const { name, version } = word.value;
    const chosen = await chooseRegistry(words, name, context);
    if (!chosen.ok) return chosen;
    const { escapedName } = await import("../../registry/client/registry-api.ts");
    const { api } = chosen.value;
    // npm's way: the whole document, with one message changed.
    const document = await api.call("GET", `${escapedName(name)}?write=true`, name);
    if (!document.ok) return document;
    const packument = document.value as { versions?: Record<string, { deprecated?: string }> };
    const found = packument.versions?.[version];
    if (found === undefined)
      return failed({ code: "UP202", message: `${name} has no version ${version}` });
    found.deprecated = message!;
    const done = await api.call("PUT", escapedName(name), `${name}@${version}`, packument);
    if (!done.ok) return done;
    context.report.line(`${name}@${version} is ${message === "" ? "not " : ""}deprecated`);
    return ok(exit.ok);
  },
};
