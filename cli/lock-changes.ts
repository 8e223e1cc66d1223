import { type Lockfile, parsePackageId } from "../model/lockfile.ts";

/**
 * What differs between two lockfiles, in words: packages, plans, then who fills which slot. Empty when an
 * image made from the one is an image made from the other; the tools' versions alone make no difference.
 *
 * @param newLayout whether another layout is asked for; a file of an earlier version gets its first when something else changes
 */
export function changesOf(
  before: Lockfile | null,
  after: Lockfile,
  newLayout = false,
): readonly string[] {
  const changes = [
    ...packageChanges(before?.packages ?? {}, after.packages),
    ...planChanges(before?.plans ?? {}, after.plans),
    ...(newLayout ? [{ text: "another layout", follows: false }] : []),
  ];
  // What only follows from the others is told when there are no others.
  const causes = changes.filter((change) => !change.follows);
  return (causes.length > 0 ? causes : changes).map((change) => change.text);
}

interface Change {
  readonly text: string;
  /** True for what a person expects from a changed manifest: a new slot is filled, a plan has a new package. */
  readonly follows: boolean;
}

type Packages = Lockfile["packages"];
type Plans = Lockfile["plans"];

function packageChanges(before: Packages, after: Packages): Change[] {
  const hadVersions = versionsByName(before);
  const hasVersions = versionsByName(after);
  const texts = union(hadVersions, hasVersions).flatMap((name) => {
    const had = hadVersions[name];
    const has = hasVersions[name];
    if (had === undefined) return [`+ ${name} ${has}`];
    if (has === undefined) return [`- ${name} ${had}`];
    return had === has ? [] : [`${name} ${had} -> ${has}`];
  });
  for (const id of Object.keys(after).sort()) {
    const was = before[id];
    const is = after[id]!;
    if (was === undefined) continue;
    if (was.integrity !== is.integrity) texts.push(`${id} has new content`);
    else if (was.source !== is.source) texts.push(`${id} is now from ${is.source}`);
  }
  return texts.map((text) => ({ text, follows: false }));
}

function versionsByName(packages: Packages): Record<string, string> {
  const versions: Record<string, string> = {};
  for (const id of Object.keys(packages).sort()) {
    const { name, version } = parsePackageId(id);
    versions[name] = versions[name] === undefined ? version : `${versions[name]} and ${version}`;
  }
  return versions;
}

function planChanges(before: Plans, after: Plans): Change[] {
  return union(before, after).flatMap((target): Change[] => {
    const had = before[target];
    const has = after[target];
    if (had === undefined) return [{ text: `+ plan for ${target}`, follows: false }];
    if (has === undefined) return [{ text: `- plan for ${target}`, follows: false }];
    const members = [
      ...has.packages.filter((id) => !had.packages.includes(id)).map((id) => `+ ${id}`),
      ...had.packages.filter((id) => !has.packages.includes(id)).map((id) => `- ${id}`),
    ];
    const bindings = union(had.bindings, has.bindings).flatMap((consumer) => {
      const filled = had.bindings[consumer] ?? {};
      const fills = has.bindings[consumer] ?? {};
      return union(filled, fills)
        .filter((slot) => filled[slot] !== fills[slot])
        .map((slot) => {
          const [from, to] = [filled[slot], fills[slot]];
          const text = `${target}: ${consumer}.${slot} ${from ?? "nothing"} -> ${to ?? "nothing"}`;
          return { text, follows: from === undefined || to === undefined };
        });
    });
    return [...members.map((text) => ({ text: `${target}: ${text}`, follows: true })), ...bindings];
  });
}

/** The names of both, sorted, each once. */
function union(a: object, b: object): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
}
