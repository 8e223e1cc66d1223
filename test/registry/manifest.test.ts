import { existsSync, readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseManifest } from "../../registry/manifest.ts";

const library = {
  name: "tcpip",
  version: "1.0.0",
  license: "ISC",
  unipkg: {
    kind: "library",
    provides: {
      udp: { version: "1.0.0", module: "src/udp.ts" },
      tcp: { version: "1.0.0", module: "src/tcp.ts" },
    },
    requires: {
      netdev: "^1.0.0",
      htdocs: { interface: "kv-ro", range: "^1" },
      helper: { package: "@acme/helper", range: "*", optional: true },
    },
    optional: { entropy: "^1.0.0" },
    when: {
      xen: { requires: { xenstore: "^1.0.0" } },
      unix: { requires: { xenstore: "^1.0.0", tap: "^2.0.0" } },
    },
    config: { address: { type: "ipv4-cidr", doc: "static address", default: "10.0.0.2/24" } },
  },
};

/** `UP102 3:5 message | hint` of every problem. */
function problemsOf(manifest: unknown): readonly string[] {
  const text = typeof manifest === "string" ? manifest : JSON.stringify(manifest, null, 2);
  const result = parseManifest(text, "package.json");
  if (result.ok) return [];
  return result.problems.map(({ code, message, place, hint }) => {
    const spot = place === undefined ? "?" : `${place.line}:${place.column}`;
    return `${code} ${spot} ${message}${hint === undefined ? "" : ` | ${hint}`}`;
  });
}

function withUnipkg(change: Record<string, unknown>): unknown {
  return { ...library, unipkg: { ...library.unipkg, ...change } };
}

describe("parseManifest", () => {
  it("reads a library, lists sorted, requirements of targets joined", () => {
    const result = parseManifest(JSON.stringify(library), "package.json");
    expect(result.ok && result.value).toMatchObject({
      kind: "library",
      module: null,
      provides: [{ interface: "tcp" }, { interface: "udp" }],
      requires: [
        { slot: "entropy", of: "entropy", range: "^1.0.0", optional: true },
        { slot: "helper", of: "@acme/helper", range: "*", optional: true },
        { slot: "htdocs", of: "kv-ro", range: "^1", optional: false },
        { slot: "netdev", of: "netdev", range: "^1.0.0", optional: false },
        { slot: "tap", of: "tap", range: "^2.0.0", optional: false, when: ["unix"] },
        {
          slot: "xenstore",
          of: "xenstore",
          range: "^1.0.0",
          optional: false,
          when: ["unix", "xen"],
        },
      ],
      targets: ["*"],
      config: { address: { type: "ipv4-cidr", default: "10.0.0.2/24" } },
      yanked: false,
    });
  });

  it("gives an app its entry", () => {
    const result = parseManifest(
      '{"name":"a","version":"1.0.0","unipkg":{"kind":"app","settings":{"http1":{"port":80}}}}',
      "package.json",
    );
    expect(result.ok && result.value).toMatchObject({
      module: "src/main.ts",
      settings: { http1: { port: 80 } },
    });
  });

  it("reads every manifest of the recipes", () => {
    const folders = readdirSync("recipes")
      .flatMap((kind) => readdirSync(`recipes/${kind}`).map((name) => `recipes/${kind}/${name}`))
      .map((folder) => `${folder}/package.json`)
      .filter((file) => existsSync(file));
    expect(folders.length).toBeGreaterThan(9);
    for (const file of folders) expect(problemsOf(readFileSync(file, "utf8")), file).toEqual([]);
  });

  it("tells all mistakes at once, each with its key and place", () => {
    const text = `{
  "name": "TCPip",
  "version": "1.0",
  "unipkg": {
    "kind": "library",
    "provide": {},
    "provides": { "tcp": { "version": "1.0.0", "module": "../tcp.ts" } },
    "requires": {
      "netdev": "one",
      "config": "^1.0.0",
      "kv": { "interface": "kv-ro", "package": "kv-ro", "rang": "^1.0.0" }
    },
    "targets": ["*", "xne"],
    "config": { "port": { "type": "u61", "doc": "" }, "Mtu": { "type": "u8", "doc": "x", "default": 256 } },
    "prefers": {}
  }
}`;
    expect(problemsOf(text)).toMatchInlineSnapshot(`
      [
        "UP102 2:11 \`name\` must be a package name: lower case, such as "tcpip" or "@acme/firewall"",
        "UP102 3:14 \`version\` must be a version such as "1.0.0" | three numbers: https://semver.org",
        "UP102 6:5 \`unipkg.provide\` is not a key that unipkg knows here | did you mean \`provides\`?",
        "UP102 7:58 \`unipkg.provides.tcp.module\` must be a source file inside the package, such as "src/tcp.ts"",
        "UP102 9:17 \`unipkg.requires.netdev\` must be a range of versions, such as "^1.0.0" or "*"",
        "UP102 10:17 \`unipkg.requires.config\` cannot be a slot: \`config\` is the package's own settings",
        "UP102 11:13 \`unipkg.requires.kv\` names an \`interface\` and a \`package\`: a slot has one of them",
        "UP102 11:13 \`unipkg.requires.kv\` needs the key \`range\`, such as "^1.0.0"",
        "UP102 11:57 \`unipkg.requires.kv.rang\` is not a key that unipkg knows here | did you mean \`range\`?",
        "UP102 13:16 \`unipkg.targets\` has "*" for all targets, and others beside it",
        "UP102 13:22 \`unipkg.targets.1\` is not a known target | did you mean \`xen\`?",
        "UP102 14:25 \`unipkg.config.port\` needs the key \`doc\`: a sentence for the one who sets it",
        "UP102 14:35 \`unipkg.config.port.type\` must be one of: bool, file, folder, i32, i64, ipv4, ipv4-cidr, ipv6, ipv6-cidr, string, u16, u32, u64, u8 | did you mean \`u16\`?",
        "UP102 14:62 \`unipkg.config.Mtu\` must be named in camelCase, and not by a word of the language: the source imports it by this name",
        "UP102 14:101 \`unipkg.config.Mtu.default\` must be a whole number from 0 to 255",
        "UP102 15:16 \`unipkg.prefers\` has no meaning in a package of kind "library"",
      ]
    `);
  });

  it.each([
    ["not JSON", '{ "name": }'],
    ["a list", "[]"],
    ["empty", ""],
    ["comments", '{ /* no */ "name": "a" }'],
    ["deep nesting", "[".repeat(100_000)],
    ["a key twice", '{"name":"a","name":"b","version":"1.0.0","unipkg":{"kind":"app"}}'],
    ["no block", '{"name":"a","version":"1.0.0","unipgk":{"kind":"app"}}'],
    ["a library without content", { ...library, unipkg: { kind: "library" } }],
    ["a target without its block", { ...library, unipkg: { kind: "target" } }],
    ["a key of another kind", withUnipkg({ settings: {} })],
    ["a slot twice", withUnipkg({ optional: { netdev: "^1.0.0" } })],
    [
      "a slot of two things",
      withUnipkg({
        when: {
          xen: { requires: { xenstore: { interface: "x", range: "*" } } },
          unix: { requires: { xenstore: "*" } },
        },
      }),
    ],
    [
      "constants of one name",
      withUnipkg({
        config: { a: { type: "ipv4-cidr", doc: "d" }, aPrefix: { type: "u8", doc: "d" } },
      }),
    ],
    [
      "constants of one name, of IPv6",
      withUnipkg({
        config: { a: { type: "ipv6", doc: "d" }, aLow: { type: "u64", doc: "d" } },
      }),
    ],
    [
      "a wrong default",
      withUnipkg({ config: { a: { type: "ipv4", doc: "d", default: "10.0.0.256" } } }),
    ],
    ["a mistyped kind", withUnipkg({ kind: "libary" })],
  ])("refuses %s", (_, manifest) => {
    expect(problemsOf(manifest)).toMatchSnapshot();
  });

  it("never throws: any text, any JSON, any value in a valid manifest's place", () => {
    const total = (text: string) => {
      const result = parseManifest(text, "package.json");
      if (!result.ok) expect(result.problems.length).toBeGreaterThan(0);
    };
    fc.assert(fc.property(fc.string({ unit: "binary" }), total), { seed: 1 });
    fc.assert(fc.property(fc.json(), total), { seed: 2 });
    const keys = Object.keys(library.unipkg).concat(
      "settings",
      "prefers",
      "target",
      "catalogs",
      "module",
    );
    const value = fc.jsonValue({ maxDepth: 4 });
    const change = fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 4 });
    fc.assert(
      fc.property(change, (fields) => total(JSON.stringify(withUnipkg(fields)))),
      { seed: 3, numRuns: 500 },
    );
    const cut = fc.tuple(fc.nat(), fc.nat(), fc.string());
    const text = JSON.stringify(library, null, 1);
    fc.assert(
      fc.property(cut, ([from, length, insert]) => {
        const at = from % text.length;
        total(text.slice(0, at) + insert + text.slice(at + (length % 40)));
      }),
      { seed: 4, numRuns: 500 },
    );
  });
});
