import { formatPlace } from "../model/place.ts";
import type { SolveAnswer, SolveRequest } from "../model/request.ts";
import { policiesOf } from "./policy.ts";
import { list, ranged } from "./wording.ts";

/**
 * A repair in words: the commands that make the change, in backquotes, and what they do; for a policy its new text.
 *
 *     `unipkg solve --target unix` leaves out xen
 *     write `forbid effect:float except geo` at package.json:9:7, which allows geo
 *
 * @param solve solves, as the user's next command will
 * @returns null when the change does not help after all
 */
export function remedy(
  before: SolveRequest,
  after: SolveRequest,
  solve: (request: SolveRequest) => SolveAnswer,
): string | null {
  const answer = solve(after);
  if (!answer.ok) return null;
  const commands: string[] = [];
  const effects: string[] = [];
  const versions = new Map(
    answer.plans.flatMap((plan) => plan.packages.map((one) => [one.name, one.version] as const)),
  );
  let final = after;
  for (const own of before.root.manifest.requires) {
    const now = after.root.manifest.requires.find((one) => one.slot === own.slot);
    if (now === undefined) {
      commands.push(`unipkg remove ${own.slot}`);
      effects.push(`no longer requires ${ranged(own.of, own.range)}`);
    } else if (now.range !== own.range) {
      const version = versions.get(own.of);
      if (version === undefined) return null;
      const range = `^${version}`;
      final = withRange(final, own.slot, range);
      commands.push(`unipkg add ${own.of}@${range}`);
      effects.push(`requires ${own.of} ${range} instead of ${own.range}`);
    }
  }
  for (const [name, range] of Object.entries(before.root.manifest.pins ?? {})) {
    if (after.root.manifest.pins?.[name] !== undefined) continue;
    commands.push(`unipkg unpin ${name}`);
    effects.push(`no longer pins ${name} to ${range}`);
  }
  effects.push(...leftOut("--pin", before.pins ?? [], after.pins ?? []));
  effects.push(...leftOut("--with", before.with, after.with));
  for (const name of before.without) {
    if (!after.without.includes(name)) effects.push(`leaves out --without ${name}`);
  }
  if (before.targets.join() !== after.targets.join()) {
    const dropped = before.targets.filter((one) => !after.targets.includes(one));
    effects.push(
      after.targets.some((one) => before.targets.includes(one))
        ? `leaves out ${dropped.join(" and ")}`
        : `plans for ${after.targets.join(" and ")} instead of ${dropped.join(" and ")}`,
    );
  }
  if (final !== after && !solve(final).ok) return null;
  const rules = newRules(before, after);
  commands.push(`unipkg solve${solveWords(after)}`);
  const pasted = `\`${commands.join(" && ")}\` ${effects.join(" and ")}`;
  if (rules.length === 0) return pasted;
  const written = rules.join(" and ");
  return effects.length === 0 ? written : `${written}; then ${pasted}`;
}

/** Policies that say something else now. */
function newRules(before: SolveRequest, after: SolveRequest): readonly string[] {
  const policies = policiesOf(after);
  return policiesOf(before).flatMap(({ rule, text, except, place }, index) => {
    const now = policies[index]!;
    if (now.text === text) return [];
    // A rule about one package that does not speak of it says nothing.
    if (rule.kind === "package") return [`take out \`${text}\` at ${formatPlace(place)}`];
    const allowed = now.except.filter((name) => !except.includes(name));
    return [`write \`${now.text}\` at ${formatPlace(place)}, which allows ${list(allowed)}`];
  });
}

function leftOut(
  option: string,
  before: readonly { readonly name: string }[],
  after: readonly { readonly name: string }[],
): readonly string[] {
  return before
    .filter(({ name }) => !after.some((one) => one.name === name))
    .map(({ name }) => `leaves out ${option} ${name}`);
}

function withRange(request: SolveRequest, slot: string, range: string): SolveRequest {
  const { manifest } = request.root;
  const requires = manifest.requires.map((one) => (one.slot === slot ? { ...one, range } : one));
  return { ...request, root: { ...request.root, manifest: { ...manifest, requires } } };
}

function solveWords({ targets, upgrade, ...request }: SolveRequest): string {
  const words = [` --target ${targets.join(",")}`];
  // Targets of the lockfile are planned along otherwise.
  if (request.locked.some((plan) => !targets.includes(plan.target))) words.push(" --only");
  const ranges = [
    ...request.with.map((one) => ({ option: "--with", ...one })),
    ...(request.pins ?? []).map((one) => ({ option: "--pin", ...one })),
  ];
  for (const { option, name, range } of ranges) {
    words.push(` ${option} ${range === "*" ? name : `'${name}@${range}'`}`);
  }
  for (const name of request.without) words.push(` --without ${name}`);
  for (const name of request.prefer) words.push(` --prefer ${name}`);
  if (upgrade === "all") words.push(" --upgrade");
  else for (const name of upgrade) words.push(` --upgrade=${name}`);
  return words.join("");
}
