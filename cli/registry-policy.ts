import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { plainText } from "../model/plain-text.ts";
import { failed, ok, type Result } from "../model/problem.ts";
import { readOrganisationPolicy } from "../registry/organisation-policy.ts";
import { chooseRegistry } from "./chosen-registry.ts";
import type { Arguments, Context } from "./command.ts";
import { exit } from "./exit.ts";

/** `unipkg registry policy show ORG`, `set ORG FILE` and `remove ORG`: what an organisation asks of its packages. */
export async function administerPolicy(
  [verb, name, file]: readonly string[],
  words: Arguments,
  context: Context,
): Promise<Result<number>> {
  const organisation = name?.replace(/^@/, "");
  if (organisation === undefined || (verb === "set" && file === undefined)) return misused();
  if (verb === "show") return showPolicy(organisation, words, context);
  if (verb === "set") return setPolicy(organisation, file!, words, context);
  return verb === "remove" ? removePolicy(organisation, words, context) : misused();
}

function misused(): Result<number> {
  return failed({
    code: "UP702",
    message: "`unipkg registry policy` needs `show ORG`, `set ORG FILE` or `remove ORG`",
    hint: "docs/policies.md says what is in the file",
  });
}

async function showPolicy(
  organisation: string,
  words: Arguments,
  context: Context,
): Promise<Result<number>> {
  const chosen = await chooseRegistry(words, null, context);
  if (!chosen.ok) return chosen;
  const { api } = chosen.value;
  const answer = await api.call("GET", pathOf(organisation), `the policy of ${organisation}`);
  if (!answer.ok) return answer;
  const policy = answer.value as Readonly<Record<"text" | "account" | "since", string>>;
  for (const line of String(policy.text).trimEnd().split(/\r?\n/)) {
    context.report.line(plainText(line));
  }
  context.report.note(`set by ${plainText(policy.account)}, ${plainText(policy.since)}`);
  context.report.document(policy);
  return ok(exit.ok);
}

async function setPolicy(
  organisation: string,
  file: string,
  words: Arguments,
  context: Context,
): Promise<Result<number>> {
  let text: string;
  try {
    text = readFileSync(resolve(context.folder, file), "utf8");
  } catch (error) {
    return failed({
      code: "UP311",
      message: `policies cannot be read: ${(error as Error).message}`,
    });
  }
  const read = readOrganisationPolicy(text, organisation, file);
  if (!read.ok) return read;
  const chosen = await chooseRegistry(words, null, context);
  if (!chosen.ok) return chosen;
  const { api, url } = chosen.value;
  const what = `the policy of ${organisation}`;
  const done = await api.call("PUT", pathOf(organisation), what, { text });
  if (!done.ok) return done;
  context.report.line(`what is published in @${organisation} is held to ${file} from now on`);
  context.report.document({ registry: url, organisation });
  return ok(exit.ok);
}

async function removePolicy(
  organisation: string,
  words: Arguments,
  context: Context,
): Promise<Result<number>> {
  const chosen = await chooseRegistry(words, null, context);
  if (!chosen.ok) return chosen;
  const { api, url } = chosen.value;
  const done = await api.call("DELETE", pathOf(organisation), `the policy of ${organisation}`);
  if (!done.ok) return done;
  context.report.line(`@${organisation} has no policy any more`);
  context.report.document({ registry: url, organisation });
  return ok(exit.ok);
}

function pathOf(organisation: string): string {
  return `-/unipkg/organisations/${encodeURIComponent(organisation)}/policy`;
}
