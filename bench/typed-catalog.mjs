// Makes typed catalogs of package versions for `bench/catalog.mjs` and for tests.

const targets = ["browser", "kernel-module", "unix", "xen"];

/** The universe that an index gives: releases by name and by what they provide. */
export function universeOf(releases) {
  const byName = new Map();
  const byInterface = new Map();
  const add = (map, key, release) => {
    const known = map.get(key);
    if (known === undefined) map.set(key, [release]);
    else known.push(release);
  };
  for (const release of releases) {
    add(byName, release.manifest.name, release);
    for (const one of release.manifest.provides) add(byInterface, one.interface, release);
  }
  return {
    releases: (name) => byName.get(name) ?? [],
    providers: (name) => byInterface.get(name) ?? [],
    names: () => [...byName.keys()].sort(),
    targets: () => targets,
  };
}

/**
 * A catalog as registries look: few packages have many versions; a few low-level interfaces are required by nearly all
 * libraries, most by a few of their own field; a library requires one to four interfaces and now and then another library; an interface has
 * two to eight providers, each for all targets or for some. One provider in fifty does not match its interface in its newest version,
 * one release in two hundred is withdrawn, one requirement in fifty is optional, one in twenty a slot of its own.
 */
export function makeCatalog(size, app, seed = size) {
  const random = generator(seed);
  const below = (bound) => Math.floor(random() * bound);
  const chance = (probability) => random() < probability;
  const releases = [];
  for (const name of targets) {
    releases.push(
      release(name, "1.0.0", "target", {
        target: {
          backend: "none",
          host: ["console", ...(name === "kernel-module" ? [] : ["net"])],
          forbids: name === "kernel-module" ? ["float"] : [],
          prefers: {},
        },
      }),
    );
  }
  const interfaces = [];
  const libraries = [];
  /** Required by a package of this rank: the base that all stand on, what lies before it in its field of thirty, now and then another field. */
  const pick = (list, rank) => {
    if (list.length === 0) return null;
    const kind = random();
    if (kind < 0.5) return list[Math.floor(random() ** 2 * Math.min(list.length, 30))];
    const field = rank - (rank % 30);
    if (kind < 0.97 && field < Math.min(rank, list.length)) {
      return list[field + below(Math.min(rank, list.length) - field)];
    }
    return list[below(list.length)];
  };
  while (releases.length < size) {
    const name = `i${interfaces.length}`;
    const one = { name, versions: versionNumbers(1 + below(4), random), shapes: [] };
    for (const [index, version] of one.versions.entries()) {
      // A minor version has one function more, a major one another width.
      const exports = signature(name, index, Number(version[0]));
      one.shapes.push(exports);
      releases.push(release(name, version, "interface", { signature: exports }));
    }
    interfaces.push(one);
    const providers = 2 + Math.floor(random() ** 2 * 6);
    for (let count = 0; count < providers && (count === 0 || releases.length < size); count++) {
      const library = { name: `l${interfaces.length - 1}-${count}`, interface: one, versions: [] };
      library.versions = versionNumbers(1 + Math.floor(random() ** 2 * 20), random);
      // The first provider is there for all targets, and its oldest version fits whoever asks: there is a plan.
      const safe = count === 0;
      const supported = safe || chance(0.6) ? ["*"] : targets.filter(() => chance(0.5));
      const slots = [];
      const rank = interfaces.length - 1;
      for (let wanted = 1 + below(4); wanted > 0; wanted--) {
        const of = pick(interfaces.slice(0, rank), rank);
        if (of !== null) {
          slots.push({ of, own: chance(0.05), optional: chance(0.02) });
        }
      }
      const other = chance(0.3) ? pick(libraries, interfaces.length - 1) : null;
      for (const [index, version] of library.versions.entries()) {
        const implemented = Math.min(
          one.versions.length - 1,
          Math.floor(((index + 1) * one.versions.length) / library.versions.length),
        );
        const oldest = index === 0;
        const broken = !oldest && index === library.versions.length - 1 && chance(0.02);
        const requires = [];
        const uses = {};
        for (const slot of slots) {
          const name = slot.own ? `${slot.of.name}-own` : slot.of.name;
          if (requires.some((known) => known.slot === name)) continue;
          const base = slot.of.versions[0];
          const range = chance(0.5) ? `>=${base}` : `^${base}`;
          requires.push({ slot: name, of: slot.of.name, range, optional: slot.optional });
          uses[name] = chance(0.5) ? ["C", "C#read", "f0"] : ["f0"];
        }
        if (
          other !== null &&
          other.interface !== one &&
          !requires.some((known) => known.slot === other.name)
        ) {
          const range = `>=${other.versions[0]}`;
          requires.push({ slot: other.name, of: other.name, range, optional: false });
        }
        releases.push(
          release(library.name, version, "library", {
            provides: [
              { interface: one.name, version: one.versions[implemented], module: "src/index.ts" },
            ],
            provided: {
              [one.name]: broken
                ? signature(one.name, implemented, 9)
                : signature(one.name, implemented, Number(one.versions[implemented][0])),
            },
            requires,
            uses,
            targets: supported.length === 0 ? ["*"] : supported,
            yanked: !oldest && chance(0.005),
            effects:
              !safe && chance(0.02)
                ? [
                    {
                      effect: "float",
                      function: "mean",
                      place: { file: "src/index.ts", line: 1, column: 1 },
                    },
                  ]
                : [],
          }),
        );
      }
      if (safe) libraries.push(library);
    }
  }
  const wanted =
    app === "whole"
      ? interfaces
      : Array.from({ length: 12 }, () => pick(interfaces, below(interfaces.length)));
  const requires = [...new Set(wanted)].map(({ name }) => ({
    slot: name,
    of: name,
    range: "*",
    // All that can be had: so that the whole catalog matters and there is a plan.
    optional: app === "whole",
  }));
  return {
    releases,
    request: {
      root: release("app", "1.0.0", "app", { requires, targets: ["*"] }),
      targets,
      locked: [],
      upgrade: [],
      with: [],
      without: [],
      prefer: [],
    },
  };
}

function release(name, version, kind, more) {
  const { signature: own = null, provided = {}, uses = {}, effects = [], ...manifest } = more;
  return {
    manifest: {
      name,
      version,
      description: "",
      license: "ISC",
      kind,
      module: null,
      provides: [],
      requires: [],
      targets: ["*"],
      conflicts: {},
      config: {},
      yanked: false,
      prefers: {},
      settings: {},
      catalogs: [],
      ...manifest,
    },
    integrity: `sha512-${name}-${version}`,
    signature: own,
    provided,
    uses,
    effects,
  };
}

/** Oldest first: patches, minors and now and then a major. */
function versionNumbers(count, random) {
  let [major, minor, patch] = [1, 0, 0];
  return Array.from({ length: count }, (_, index) => {
    if (index > 0) {
      const kind = random();
      if (kind < 0.08) [major, minor, patch] = [major + 1, 0, 0];
      else if (kind < 0.5) [minor, patch] = [minor + 1, 0];
      else patch += 1;
    }
    return `${major}.${minor}.${patch}`;
  });
}

/** What a module exports: a class and as many functions as the version has. Equal content is not the same object, as in an index. */
function signature(name, index, major) {
  const place = { file: `src/${name}.ts`, line: 1, column: 1 };
  const primitive = (width) => ({ kind: "primitive", name: width });
  const shape = {
    parameters: [{ name: "a", type: primitive(major > 8 ? "u64" : "u16"), optional: false }],
    returns: primitive("i32"),
  };
  const exports = {
    C: {
      kind: "class",
      construct: null,
      members: {
        read: { kind: "method", ...shape, place },
        write: { kind: "method", ...shape, place },
      },
      place,
    },
  };
  for (let count = 0; count <= index + 2; count++)
    exports[`f${count}`] = { kind: "function", ...shape, place };
  return { exports };
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32, T. Ettinger, 2017). */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
