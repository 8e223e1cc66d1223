import { type Lockfile, parsePackageId } from "../model/lockfile.ts";

/**
 * What differs between two lockfiles, in words: packages, plans, then who fills which slot. Empty when an
 * image made from the one is an image made from the other; the tools' versions alone make no difference.
 */
export function changesOf(before: Lockfile | null, after: Lockfile): readonly string[] {
  return [
    ...packageChanges(before?.packages ?? {}, after.packages),
    ...planChanges(before?.plans ?? {}, after.plans),
  ];
}

type Packages = Lockfile["packages"];
type Plans = Lockfile["plans"];

function packageChanges(before: Packages, after: Packages): string[] {
  const hadVersions = versionsByName(before);
  const hasVersions = versionsByName(after);
  return union(hadVersions, hasVersions)
    .flatMap((name) => {
      const had = hadVersions[name];
      const has = hasVersions[name];
      if (had === undefined) return [`+ ${name} ${has}`];
      if (has === undefined) return [`- ${name} ${had}`];
      return had === has ? [] : [`${name} ${had} -> ${has}`];
    })
    .concat(
      Object.keys(after)
        .sort()
        .flatMap((id) => {
          const was = before[id];
          const is = after[id]!;
          if (was === undefined) return [];
          if (was.integrity !== is.integrity) return [`${id} has new content`];
          return was.source === is.source ? [] : [`${id} is now from ${is.source}`];
        }),
    );
}

function versionsByName(packages: Packages): Record<string, string> {
  const versions: Record<string, string> = {};
  for (const id of Object.keys(packages).sort()) {
    const { name, version } = parsePackageId(id);
    versions[name] = versions[name] === undefined ? version : `${versions[name]} and ${version}`;
  }
  return versions;
}

function planChanges(before: Plans, after: Plans): string[] {
  return union(before, after).flatMap((target) => {
    const had = before[target];
    const has = after[target];
    if (had === undefined) return [`+ plan for ${target}`];
    if (has === undefined) return [`- plan for ${target}`];
    const members = [
      ...has.packages.filter((id) => !had.packages.includes(id)).map((id) => `${target}: + ${id}`),
      ...had.packages.filter((id) => !has.packages.includes(id)).map((id) => `${target}: - ${id}`),
    ];
    const bindings = union(had.bindings, has.bindings).flatMap((consumer) => {
      const filled = had.bindings[consumer] ?? {};
      const fills = has.bindings[consumer] ?? {};
      return union(filled, fills)
        .filter((slot) => filled[slot] !== fills[slot])
        .map((slot) => {
          const [from, to] = [filled[slot] ?? "nothing", fills[slot] ?? "nothing"];
          return `${target}: ${consumer}.${slot} ${from} -> ${to}`;
        });
    });
    return [...members, ...bindings];
  });
}

/** The names of both, sorted, each once. */
function union(a: object, b: object): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
}
