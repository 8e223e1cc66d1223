import { ok } from "../../model/problem.ts";
import { chooseRegistry, registryOption } from "../chosen-registry.ts";
import type { Command } from "../command.ts";
import { exit } from "../exit.ts";

export const command: Command = {
  name: "whoami",
  summary: "tell who you are at a registry",
  description: ["Asks the registry whose token is kept for it."],
  operands: [],
  options: [registryOption],
  examples: [{ line: "unipkg whoami", doc: "at the only registry that is configured" }],
  json: true,
  async run(words, context) {
    const chosen = await chooseRegistry(words, null, context);
    if (!chosen.ok) return chosen;
    const { url, api } = chosen.value;
    const who = await api.call("GET", "-/whoami", "your account");
    if (!who.ok) return who;
    const { username } = who.value as { username: string };
    context.report.line(username);
    context.report.document({ registry: url, username });
    return ok(exit.ok);
  },
};
