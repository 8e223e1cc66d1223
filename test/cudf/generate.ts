/** A document with some hundred packages, some of them installed, and a request. */
export interface Generated {
  readonly seed: number;
  readonly criteria: string;
  text(): string;
}

const lists = [
  "paranoid",
  "-removed,-new",
  "trendy",
  "-count(removed),-count(changed)",
  "-notuptodate,-removed,-changed",
  "-removed,-count[size,changed]",
];

/** Always the same documents, whose criteria take turns. */
export const generated: readonly Generated[] = Array.from({ length: 12 }, (_, index) => {
  const seed = index + 1;
  return { seed, criteria: lists[index % lists.length]!, text: () => documentOf(seed) };
});

function documentOf(seed: number): string {
  const random = numbers(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const chance = (probability: number) => random() < probability;
  const names = 60 + below(60);
  const features = 8;
  const constraint = (limit: number) => {
    const name = chance(0.15) ? `feature-${below(features)}` : `p${below(limit)}`;
    if (chance(0.6)) return name;
    return `${name} ${[">=", "<=", "=", "!="][below(4)]} ${1 + below(4)}`;
  };
  const list = (length: number, make: () => string, between: string) =>
    Array.from({ length }, make).join(between);

  const stanzas = ["preamble: \nproperty: size: int = [1], recommends: vpkgformula = [true!]"];
  for (let name = 0; name < names; name++) {
    const versions = 1 + below(4);
    const installed = chance(0.4) ? 1 + below(versions) : 0;
    for (let version = 1; version <= versions; version++) {
      const lines = [`package: p${name}`, `version: ${version}`, `size: ${1 + below(30)}`];
      // Mostly of names before it, as libraries come before programs.
      const reach = chance(0.9) ? Math.max(1, name) : names;
      const clause = () => list(1 + below(3), () => constraint(reach), " | ");
      const depends = name === 0 ? 0 : below(4);
      if (depends > 0) lines.push(`depends: ${list(depends, clause, ", ")}`);
      const conflicts = chance(0.7) ? [`p${name}`] : [];
      if (chance(0.12)) conflicts.push(constraint(names));
      if (conflicts.length > 0) lines.push(`conflicts: ${conflicts.join(", ")}`);
      if (chance(0.2)) {
        const feature = `feature-${below(features)}`;
        lines.push(`provides: ${feature}${chance(0.5) ? ` = ${1 + below(4)}` : ""}`);
      }
      if (chance(0.3)) lines.push(`recommends: ${clause()}`);
      if (version === installed) lines.push("installed: true");
      if (version === installed && chance(0.05)) lines.push("keep: package");
      stanzas.push(lines.join("\n"));
    }
  }
  const some = () => `p${below(names)}`;
  stanzas.push(
    `request: \ninstall: ${some()}, ${some()}\nupgrade: ${some()}\nremove: ${some()} = 1`,
  );
  return `${stanzas.join("\n\n")}\n`;
}

/** Numbers from 0 to 1 that follow from a seed: mulberry32. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
