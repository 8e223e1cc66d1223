import { failed, ok, type Result } from "../model/problem.ts";
import { escapedName } from "../registry/client/registry-api.ts";
import { chooseRegistry } from "./chosen-registry.ts";
import type { Arguments, Context } from "./command.ts";
import { exit } from "./exit.ts";
import { parsePackageWord } from "./package-word.ts";

/** `unipkg registry approval ORG on|off`: whether versions wait for the approval of a second member. */
export async function setApproval(
  [name, word]: readonly string[],
  words: Arguments,
  context: Context,
): Promise<Result<number>> {
  const organisation = name?.replace(/^@/, "");
  if (organisation === undefined || (word !== "on" && word !== "off")) {
    return failed({
      code: "UP702",
      message: "`unipkg registry approval` needs an organisation, and `on` or `off`",
    });
  }
  const chosen = await chooseRegistry(words, null, context);
  if (!chosen.ok) return chosen;
  const { api, url } = chosen.value;
  const path = `-/unipkg/organisations/${organisation}/approval`;
  const done = await api.call("PUT", path, `the organisation ${organisation}`, {
    required: word === "on",
  });
  if (!done.ok) return done;
  context.report.line(
    word === "on"
      ? `versions of @${organisation} wait for the approval of a second member`
      : `versions of @${organisation} are there as soon as they are published`,
  );
  context.report.document({ registry: url, organisation, approval: word === "on" });
  return ok(exit.ok);
}

interface Staged {
  readonly name: string;
  readonly version: string;
  readonly publisher: string;
  readonly sent: string;
}

/** `unipkg registry staged`: what waits for approval. */
export async function listStaged(words: Arguments, context: Context): Promise<Result<number>> {
  const chosen = await chooseRegistry(words, null, context);
  if (!chosen.ok) return chosen;
  const { api } = chosen.value;
  const answer = await api.call("GET", "-/unipkg/staged", "what waits for approval");
  if (!answer.ok) return answer;
  const { staged } = answer.value as { readonly staged: readonly Staged[] };
  for (const { name, version, publisher, sent } of staged) {
    context.report.line(`${name}@${version}  by ${publisher}, ${sent}`);
  }
  if (staged.length === 0) context.report.note("nothing waits for approval");
  context.report.document({ staged });
  return ok(exit.ok);
}

/** `unipkg registry approve PKG@VERSION`, and `reject`. */
export async function decide(
  action: "approve" | "reject",
  [word = ""]: readonly string[],
  words: Arguments,
  context: Context,
): Promise<Result<number>> {
  const parsed = parsePackageWord(word);
  if (!parsed.ok) return parsed;
  const { name, range: version } = parsed.value;
  if (version === null) {
    return failed({
      code: "UP702",
      message: `\`unipkg registry ${action}\` needs a version, as in @acme/firewall@1.0.0`,
    });
  }
  const chosen = await chooseRegistry(words, name, context);
  if (!chosen.ok) return chosen;
  const { api, url } = chosen.value;
  const path = `-/unipkg/staged/${escapedName(name)}/${version}`;
  const done =
    action === "approve"
      ? await api.call("PUT", path, `${name}@${version}`, {})
      : await api.call("DELETE", path, `${name}@${version}`);
  if (!done.ok) return done;
  context.report.line(
    action === "approve"
      ? `${name}@${version} is published at ${url}`
      : `${name}@${version} is refused; its number can be sent again`,
  );
  context.report.document({ registry: url, name, version });
  return ok(exit.ok);
}
