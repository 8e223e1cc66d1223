import { failed, ok, type Result } from "../../model/problem.ts";
import { type ChosenRegistry, chooseRegistry, registryOption } from "../chosen-registry.ts";
import type { Arguments, Command, Context } from "../command.ts";
import { exit } from "../exit.ts";
import { aligned } from "../text.ts";

export const command: Command = {
  name: "token",
  summary: "list, make and revoke tokens of a registry",
  description: [
    "A token says who asks, and what for: `read`, `publish` or `admin`, for some scopes, from some networks, until some day. No token can make one that may do more than itself. A new token is shown once.",
  ],
  operands: [
    { name: "ACTION", doc: "list, create or revoke", complete: ["list", "create", "revoke"] },
    { name: "KEY", doc: "revoke: the token's key, as `list` shows it", optional: true },
  ],
  options: [
    {
      name: "rights",
      value: "RIGHTS",
      doc: "create: read, publish or admin (default read)",
      complete: ["read", "publish", "admin"],
    },
    { name: "scope", value: "@SCOPE", doc: "create: for this scope only (may be repeated)" },
    { name: "network", value: "CIDR", doc: "create: from this network only (may be repeated)" },
    { name: "days", value: "DAYS", doc: "create: for so many days" },
    { name: "name", value: "NAME", doc: "create: what it is for, for the list" },
    { name: "account", value: "ACCOUNT", doc: "create: for another account, by administrators" },
    registryOption,
  ],
  examples: [
    {
      line: "unipkg token create --rights read --scope @acme --days 90",
      doc: "for a build server",
    },
    { line: "unipkg token list", doc: "your tokens" },
    { line: "unipkg token revoke k3v9x0a1b2c4", doc: "it is not taken any more" },
  ],
  json: true,
  async run(words, context) {
    const [action, key] = words.operands;
    if (action === "revoke" && key === undefined) {
      return failed({
        code: "UP702",
        message: "`unipkg token revoke` needs a KEY",
        hint: "`unipkg token list` shows them",
      });
    }
    const chosen = await chooseRegistry(words, null, context);
    if (!chosen.ok) return chosen;
    if (action === "create") return create(chosen.value, words, context);
    if (action === "list") return list(chosen.value, context);
    const revoked = await chosen.value.api.call(
      "DELETE",
      `-/npm/v1/tokens/token/${encodeURIComponent(key!)}`,
      `the token ${key}`,
    );
    if (!revoked.ok) return revoked;
    context.report.line(`${key} is revoked`);
    return ok(exit.ok);
  },
};

async function create(
  { api }: ChosenRegistry,
  words: Arguments,
  { report }: Context,
): Promise<Result<number>> {
  const days = words.one("days");
  if (days !== undefined && !/^[1-9]\d{0,4}$/.test(days)) {
    return failed({ code: "UP702", message: `\`--days ${days}\` is not a number of days` });
  }
  const made = await api.call("POST", "-/npm/v1/tokens", "a token", {
    rights: words.one("rights") ?? "read",
    name: words.one("name") ?? "",
    scopes: words.list("scope"),
    cidr_whitelist: words.list("network"),
    ...(days === undefined ? {} : { expires: Number(days) }),
    ...(words.has("account") ? { account: words.one("account") } : {}),
  });
  if (!made.ok) return made;
  const { token } = made.value as { token: string };
  report.line(token);
  report.note("it is not shown again");
  report.document(made.value as Record<string, unknown>);
  return ok(exit.ok);
}

interface ListedToken {
  readonly key: string;
  readonly name?: string;
  readonly rights?: string;
  readonly readonly: boolean;
  readonly scopes?: readonly string[] | null;
  readonly cidr_whitelist?: readonly string[] | null;
  readonly expires?: string | null;
}

async function list({ api }: ChosenRegistry, { report }: Context): Promise<Result<number>> {
  const answer = await api.call("GET", "-/npm/v1/tokens", "your tokens");
  if (!answer.ok) return answer;
  const { objects = [] } = answer.value as { objects?: readonly ListedToken[] };
  const rows = objects.map((token): [string, string] => {
    const { name = "", rights, readonly, scopes, cidr_whitelist: networks, expires } = token;
    const parts = [
      rights ?? (readonly ? "read" : "publish"),
      scopes == null ? "" : `for ${scopes.map((scope) => `@${scope}`).join(", ")}`,
      networks == null ? "" : `from ${networks.join(", ")}`,
      expires == null ? "" : `until ${expires.slice(0, 10)}`,
      name === "" ? "" : `(${name})`,
    ];
    return [token.key, parts.filter((part) => part !== "").join(" ")];
  });
  for (const line of aligned(rows, report.style.cyan)) report.line(line);
  report.document({ tokens: objects });
  return ok(exit.ok);
}
