// What members may by role, teams and ownership, against an oracle that replays the history by the words of
// docs/registry.md, and nothing else.
import fc from "fast-check";
import { expect, test } from "vitest";
import { mayOn, visitorOf } from "../../registry/server/access.ts";
import type { Event, Right, Role } from "../../registry/server/event.ts";
import { collaborators } from "../../registry/server/handlers/teams.ts";
import type { Registry } from "../../registry/server/registry.ts";
import { State } from "../../registry/server/state.ts";
import { makeToken } from "../../registry/server/token.ts";

const accounts = ["ann", "bob"] as const;
const teams = ["red", "blue"] as const;
const packages = ["@acme/x", "@acme/y"] as const;
const order: readonly Right[] = ["read", "publish", "admin"];

const account = fc.constantFrom(...accounts);
const team = fc.constantFrom(...teams);
const on = fc.constantFrom(...packages, "@acme");
const right = fc.constantFrom(...order);
const role = fc.constantFrom<Role>("member", ...order);

/** Something that happens to an organisation, or to the owners of its packages. */
const step = fc.oneof(
  fc.record({ type: fc.constant("member-set" as const), account, role }),
  fc.record({ type: fc.constant("member-removed" as const), account }),
  fc.record({ type: fc.constantFrom("team-created" as const, "team-removed" as const), team }),
  fc.record({
    type: fc.constantFrom("team-member-added" as const, "team-member-removed" as const),
    team,
    account,
  }),
  fc.record({ type: fc.constant("team-granted" as const), team, on, right }),
  fc.record({ type: fc.constant("team-revoked" as const), team, on }),
  fc.record({
    type: fc.constantFrom("owner-added" as const, "owner-removed" as const),
    account,
    package: fc.constantFrom(...packages),
  }),
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Whether the history makes sense to its end: what the handlers refuse is not in any log. */
function isPossible(before: readonly Step[], next: Step): boolean {
  const has = (which: string) => standing(before, "team-created", "team-removed", which);
  const isMember = (who: string) => membership(before, who) !== null;
  switch (next.type) {
    case "team-created":
      return !has(next.team);
    case "team-member-added":
      return has(next.team) && isMember(next.account);
    case "team-removed":
    case "team-member-removed":
    case "team-granted":
    case "team-revoked":
      return has(next.team);
    case "owner-added":
    case "owner-removed": {
      const isOwner = ownership(before, next.account, next.package) !== null;
      return next.type === "owner-removed" ? isOwner : !isOwner && isMember(next.account);
    }
    case "member-set":
    case "member-removed":
      return true;
  }
}

function standing(history: readonly Step[], made: string, gone: string, team: string): boolean {
  const last = history.findLast(
    (each) => (each.type === made || each.type === gone) && "team" in each && each.team === team,
  );
  return last?.type === made;
}

function membership(history: readonly Step[], who: string): Role | null {
  const last = history.findLast(
    (each) =>
      (each.type === "member-set" || each.type === "member-removed") && each.account === who,
  );
  return last?.type === "member-set" ? last.role : null;
}

/** Ann published every package first. */
function ownership(history: readonly Step[], who: string, name: string): "first" | "added" | null {
  const last = history.findLast(
    (each) =>
      (each.type === "owner-added" || each.type === "owner-removed") &&
      each.account === who &&
      each.package === name,
  );
  if (last === undefined) return who === "ann" ? "first" : null;
  return last.type === "owner-added" ? "added" : null;
}

/** The greatest right that a history leaves somebody; null for none. */
function expected(history: readonly Step[], who: string, name: string): Right | null {
  const role = membership(history, who);
  if (role === null) return null;
  const found: Right[] = role === "member" ? [] : [role];
  for (const each of teams) {
    // Only what happened since the team was made, and since he became a member, holds.
    const made = history.findLastIndex((one) => one.type === "team-created" && one.team === each);
    if (!standing(history, "team-created", "team-removed", each)) continue;
    const since = history.slice(made);
    const left = history.findLastIndex(
      (one) => one.type === "member-removed" && one.account === who,
    );
    const joining = history
      .slice(Math.max(made, left + 1))
      .findLast(
        (one) =>
          (one.type === "team-member-added" || one.type === "team-member-removed") &&
          one.team === each &&
          one.account === who,
      );
    if (joining?.type !== "team-member-added") continue;
    for (const where of [name, "@acme"]) {
      const grant = since.findLast(
        (one) =>
          (one.type === "team-granted" || one.type === "team-revoked") &&
          one.team === each &&
          one.on === where,
      );
      if (grant?.type === "team-granted") found.push(grant.right);
    }
  }
  if (ownership(history, who, name) === "added") found.push("publish");
  return found.sort((a, b) => order.indexOf(b) - order.indexOf(a))[0] ?? null;
}

test("rights follow from the log as the documents say, at once and for every token", () => {
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 20, maxLength: 60, size: "max" }),
      right,
      (steps, tokenRights) => {
        const state = new State();
        const add = (subject: string, event: Event, actor = "admin") => {
          const seq = state.last + 1;
          state.apply({ seq, time: "2026-01-01T00:00:00Z", actor, subject, event });
        };
        add("organisation:acme", { type: "organisation-created" });
        const secrets = new Map<string, string>();
        for (const name of accounts) {
          const created = { type: "account-created", password: null, email: "" } as const;
          add(`account:${name}`, { ...created, administrator: false });
          const { id, text, hash } = makeToken();
          const terms = {
            name: "",
            rights: tokenRights,
            scopes: null,
            networks: [],
            expires: null,
          };
          add(`token:${id}`, { type: "token-created", account: name, hash, ...terms });
          secrets.set(name, text);
        }
        for (const name of packages) {
          const digest = `sha512-${"A".repeat(86)}==`;
          const first: Event = {
            ...{ type: "published", version: "1.0.0", archive: digest },
            ...{ document: digest, types: null },
            ...{ tag: "latest", access: "restricted", provides: [], kind: "library" },
          };
          add(`package:${name}`, first, "ann");
        }
        const history: Step[] = [];
        for (const next of steps) {
          if (!isPossible(history, next)) continue;
          history.push(next);
          if (next.type === "owner-added" || next.type === "owner-removed") {
            add(`package:${next.package}`, { type: next.type, account: next.account });
          } else add("organisation:acme", next);
          for (const who of accounts) {
            const visitor = visitorOf(state, secrets.get(who)!, "127.0.0.1", new Date(0))!;
            for (const name of packages) {
              const most = expected(history, who, name);
              for (const wanted of order) {
                const should =
                  most !== null &&
                  order.indexOf(wanted) <=
                    Math.min(order.indexOf(most), order.indexOf(tokenRights));
                expect(mayOn(state, visitor, name, wanted), `${who} ${wanted} ${name}`).toBe(
                  should,
                );
              }
              const registry = { storage: { state } } as unknown as Pick<Registry, "storage">;
              const shown = collaborators(state.packages.get(name)!, registry);
              expect(shown.get(who) ?? null).toBe(most);
              // No right reaches another organisation's packages.
              expect(mayOn(state, visitor, "@other/x", "read")).toBe(false);
            }
          }
        }
      },
    ),
    { seed: 17, numRuns: 150 },
  );
});
