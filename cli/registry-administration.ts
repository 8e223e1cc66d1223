import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { failed, ok, type Result } from "../model/problem.ts";
import { type Advisory, readAdvisory } from "../registry/trust/advisory.ts";
import { chooseRegistry } from "./chosen-registry.ts";
import type { Arguments, Context } from "./command.ts";
import { exit } from "./exit.ts";

/** The actions of `unipkg registry` that are done over the network. */
export async function administer(
  action: string,
  names: readonly string[],
  words: Arguments,
  context: Context,
): Promise<Result<number>> {
  const [name, account] = names.map((each) => each.replace(/^@/, ""));
  const role = words.one("role") ?? "publish";
  const needsName = action !== "rotate-key";
  if ((name === undefined && needsName) || (action === "member" && account === undefined)) {
    return failed({
      code: "UP702",
      message: `\`unipkg registry ${action}\` needs ${action === "member" ? "an organisation and an account" : "a name"}`,
      hint: "`unipkg registry --help` has examples",
    });
  }
  if (action === "advisory") return tellAdvisories(names[0]!, words, context);
  const chosen = await chooseRegistry(words, null, context);
  if (!chosen.ok) return chosen;
  const { api, url } = chosen.value;
  const member = `-/unipkg/organisations/${name}/members/${account}`;
  const done =
    action === "rotate-key"
      ? await api.call("POST", "-/unipkg/keys/rotate", "a new key", {})
      : action === "org"
        ? await api.call("PUT", `-/unipkg/organisations/${name}`, `the organisation ${name}`, {})
        : action === "account"
          ? await api.call("PUT", `-/unipkg/accounts/${name}`, `the account ${name}`, {})
          : role === "none"
            ? await api.call("DELETE", member, `the member ${account}`)
            : await api.call("PUT", member, `the member ${account}`, { role });
  if (!done.ok) return done;
  const told = {
    "rotate-key": `versions are signed with ${String((done.value as { keyid?: unknown }).keyid)} from now on; what the old key signed stays signed`,
    org: `@${name} belongs to the organisation ${name} now`,
    account: `the account ${name} is made; give it a token: unipkg token create --account ${name}`,
    member:
      role === "none"
        ? `${account} is no member of ${name} any more`
        : role === "member"
          ? `${account} is a member of ${name}, and may what its teams may`
          : `${account} may ${role} in @${name}`,
  };
  context.report.line(told[action as keyof typeof told]);
  context.report.document({ registry: url });
  return ok(exit.ok);
}

/** Puts the advisories of a file into the registry: one, or a list of them. */
async function tellAdvisories(
  file: string,
  words: Arguments,
  context: Context,
): Promise<Result<number>> {
  const path = resolve(context.folder, file);
  let advisories: readonly Advisory[];
  try {
    const json: unknown = JSON.parse(readFileSync(path, "utf8"));
    advisories = (Array.isArray(json) ? json : [json]).map((each) => {
      const name = (each as { readonly name?: unknown } | null)?.name;
      if (typeof name !== "string") throw new Error("an advisory has no name of a package");
      return readAdvisory(each, name);
    });
  } catch (error) {
    return failed({
      code: "UP705",
      message: `${file} has no advisories that can be read: ${(error as Error).message}`,
      hint: "docs/registry.md shows one",
    });
  }
  const chosen = await chooseRegistry(words, null, context);
  if (!chosen.ok) return chosen;
  const { api, url } = chosen.value;
  for (const { id, ...advisory } of advisories) {
    const isWithdrawn = words.has("withdraw");
    const path = `-/unipkg/advisories/${encodeURIComponent(id)}`;
    const done = isWithdrawn
      ? await api.call("DELETE", path, `the advisory ${id}`)
      : await api.call("PUT", path, `the advisory ${id}`, { id, ...advisory });
    if (!done.ok) return done;
    context.report.line(
      isWithdrawn
        ? `${id} is withdrawn`
        : `${id}: ${advisory.name}@${advisory.vulnerable_versions} (${advisory.severity})`,
    );
  }
  context.report.document({ registry: url, advisories });
  return ok(exit.ok);
}
