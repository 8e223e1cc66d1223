// The lockfile's format: round trips, stable bytes, one entry a line, and what is said of broken ones.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  formatLockfile,
  type Lockfile,
  lockfileOf,
  parseLockfile,
  parsePackageId,
  plansOf,
} from "../../model/lockfile.ts";
import type { Plan } from "../../model/plan.ts";

const name = fc.stringMatching(/^(@[a-z0-9]{1,3}\/)?[a-z0-9][a-z0-9._-]{0,5}$/);
const version = fc.tuple(fc.nat(9), fc.nat(9), fc.nat(9)).map((parts) => parts.join("."));
const id = fc.tuple(name, version).map((pair) => pair.join("@"));
const instance = fc.oneof(
  name,
  fc.tuple(name, name, name).map(([provider, of, slot]) => `${provider}#${of}.${slot}`),
);

const lockfile: fc.Arbitrary<Lockfile> = fc
  .record({
    tools: fc.dictionary(name, version),
    layout: fc.option(fc.constantFrom("0".repeat(32), "0123456789abcdef".repeat(2)), {
      nil: undefined,
    }),
    packages: fc.dictionary(
      id,
      fc.record({
        integrity: fc.base64String().map((text) => `sha512-${text}`),
        source: fc.string(),
      }),
    ),
    plans: fc.dictionary(
      name,
      fc.record({
        bindings: fc.dictionary(instance, fc.dictionary(name, instance)),
        picks: fc.array(fc.nat()),
      }),
    ),
  })
  .map(({ tools, layout, packages, plans }) => {
    const ids = Object.keys(packages);
    const planned = Object.entries(plans).map(([target, { bindings, picks }]) => {
      const chosen = ids.length === 0 ? [] : picks.map((pick) => ids[pick % ids.length]!);
      return [target, { packages: [...new Set(chosen)].sort(), bindings }] as const;
    });
    return {
      tools,
      ...(layout !== undefined && { layout }),
      packages,
      plans: Object.fromEntries(planned),
    };
  });

/** The same content with the order of all names turned round. */
function reversed<T>(value: T): T {
  if (Array.isArray(value) || typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, each]) => [key, reversed(each)] as const);
  return Object.fromEntries(entries.reverse()) as T;
}

describe("formatLockfile", () => {
  test("is read back as it was, for any content", () => {
    fc.assert(
      fc.property(lockfile, (content) => {
        expect(parseLockfile(formatLockfile(content), "unipkg.lock")).toEqual({
          ok: true,
          value: content,
        });
      }),
    );
  });

  test("gives the same bytes in whatever order the content comes", () => {
    fc.assert(
      fc.property(lockfile, (content) => {
        expect(formatLockfile(reversed(content))).toBe(formatLockfile(content));
      }),
    );
  });

  test("is what docs/lockfile.md shows", () => {
    expect(
      formatLockfile(lockfileOf([example], { unipkg: "0.1.0" }, () => ({ source: "bundled" }))),
    ).toBe(text);
  });
});

const example: Plan = {
  target: "unix",
  root: "my-site",
  packages: [
    { name: "assets", version: "1.0.0", integrity: "sha512-a" },
    { name: "kv-ro", version: "1.0.0", integrity: "sha512-k" },
    { name: "my-site", version: "0.1.0", integrity: "sha512-m" },
    { name: "unix", version: "1.0.0", integrity: "sha512-u" },
  ],
  bindings: [
    {
      consumer: "my-site",
      slot: "htdocs",
      interface: "kv-ro",
      provider: "assets#my-site.htdocs",
      reason: "only provider",
    },
  ],
};

const text = `{
  "lockVersion": 1,
  "tools": {
    "unipkg": "0.1.0"
  },
  "packages": {
    "assets@1.0.0": { "integrity": "sha512-a", "source": "bundled" },
    "kv-ro@1.0.0": { "integrity": "sha512-k", "source": "bundled" },
    "unix@1.0.0": { "integrity": "sha512-u", "source": "bundled" }
  },
  "plans": {
    "unix": {
      "packages": [
        "assets@1.0.0",
        "kv-ro@1.0.0",
        "unix@1.0.0"
      ],
      "bindings": {
        "my-site": {
          "htdocs": "assets#my-site.htdocs"
        }
      }
    }
  }
}
`;

test("plansOf gives back the plans, the root's own entry aside, as locked", () => {
  const lock = lockfileOf([example], {}, () => ({ source: "bundled" }));
  expect(plansOf(lock, "my-site", () => "kv-ro")).toEqual([
    {
      ...example,
      packages: example.packages.filter((each) => each.name !== "my-site"),
      bindings: example.bindings.map((binding) => ({ ...binding, reason: "locked" })),
    },
  ]);
});

test("parsePackageId leaves a scope's @ in the name", () => {
  expect(parsePackageId("@acme/firewall@2.0.0")).toEqual({
    name: "@acme/firewall",
    version: "2.0.0",
  });
});

describe("parseLockfile names what is wrong and where", () => {
  const broken: readonly [string, string][] = [
    ["half a file", text.slice(0, 100)],
    ["a merge conflict", text.replace('  "packages": {', '<<<<<<< HEAD\n  "packages": {')],
    ["a newer format", text.replace('"lockVersion": 1', '"lockVersion": 2')],
    ["no version", text.replace('"lockVersion": 1', '"lockversion": 1')],
    ["a layout of words", text.replace('  "packages": {', '  "layout": "any",\n  "packages": {')],
    ["a list", "[]"],
    ["a package without integrity", text.replace('"integrity": "sha512-k", ', "")],
    ["a plan that names a stranger", text.replace('        "kv-ro@1.0.0",', '        "x@1.0.0",')],
    ["a binding that is a number", text.replace('"assets#my-site.htdocs"', "7")],
  ];
  test.each(broken)("%s", (_, content) => {
    const read = parseLockfile(content, "unipkg.lock");
    expect(read.ok ? null : read.problems).toMatchSnapshot();
  });

  test("never throws, whatever the text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (content) => {
        parseLockfile(content, "unipkg.lock");
      }),
    );
  });
});
