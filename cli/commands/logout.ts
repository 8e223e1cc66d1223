import { readFileSync } from "node:fs";
import { failed, ok } from "../../model/problem.ts";
import { chooseRegistry, registryOption } from "../chosen-registry.ts";
import type { Command } from "../command.ts";
import { exit } from "../exit.ts";
import { userConfigPath } from "../registries.ts";
import { writeWhole } from "../write.ts";

export const command: Command = {
  name: "logout",
  summary: "give a registry's token back",
  description: [
    "Has the registry revoke the token that is kept for it, and takes it out of the user's settings. Which scopes are in the registry stays as it is.",
  ],
  operands: [],
  options: [registryOption],
  examples: [
    { line: "unipkg logout --registry https://registry.acme.example", doc: "at one registry" },
  ],
  json: true,
  async run(words, context) {
    const chosen = await chooseRegistry(words, null, context);
    if (!chosen.ok) return chosen;
    const { url, api, config } = chosen.value;
    const credential = config.credentialFor(url);
    if (credential?.kind !== "token") {
      return failed({ code: "UP805", message: `no token is kept for ${url}` });
    }
    const revoked = await api.call("DELETE", `-/user/token/${credential.token}`, "the token");
    const { tokenKey, withoutSetting } = await import("../../registry/client/config-edit.ts");
    const path = userConfigPath(context);
    const written = writeWhole(path, withoutSetting(readFileSync(path, "utf8"), tokenKey(url)));
    if (!written.ok) return written;
    // It is gone here in any case; a registry that cannot be reached still takes it.
    if (!revoked.ok) {
      context.report.warn(
        `the token is forgotten here, but ${url} may still take it: ${revoked.problems[0]!.message}`,
      );
    }
    context.report.line(`logged out of ${url}`);
    context.report.document({ registry: url, revoked: revoked.ok });
    return ok(exit.ok);
  },
};
