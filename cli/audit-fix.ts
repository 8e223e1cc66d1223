import { parsePackageId } from "../model/lockfile.ts";
import type { Plan } from "../model/plan.ts";
import type { Policy } from "../model/policy.ts";
import type { Release } from "../model/release.ts";
import type { Application } from "./application.ts";
import { type Audited, isAffected } from "./audit.ts";
import { type PlanningRequest, plainRequest, plan } from "./planning.ts";

/** A way out that was tried: with it, nothing of what was found is in the plan. */
export interface Fix {
  readonly command: string;
  /** What it changes in the lockfile, a line each. */
  readonly changes: readonly string[];
}

/** An effect that code has in a newer version which an upgrade would take, and had not when it was locked. */
export interface GainedEffect {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly effects: readonly string[];
}

/**
 * Looks for the command that replaces versions something was found about; null when no plan is without them. Each
 * proposal was solved.
 */
export async function fixFor(
  { findings, advisories }: Audited,
  app: Application,
  root: Release,
): Promise<Fix | null> {
  const replaced = findings.filter(({ isReplaceable }) => isReplaceable);
  if (replaced.length === 0) return null;
  const names = [...new Set(replaced.map(({ name }) => name))].sort();
  const isBad = (name: string, version: string) =>
    replaced.some((each) => each.name === name && each.version === version) ||
    advisories.some((each) => each.name === name && isAffected(version, each));
  const upgrade: PlanningRequest = { ...plainRequest, upgrade: names };
  const command = `unipkg solve --upgrade ${names.join(",")}`;
  const simple = await plan(app, root, upgrade);
  if (simple.ok && isFree(simple.value.plans, isBad)) {
    return { command, changes: simple.value.changes };
  }
  // The newest has the same fault: what is best without it, and how to ask for that.
  const against = app.catalog
    .names()
    .flatMap((name) => app.catalog.releases(name).map(({ manifest }) => manifest))
    .filter(({ name, version }) => isBad(name, version))
    .map(({ name, version }) => policyAgainst(name, version));
  const forbidding = { ...app, policies: [...app.policies, ...against] };
  const better = await plan(forbidding, root, upgrade);
  if (!better.ok) return null;
  const pins = names.flatMap((name) => {
    const versions = better.value.plans.flatMap((each) => each.packages);
    const found = versions.find((each) => each.name === name);
    return found === undefined ? [] : [{ name, range: found.version }];
  });
  const pinned = await plan(app, root, { ...upgrade, pins });
  if (!pinned.ok || !isFree(pinned.value.plans, isBad)) return null;
  const words = pins.map(({ name, range }) => ` --pin ${name}@${range}`);
  return { command: `${command}${words.join("")}`, changes: pinned.value.changes };
}

/** Effects that an upgrade of everything would bring. */
export async function gainedEffects(
  app: Application,
  root: Release,
): Promise<readonly GainedEffect[]> {
  const upgraded = await plan(app, root, { ...plainRequest, upgrade: "all" });
  if (!upgraded.ok) return [];
  const before = versionsIn(Object.keys(app.lock?.packages ?? {}));
  const gained = new Map<string, GainedEffect>();
  for (const { name, version: to } of upgraded.value.plans.flatMap((each) => each.packages)) {
    const from = before.get(name);
    if (from === undefined || from === to) continue;
    const had = effectsOf(app, name, from);
    const effects = [...effectsOf(app, name, to)].filter((effect) => !had.has(effect)).sort();
    if (effects.length > 0) gained.set(name, { name, from, to, effects });
  }
  return [...gained.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function versionsIn(ids: readonly string[]): ReadonlyMap<string, string> {
  return new Map(ids.map(parsePackageId).map(({ name, version }) => [name, version]));
}

function effectsOf({ catalog }: Application, name: string, version: string): ReadonlySet<string> {
  const release = catalog.releases(name).find((each) => each.manifest.version === version);
  return new Set(release?.effects.map(({ effect }) => effect));
}

function isFree(
  plans: readonly Plan[],
  isBad: (name: string, version: string) => boolean,
): boolean {
  return plans.every(({ packages }) =>
    packages.every(({ name, version }) => !isBad(name, version)),
  );
}

function policyAgainst(name: string, version: string): Policy {
  const place = { file: "unipkg audit", line: 1, column: 1 };
  const rule = { kind: "package", name, range: version } as const;
  return { rule, except: [], text: `forbid package ${name}@${version}`, place };
}
