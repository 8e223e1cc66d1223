import { failed, ok, type Result } from "../model/problem.ts";
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
  if (name === undefined || (action === "member" && account === undefined)) {
    return failed({
      code: "UP702",
      message: `\`unipkg registry ${action}\` needs ${action === "member" ? "an organisation and an account" : "a name"}`,
      hint: "`unipkg registry --help` has examples",
    });
  }
  const chosen = await chooseRegistry(words, null, context);
  if (!chosen.ok) return chosen;
  const { api, url } = chosen.value;
  const member = `-/unipkg/organisations/${name}/members/${account}`;
  const done =
    action === "org"
      ? await api.call("PUT", `-/unipkg/organisations/${name}`, `the organisation ${name}`, {})
      : action === "account"
        ? await api.call("PUT", `-/unipkg/accounts/${name}`, `the account ${name}`, {})
        : role === "none"
          ? await api.call("DELETE", member, `the member ${account}`)
          : await api.call("PUT", member, `the member ${account}`, { role });
  if (!done.ok) return done;
  const told = {
    org: `@${name} belongs to the organisation ${name} now`,
    account: `the account ${name} is made; give it a token: unipkg token create --account ${name}`,
    member:
      role === "none"
        ? `${account} is no member of ${name} any more`
        : `${account} may ${role} in @${name}`,
  };
  context.report.line(told[action as keyof typeof told]);
  context.report.document({ registry: url });
  return ok(exit.ok);
}
