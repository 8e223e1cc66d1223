import { chmodSync, readFileSync } from "node:fs";
import { failed, ok, type Result } from "../../model/problem.ts";
import { chooseRegistry, registryOption } from "../chosen-registry.ts";
import type { Command, Context } from "../command.ts";
import { exit } from "../exit.ts";
import { userConfigPath } from "../registries.ts";
import { writeWhole } from "../write.ts";

export const command: Command = {
  name: "login",
  summary: "keep a registry's token for this user",
  description: [
    "Reads a token from standard input (asks for it on a terminal), tries it, and keeps it in the user's own settings, which nobody else can read. With --user, a password is read instead, and the registry gives a token for it.",
    "With --scope, packages of that scope come from this registry from now on.",
  ],
  operands: [],
  options: [
    registryOption,
    { name: "scope", value: "@SCOPE", doc: "packages of this scope are in the registry" },
    { name: "user", value: "NAME", doc: "log in with this account's password" },
  ],
  examples: [
    {
      line: "unipkg login --registry https://registry.acme.example --scope @acme",
      doc: "asks for the token",
    },
    {
      line: "unipkg login --scope @acme --user ann < password",
      doc: "with a password from a file",
    },
  ],
  json: true,
  async run(words, context) {
    const scope = words.one("scope")?.replace(/^@/, "") ?? null;
    if (scope !== null && !/^[a-z0-9][a-z0-9._-]*$/.test(scope)) {
      return failed({
        code: "UP702",
        message: `\`--scope ${scope}\` is not a scope such as @acme`,
      });
    }
    const chosen = await chooseRegistry(words, scope === null ? null : `@${scope}/x`, context);
    if (!chosen.ok) return chosen;
    const { url, api } = chosen.value;
    const user = words.one("user");
    const secret = (await context.world.input?.(user === undefined ? "token" : "password")) ?? "";
    if (secret === "") {
      return failed({
        code: "UP702",
        message: `there is no ${user === undefined ? "token" : "password"} on standard input`,
        hint: "write it as in `unipkg login --registry URL < token.txt`",
      });
    }
    let token = secret;
    if (user !== undefined) {
      const id = `org.couchdb.user:${user}`;
      const body = { _id: id, name: user, password: secret, type: "user", roles: [] };
      const given = await api.call("PUT", `-/user/${id}`, "a token", body, "");
      if (!given.ok) return given;
      token = String((given.value as { token?: unknown }).token ?? "");
    }
    const who = await api.call("GET", "-/whoami", "your account", undefined, token);
    if (!who.ok) return who;
    const { username } = who.value as { username: string };
    const written = await keep(url, scope, token, context);
    if (!written.ok) return written;
    context.report.line(`logged in to ${url} as ${username}`);
    context.report.document({ registry: url, username });
    return ok(exit.ok);
  },
};

/** Writes token and scope into the user's settings. */
async function keep(
  url: string,
  scope: string | null,
  token: string,
  context: Context,
): Promise<Result<null>> {
  const { tokenKey, withSetting } = await import("../../registry/client/config-edit.ts");
  const path = userConfigPath(context);
  let text = "";
  try {
    text = readFileSync(path, "utf8");
  } catch {
    // The first registry of this user.
  }
  text = withSetting(text, tokenKey(url), token);
  if (scope !== null) text = withSetting(text, `@${scope}:registry`, url);
  else if (!/^registry\s*=/m.test(text) && !text.includes(`:registry=${url}`)) {
    text = withSetting(text, "registry", url);
  }
  const written = writeWhole(path, text);
  if (written.ok) chmodSync(path, 0o600);
  return written;
}
