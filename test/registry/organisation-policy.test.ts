import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Release } from "../../model/release.ts";
import { parseManifest } from "../../registry/manifest.ts";
import { isAbout, readOrganisationPolicy } from "../../registry/organisation-policy.ts";
import type { Entry } from "../../registry/server/event.ts";
import {
  markOf,
  newestOffered,
  offeredFrom,
  offeredTags,
  waitingVersions,
} from "../../registry/server/offered.ts";
import { violationsOf } from "../../registry/server/policy-check.ts";
import { State } from "../../registry/server/state.ts";

describe("the policy of an organisation", () => {
  test("has rules for packages, for publishers, for provenance and for age", () => {
    const read = readOrganisationPolicy(
      "\uFEFF# Acme\r\nforbid effect:unsafe-memory except @acme/netfront\r\nlicences ISC, MIT\r\nonly publishers ann and bob for @acme/firewall, @acme/net-*  # drivers\r\nonly publishers ann\r\nrequire age 3 days except @acme/urgent\r\nrequire provenance\r\n",
      "acme",
      "policy",
    );
    if (!read.ok) throw new Error(read.problems[0]!.message);
    const { rules, publishers, age, provenance } = read.value;
    expect(rules.map(({ text, place }) => `${place.line}: ${text}`)).toEqual([
      "2: forbid effect:unsafe-memory except @acme/netfront",
      "3: licences ISC, MIT",
    ]);
    expect(publishers.map(({ accounts, line }) => ({ accounts, line }))).toEqual([
      { accounts: ["ann", "bob"], line: 4 },
      { accounts: ["ann"], line: 5 },
    ]);
    const about = (name: string) => publishers.map((rule) => isAbout(rule, name));
    expect(about("@acme/firewall")).toEqual([true, true]);
    expect(about("@acme/firewalls")).toEqual([false, true]);
    expect(about("@acme/net-card")).toEqual([true, true]);
    expect(age).toEqual({ least: 3 * 24 * 3_600_000, except: ["@acme/urgent"] });
    expect(provenance).toEqual({ except: [] });
  });

  test("every mistake has its line", () => {
    const lines = [
      "forbid effect:magic",
      "only publishers",
      "only publishers Ann",
      "only publishers other:team",
      "only publishers ann for",
      "only publishers ann for @other/x, @acme/y",
      "only publishers ann for @acme/*/x",
      "require signatures",
      "require log within 7 days",
      "trust provenance key.pub",
      "follow @other",
      "require age soon",
      "licences",
    ];
    const read = readOrganisationPolicy(lines.join("\n"), "acme", "policy");
    expect(
      read.ok ? [] : read.problems.map(({ message, place }) => `${place!.line}: ${message}`),
    ).toMatchInlineSnapshot(`
      [
        "1: policy cannot be read: \`magic\` is not an effect: float, unsafe-memory or host:MODULE",
        "2: policy cannot be read: \`only publishers\` needs the names of accounts or teams",
        "3: policy cannot be read: \`Ann\` is not the name of an account, or of a team",
        "4: policy cannot be read: \`other:team\` is not the name of an account, or of a team",
        "5: policy cannot be read: the name of a package is missing after \`for\`",
        "6: policy cannot be read: \`@other/x\` is not the name of a package of @acme",
        "7: policy cannot be read: \`@acme/*/x\` is not the name of a package of @acme",
        "8: policy cannot be read: \`require signatures\` is for those who install packages",
        "9: policy cannot be read: \`require log within 7 days\` is for those who install packages",
        "10: policy cannot be read: \`trust provenance key.pub\` is for those who install packages",
        "11: policy cannot be read: \`follow @other\` is for those who install packages",
        "12: policy cannot be read: \`require age soon\` is not something that can be required",
        "13: policy cannot be read: the name of a licence is missing",
      ]
    `);
  });

  test("any text is read, or refused", () => {
    const word = fc.constantFrom(
      ..."only publishers for ann @acme/x @acme/* and , forbid effect:float licences MIT require age 3 days provenance follow @acme except # \n".split(
        " ",
      ),
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(word, fc.string()), { maxLength: 30 }), (words) => {
        const read = readOrganisationPolicy(words.join(" "), "acme", "policy");
        for (const { code, place } of read.ok ? [] : read.problems) {
          expect(code).toBe("UP311");
          expect(place?.file).toBe("policy");
        }
      }),
      { seed: 865, numRuns: 1000 },
    );
  });
});

describe("what a policy has against a version", () => {
  const place = { file: "src/a.ts", line: 7, column: 3 };
  const manifestText = `{
  "name": "@acme/x",
  "version": "1.0.0-beta.1",
  "license": "GPL-3.0-only",
  "unipkg": {
    "kind": "library",
    "module": "src/a.ts",
    "requires": { "random": "^1.0.0", "@other/y": "^2.1.0" },
    "deprecated": "take another"
  }
}`;
  const manifest = parseManifest(manifestText, "package.json");
  if (!manifest.ok) throw new Error(manifest.problems[0]!.message);
  const release: Release = {
    ...{ manifest: manifest.value, integrity: "", signature: null, provided: {}, uses: {} },
    effects: [{ effect: "unsafe-memory", function: "peek", place }],
  };
  const against = (text: string, publisher = "ann", teams = ["acme:drivers"]) => {
    const policy = readOrganisationPolicy(text, "acme", "policy");
    if (!policy.ok) throw new Error(policy.problems[0]!.message);
    const found = violationsOf(policy.value, {
      ...{ release, manifestText, publisher, teams, hasProvenance: false },
    });
    return found.map(
      ({ code, message, place }) =>
        `${code} ${message}${place === undefined ? "" : ` (${place.file}:${place.line}:${place.column})`}`,
    );
  };

  test.each([
    "forbid effect:unsafe-memory",
    "licences ISC, MIT",
    "forbid prereleases",
    "forbid deprecated",
    "only scope @acme and core",
    "only scope core, @other",
    "forbid package @other/y@<3",
    "forbid package @acme/x@1.0.0-beta.1",
    "require provenance",
    "only publishers bob and eve for @acme/x",
    "only publishers acme:release for @acme/x",
  ])("%s", (line) => {
    expect(against(line).join("\n")).toMatchSnapshot();
  });

  test.each([
    "forbid effect:float",
    "forbid effect:unsafe-memory except @acme/x",
    "licences GPL-3.0-only",
    "licences MIT except @acme/x",
    "only scope @acme, core, @other",
    "only scope @acme, core except @other/y",
    "forbid package @other/y@<2",
    "forbid package @other/y@<2.5",
    "require provenance except @acme/x",
    "require age 3 days",
    "only publishers ann",
    "only publishers bob for @acme/y",
    "only publishers bob, acme:drivers for @acme/x",
  ])("nothing: %s", (line) => {
    expect(against(line)).toEqual([]);
  });

  test("no policy has nothing against anything", () => {
    const who = { publisher: "ann", teams: [] };
    const submission = { release, manifestText, ...who, hasProvenance: false };
    expect(violationsOf(null, submission)).toEqual([]);
  });

  test("all of it is told at once", () => {
    const text = "forbid prereleases\nlicences MIT\nonly publishers bob\nrequire provenance";
    expect(against(text)).toHaveLength(4);
  });
});

describe("what is offered", () => {
  const day = 24 * 3_600_000;
  const time = (days: number) => new Date(Date.UTC(2026, 0, 1) + days * day);
  const setUp = () => {
    const state = new State();
    const add = (days: number, subject: string, event: Entry["event"]) =>
      state.apply({
        ...{ seq: state.last + 1, time: time(days).toISOString(), actor: "ann" },
        ...{ subject, event },
      });
    const publish = (days: number, version: string, tag = "latest") =>
      add(days, "package:@acme/x", {
        ...{ type: "published", version, tag, archive: "", document: "", types: null },
        ...{ access: "restricted", provides: [], kind: "library" },
      });
    const setPolicy = (days: number, text: string) =>
      add(days, "organisation:acme", { type: "policy-set", text });
    add(0, "organisation:acme", { type: "organisation-created" });
    const at = (days: number) => {
      const pack = state.packages.get("@acme/x")!;
      const waiting = waitingVersions(state, pack, time(days));
      return {
        waiting: [...waiting.versions].map(
          (each) => `${each.version} ${offeredFrom(each, waiting)}`,
        ),
        newest: newestOffered(pack, waiting)?.version,
        tags: offeredTags(pack, waiting),
        mark: markOf(waiting),
      };
    };
    return { add, publish, setPolicy, at };
  };

  test("a version waits until it is old enough, and the tags with it", () => {
    const { publish, setPolicy, at } = setUp();
    setPolicy(0, "require age 3 days");
    publish(1, "1.0.0");
    publish(2, "1.1.0");
    publish(5, "2.0.0-beta.1", "next");
    publish(6, "1.2.0");
    expect(at(3)).toMatchObject({ newest: undefined, tags: {} });
    expect(at(4)).toMatchObject({ newest: "1.0.0", tags: { latest: "1.0.0" } });
    expect(at(7)).toEqual({
      waiting: ["2.0.0-beta.1 2026-01-09T00:00:00.000Z", "1.2.0 2026-01-10T00:00:00.000Z"],
      newest: "1.1.0",
      tags: { latest: "1.1.0" },
      mark: expect.stringMatching(/^-/),
    });
    expect(at(8).tags).toEqual({ latest: "1.1.0", next: "2.0.0-beta.1" });
    expect(at(9)).toEqual({
      ...{ waiting: [], newest: "1.2.0", mark: "" },
      tags: { latest: "1.2.0", next: "2.0.0-beta.1" },
    });
  });

  test("what is withdrawn, or only tried, is the last that is taken instead", () => {
    const { add, publish, setPolicy, at } = setUp();
    publish(1, "1.0.0");
    publish(1, "1.2.0");
    publish(1, "1.1.0");
    publish(1, "1.3.0-beta.1", "next");
    add(2, "package:@acme/x", { type: "yanked", version: "1.2.0" });
    setPolicy(8, "require age 3 days");
    publish(9, "1.3.0");
    expect(at(9).newest).toBe("1.1.0");
    add(9, "package:@acme/x", { type: "unpublished", version: "1.1.0" });
    add(9, "package:@acme/x", { type: "unpublished", version: "1.0.0" });
    expect(at(9).newest).toBe("1.3.0-beta.1");
    add(9, "package:@acme/x", { type: "unpublished", version: "1.3.0-beta.1" });
    expect(at(9).newest).toBe("1.2.0");
  });

  test("a policy holds as it stands", () => {
    const { publish, setPolicy, at } = setUp();
    publish(5, "1.0.0");
    expect(at(5).waiting).toEqual([]);
    setPolicy(5, "require age 3 days");
    const before = at(6);
    expect(before.waiting).toHaveLength(1);
    setPolicy(6, "require age 4 days");
    // The same versions, but for another time: another document.
    expect(at(6).mark).not.toBe(before.mark);
    setPolicy(6, "require age 3 days except @acme/x");
    expect(at(6).waiting).toEqual([]);
    setPolicy(6, "");
    expect(at(6).waiting).toEqual([]);
  });
});
