import type { Entry, OrganisationEvent, Right, Role } from "./event.ts";

export interface OrganisationState {
  readonly name: string;
  readonly members: Map<string, Role>;
  readonly teams: Map<string, TeamState>;
  /** Whether versions wait for the approval of a second member. */
  approval: boolean;
  /** What it asks of its packages; null for nothing. */
  policy: WrittenPolicy | null;
  last: number;
}

/** Members of an organisation who have rights together, beside what each has alone. */
export interface TeamState {
  readonly name: string;
  readonly members: Set<string>;
  /** Package, or `@scope` for all of the organisation's -> what the team may do with it. */
  readonly grants: Map<string, Right>;
}

/** A policy as its organisation wrote it. */
export interface WrittenPolicy {
  readonly text: string;
  readonly account: string;
  /** ISO 8601. */
  readonly since: string;
}

export function newOrganisation(name: string, { seq }: Entry): OrganisationState {
  return { name, members: new Map(), teams: new Map(), approval: false, policy: null, last: seq };
}

/** The teams that an account is in, as npm writes them: `acme:drivers`. */
export function teamsOf({ name, teams }: OrganisationState, account: string): readonly string[] {
  return [...teams.values()]
    .filter(({ members }) => members.has(account))
    .map((team) => `${name}:${team.name}`);
}

/** Takes an entry about an organisation in. */
export function applyToOrganisation(
  state: OrganisationState,
  { seq, actor, time }: Entry,
  event: OrganisationEvent,
): void {
  state.last = seq;
  switch (event.type) {
    case "organisation-created":
      break;
    case "member-set":
      state.members.set(event.account, event.role);
      break;
    case "member-removed":
      state.members.delete(event.account);
      for (const { members } of state.teams.values()) members.delete(event.account);
      break;
    case "approval-set":
      state.approval = event.required;
      break;
    case "policy-set": {
      const { text } = event;
      state.policy = text === "" ? null : { text, account: actor, since: time };
      break;
    }
    case "team-created":
      state.teams.set(event.team, { name: event.team, members: new Set(), grants: new Map() });
      break;
    case "team-removed":
      state.teams.delete(event.team);
      break;
    case "team-member-added":
      state.teams.get(event.team)?.members.add(event.account);
      break;
    case "team-member-removed":
      state.teams.get(event.team)?.members.delete(event.account);
      break;
    case "team-granted":
      state.teams.get(event.team)?.grants.set(event.on, event.right);
      break;
    case "team-revoked":
      state.teams.get(event.team)?.grants.delete(event.on);
      break;
  }
}
