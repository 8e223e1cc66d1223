import { failed, ok } from "../../model/problem.ts";
import { chooseRegistry, registryOption } from "../chosen-registry.ts";
import type { Command } from "../command.ts";
import { exit } from "../exit.ts";

export const command: Command = {
  name: "owner",
  summary: "list and change who may publish a package",
  description: [
    "Owners may publish a package beside those whose role in the organisation lets them: accounts of other teams, say. Works with registries of unipkg; for others, use `npm owner`.",
  ],
  operands: [
    { name: "ACTION", doc: "list, add or remove", complete: ["list", "add", "remove"] },
    { name: "PKG", doc: "the package" },
    { name: "ACCOUNT", doc: "add, remove: the account", optional: true },
  ],
  options: [registryOption],
  examples: [
    { line: "unipkg owner list @acme/firewall", doc: "who they are" },
    { line: "unipkg owner add @acme/firewall ann", doc: "one more" },
  ],
  json: true,
  async run(words, context) {
    const [action, name, account] = words.operands;
    if (action !== "list" && account === undefined) {
      return failed({ code: "UP702", message: `\`unipkg owner ${action}\` needs an ACCOUNT` });
    }
    const chosen = await chooseRegistry(words, name!, context);
    if (!chosen.ok) return chosen;
    const { escapedName } = await import("../../registry/client/registry-api.ts");
    const path = `-/unipkg/owners/${escapedName(name!)}`;
    const { api } = chosen.value;
    const done =
      action === "list"
        ? await api.call("GET", path, name!)
        : await api.call(
            action === "add" ? "PUT" : "DELETE",
            `${path}/${encodeURIComponent(account!)}`,
            name!,
          );
    if (!done.ok) return done;
    if (action === "list") {
      const { owners = [] } = done.value as { owners?: readonly string[] };
      for (const owner of owners) context.report.line(owner);
      context.report.document({ owners });
    } else {
      context.report.line(`${account} ${action === "add" ? "owns" : "does not own"} ${name}`);
    }
    return ok(exit.ok);
  },
};
