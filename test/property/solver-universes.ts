import fc from "fast-check";
import type { Plan } from "../../model/plan.ts";
import type { Universe } from "../../model/release.ts";
import type { SolveRequest } from "../../model/request.ts";
import { solve } from "../../solver/solve.ts";
import {
  type CompactRelease,
  type CompactRequest,
  MemoryUniverse,
  releaseOf,
  releasesOf,
  requestOf,
} from "../scenarios/solver/compact.ts";

/** A random case: small enough for the oracle, with every rule in it now and then. */
export interface Case {
  readonly packages: Record<string, CompactRelease>;
  readonly app: CompactRelease;
  readonly request: CompactRequest;
  /** The request whose plan is the lock. */
  readonly before: CompactRequest | null;
}

const targets = ["unix", "xen"] as const;
const shapes = [
  { f: "(a: u16): i32" },
  { f: "(a: u16): i32", g: "(): bool" },
  { f: "(a: u32): i32" },
];
const policies = [
  "forbid effect:float",
  "forbid effect:host:socket except l0",
  "forbid package l1",
  "forbid package l2@^1.0.0",
  "forbid package i0@1.1.0",
  "forbid deprecated",
  "forbid deprecated except l3",
  "forbid prereleases",
  "only scope core",
  "licences ISC",
  "licences ISC except l1, l2",
];
const ranges = [
  "*",
  "*",
  "^1.0.0",
  "^1.1.0",
  "~1.0.0",
  "^2.0.0",
  ">=1.1.0",
  "^1.1.0-rc.0",
  "1.0.0",
];

/**
 * @param numbers draws an integer from 0 to a bound, inclusive; the case shrinks with the numbers
 */
export function makeCase(numbers: (most: number) => number): Case {
  const chance = (percent: number) => numbers(99) >= 100 - percent;
  const pick = <T>(list: readonly T[]): T => list[numbers(list.length - 1)]!;
  const some = <T>(list: readonly T[], percent: number) => list.filter(() => chance(percent));
  const versionsOf = () =>
    pick([["1.0.0"], ["1.1.0", "1.0.0"], ["2.0.0", "1.0.0"], ["1.1.0-rc.1", "1.0.0"]]);
  const someRules = () => (chance(15) ? [pick(policies)] : []);
  const somePins = (names: readonly string[]) => some(names, 3).map((name) => [name, pick(ranges)]);

  const packages: Record<string, CompactRelease> = {};
  const interfaces = ["i0", "i1", "i2"].slice(0, 1 + numbers(2));
  const interfaceVersions = new Map<string, readonly string[]>();
  for (const name of interfaces) {
    const versions = versionsOf();
    interfaceVersions.set(name, versions);
    for (const version of versions) {
      packages[`${name}@${version}`] = {
        kind: "interface",
        exports: chance(30) ? pick(shapes) : shapes[0]!,
        ...(chance(10) ? { requires: { [pick(interfaces)]: "*" } } : {}),
      };
    }
  }
  const libraries = ["l0", "l1", "l2", "l3", "l4"].slice(0, 1 + numbers(4));
  const requirements = (percent: number) => {
    const requires: Record<string, Exclude<CompactRelease["requires"], undefined>[string]> = {};
    for (const name of [...interfaces, ...libraries]) {
      if (!chance(percent)) continue;
      const slot = chance(25) && interfaces.includes(name) ? pick(["s0", "s1"]) : name;
      requires[slot] = {
        of: chance(2) ? "nowhere" : name,
        range: pick(ranges),
        optional: chance(20),
        ...(chance(10) ? { when: [pick(targets)] } : {}),
      };
    }
    const uses: Record<string, readonly string[]> = {};
    for (const slot of Object.keys(requires)) {
      if (chance(40)) uses[slot] = some(["f", "g"], 40);
    }
    return { requires, uses };
  };
  for (const name of libraries) {
    for (const version of versionsOf()) {
      const provides: NonNullable<CompactRelease["provides"]> = {};
      for (const one of some(interfaces, 50)) {
        const claimed = chance(5) ? "9.0.0" : pick(interfaceVersions.get(one)!);
        Object.assign(provides, {
          [one]: chance(15) ? { version: claimed, exports: pick(shapes) } : claimed,
        });
      }
      packages[`${name}@${version}`] = {
        provides,
        ...requirements(12),
        ...(chance(20) ? { targets: [pick(targets)] } : {}),
        ...(chance(10) ? { conflicts: { [pick(libraries)]: pick(ranges) } } : {}),
        ...(chance(10) ? { effects: { [pick(["float", "host:socket"])]: "f src/f.ts:1:1" } } : {}),
        ...(chance(10) ? { license: "GPL-3.0-only" } : {}),
        yanked: chance(8),
        ...(chance(10) ? { deprecated: "old" } : {}),
      };
    }
  }
  const prefers = () =>
    Object.fromEntries(some(interfaces, 30).map((name) => [name, some(libraries, 40)]));
  for (const name of targets) {
    for (const version of chance(20) ? ["1.1.0", "1.0.0"] : ["1.0.0"]) {
      packages[`${name}@${version}`] = {
        kind: "target",
        host: chance(50) ? ["socket"] : [],
        forbids: chance(30) ? ["float"] : [],
        ...(chance(10) ? { licences: ["ISC"] } : {}),
        prefers: prefers(),
        ...(chance(20) ? { requires: { [pick(interfaces)]: "*" } } : {}),
      };
    }
  }
  const request = (): CompactRequest => ({
    targets: chance(25) ? [...targets] : [pick(targets)],
    with: some(libraries, 5),
    without: some(libraries, 5),
    prefer: some(libraries, 8),
    upgrade: chance(20) ? "all" : some([...libraries, ...interfaces], 15),
    pins: somePins([...libraries, ...interfaces]).map((pin) => pin.join("@")),
    policies: someRules(),
  });
  return {
    packages,
    app: {
      ...requirements(35),
      prefers: prefers(),
      pins: Object.fromEntries(somePins(libraries)),
      policies: someRules(),
    },
    request: request(),
    before: chance(40) ? request() : null,
  };
}

/** A case as the solver takes it, and its universe in the opposite order. */
export function problemOf(one: Case): {
  request: SolveRequest;
  universe: Universe;
  reversed: Universe;
} {
  const releases = releasesOf(one.packages);
  const universe = new MemoryUniverse(releases);
  const root = releaseOf("app", "1.0.0", { kind: "app", ...one.app }, one.packages);
  const earlier = one.before === null ? null : solve(requestOf(root, one.before), universe);
  const locked: readonly Plan[] = earlier?.ok ? earlier.plans : [];
  return {
    request: requestOf(root, { ...one.request, locked }),
    universe,
    reversed: new MemoryUniverse([...releases].reverse()),
  };
}

/** Draws numbers from fast-check's generator, all alike often: its bias to extremes would make nearly all cases fail. */
export function drawFrom(gen: fc.GeneratorValue): (most: number) => number {
  return (most) => gen(evenly, most);
}

function evenly(most: number): fc.Arbitrary<number> {
  return fc.noBias(fc.nat({ max: most }));
}
