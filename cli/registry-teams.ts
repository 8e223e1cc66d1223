import { failed, ok, type Result } from "../model/problem.ts";
import { type ChosenRegistry, chooseRegistry } from "./chosen-registry.ts";
import type { Arguments, Context } from "./command.ts";
import { exit } from "./exit.ts";

interface ListedTeam {
  readonly team: string;
  readonly members: readonly string[];
  readonly grants: Readonly<Record<string, string>>;
}

/** What each action needs after its name, in words for people. */
const actions: Readonly<Record<string, readonly string[]>> = {
  list: ["an organisation"],
  create: ["a team"],
  destroy: ["a team"],
  add: ["a team", "an account"],
  rm: ["a team", "an account"],
  grant: ["a team", "read, publish or admin", "a package or @SCOPE"],
  revoke: ["a team", "a package or @SCOPE"],
};

/** `unipkg registry team ACTION …`, in the words of `npm team` and `npm access`. A team is `acme:firewall`. */
export async function manageTeams(
  [action = "", word = "", ...rest]: readonly string[],
  words: Arguments,
  context: Context,
): Promise<Result<number>> {
  const needed = Object.hasOwn(actions, action) ? actions[action]! : null;
  if (needed === null) {
    return wrong(`\`unipkg registry team\` needs ${Object.keys(actions).join(", ")}`);
  }
  const [, organisation, team] = /^@?([^:@/]+)(?::([^:/]+))?$/.exec(word) ?? [];
  const isShort = rest.length < needed.length - 1 || organisation === undefined;
  if (isShort || (action !== "list" && team === undefined)) {
    return wrong(
      `\`unipkg registry team ${action}\` needs ${needed.join(", ")}; a team is written acme:firewall`,
    );
  }
  const chosen = await chooseRegistry(words, null, context);
  if (!chosen.ok) return chosen;
  if (action === "list") return list(chosen.value, organisation, team ?? null, context);
  const called = `${organisation}:${team}`;
  const { api } = chosen.value;
  const path = `-/team/${organisation}/${team}`;
  const what = `the team ${called}`;
  const [first, second] = rest;
  const calls = {
    create: () => api.call("PUT", `-/org/${organisation}/team`, what, { name: team }),
    destroy: () => api.call("DELETE", path, what),
    add: () => api.call("PUT", `${path}/user`, what, { user: first }),
    rm: () => api.call("DELETE", `${path}/user`, what, { user: first }),
    grant: () => api.call("PUT", `${path}/package`, what, { package: second, permissions: first }),
    revoke: () => api.call("DELETE", `${path}/package`, what, { package: first }),
  };
  const done = await calls[action as keyof typeof calls]();
  if (!done.ok) return done;
  const told = {
    create: `the team ${called} is made`,
    destroy: `the team ${called} is no more, and what it might do nobody may by it`,
    add: `${first} is in ${called}`,
    rm: `${first} is not in ${called} any more`,
    grant: `${called} may ${first} ${second}`,
    revoke: `${called} has no right of its own on ${first} any more`,
  };
  context.report.line(told[action as keyof typeof told]);
  context.report.document({ registry: chosen.value.url, action, team: called });
  return ok(exit.ok);
}

async function list(
  { api }: ChosenRegistry,
  organisation: string,
  only: string | null,
  { report }: Context,
): Promise<Result<number>> {
  const path = `-/unipkg/organisations/${organisation}/teams`;
  const answer = await api.call("GET", path, `the teams of ${organisation}`);
  if (!answer.ok) return answer;
  const all = (answer.value as { readonly teams: readonly ListedTeam[] }).teams;
  const teams = all.filter(({ team }) => only === null || team === only);
  for (const { team, members, grants } of teams) {
    const granted = Object.entries(grants).map(([on, right]) => `${right} ${on}`);
    const who = members.length === 0 ? "nobody" : members.join(", ");
    report.line(
      `${organisation}:${team}  ${who}; ${granted.length === 0 ? "nothing granted" : granted.join(", ")}`,
    );
  }
  if (teams.length === 0) report.note(`${organisation} has no teams`);
  report.document({ organisation, teams });
  return ok(exit.ok);
}

function wrong(message: string): Result<never> {
  return failed({ code: "UP702", message, hint: "`unipkg registry --help` has examples" });
}
