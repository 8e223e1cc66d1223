import { failed, ok, type Result } from "../model/problem.ts";
import { escapedName } from "../registry/client/registry-api.ts";
import { type ChosenRegistry, chooseRegistry } from "./chosen-registry.ts";
import type { Arguments, Context, Option } from "./command.ts";
import { exit } from "./exit.ts";

/** The options of `unipkg registry upstream add`. */
export const upstreamOptions: readonly Option[] = [
  {
    name: "for",
    value: "NAME",
    doc: "upstream: ask it for @SCOPE, for one NAME, or for * , all names without a scope (may be repeated)",
  },
  {
    name: "readers",
    value: "WHO",
    doc: "upstream: all with a token (default), the members of @ORG, or public",
  },
  { name: "inside", doc: "upstream: it is in a private network, or on this machine" },
  { name: "cached-only", doc: "upstream: do not ask it, serve what is here" },
  { name: "fresh", value: "MINUTES", doc: "upstream: ask anew after so long (default 5)" },
  {
    name: "stale",
    value: "HOURS",
    doc: "upstream: serve what is here for so long when it does not answer (default: for ever)",
  },
  { name: "age", value: "HOURS", doc: "upstream: leave versions out that are younger" },
];

interface ListedUpstream {
  readonly name: string;
  readonly url: string;
  readonly patterns: readonly string[];
  readonly access: string;
  readonly organisation: string | null;
  readonly offline: boolean;
  readonly age: number;
  readonly packages: number;
}

/** `unipkg registry upstream add NAME URL`, `list`, `remove NAME`, `drop PKG`. */
export async function manageUpstreams(
  [action = "", name, url]: readonly string[],
  words: Arguments,
  context: Context,
): Promise<Result<number>> {
  const needed = { add: "a name and an address", list: "", remove: "a name", drop: "a package" };
  if (!Object.hasOwn(needed, action)) {
    return wrong("`unipkg registry upstream` needs add, list, remove or drop");
  }
  const isShort =
    action !== "list" && (name === undefined || (action === "add" && url === undefined));
  if (isShort) {
    return wrong(
      `\`unipkg registry upstream ${action}\` needs ${needed[action as keyof typeof needed]}`,
    );
  }
  const terms = action === "add" ? termsIn(url!, words) : ok({});
  if (!terms.ok) return terms;
  const chosen = await chooseRegistry(words, null, context);
  if (!chosen.ok) return chosen;
  if (action === "list") return list(chosen.value, context);
  const { api } = chosen.value;
  const path =
    action === "drop" ? `-/unipkg/proxied/${escapedName(name!)}` : `-/unipkg/upstreams/${name}`;
  const what = action === "drop" ? name! : `the upstream ${name}`;
  const done =
    action === "add"
      ? await api.call("PUT", path, what, terms.value)
      : await api.call("DELETE", path, what);
  if (!done.ok) return done;
  const told = {
    add: `${words.list("for").join(", ")} ${words.list("for").length === 1 ? "is" : "are"} asked for at ${url}`,
    remove: `the upstream ${name} is not asked any more, and its packages are hidden`,
    drop: `what was known of ${name} is forgotten; it is asked for anew`,
  };
  context.report.line(told[action as keyof typeof told]);
  context.report.document({ registry: chosen.value.url, action, name });
  return ok(exit.ok);
}

function termsIn(url: string, words: Arguments): Result<Readonly<Record<string, unknown>>> {
  const patterns = words.list("for");
  if (patterns.length === 0) {
    return wrong(
      "`unipkg registry upstream add` needs what the upstream is asked for: `--for @SCOPE`",
    );
  }
  const numbers = new Map<string, number>();
  for (const each of ["fresh", "stale", "age"]) {
    const text = words.one(each);
    if (text === undefined) continue;
    if (!/^\d{1,6}$/.test(text)) return wrong(`\`--${each} ${text}\` is not a whole number`);
    numbers.set(each, Number(text));
  }
  const readers = words.one("readers");
  const organisation = readers?.startsWith("@") === true ? readers.slice(1) : null;
  if (readers !== undefined && readers !== "public" && organisation === null) {
    return wrong(`\`--readers ${readers}\` is neither public nor an organisation such as @acme`);
  }
  return ok({
    ...{ url, patterns, organisation, ...Object.fromEntries(numbers) },
    access: readers === "public" ? "public" : "restricted",
    inside: words.has("inside"),
    offline: words.has("cached-only"),
  });
}

async function list({ api }: ChosenRegistry, { report }: Context): Promise<Result<number>> {
  const answer = await api.call("GET", "-/unipkg/upstreams", "its upstreams");
  if (!answer.ok) return answer;
  const { upstreams } = answer.value as { readonly upstreams: readonly ListedUpstream[] };
  for (const { name, url, patterns, packages, ...terms } of upstreams) {
    const readers =
      terms.access === "public"
        ? "public"
        : terms.organisation === null
          ? "for all with a token"
          : `for members of @${terms.organisation}`;
    const told = [
      `${name}  ${url}  ${patterns.join(", ")}`,
      ...[readers, `${packages} ${packages === 1 ? "package" : "packages"} here`],
      ...(terms.age === 0 ? [] : [`${terms.age} hours old at least`]),
      ...(terms.offline ? ["not asked"] : []),
    ];
    report.line(told.join("; "));
  }
  if (upstreams.length === 0) report.note("this registry asks no other");
  report.document({ upstreams });
  return ok(exit.ok);
}

function wrong(message: string): Result<never> {
  return failed({ code: "UP702", message, hint: "`unipkg registry --help` has examples" });
}
