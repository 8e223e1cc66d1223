import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isNetwork, isWithin, mayOn, stranger, visitorOf } from "../../registry/server/access.ts";
import { Attempts } from "../../registry/server/attempts.ts";
import { EmbeddedStorage } from "../../registry/server/embedded-storage.ts";
import type { Entry, Right } from "../../registry/server/event.ts";
import { State } from "../../registry/server/state.ts";
import { makeToken, parseToken } from "../../registry/server/token.ts";
import { testFolder } from "../support/unipkg.ts";

test("tokens are told from texts that only look like them", () => {
  const { id, text } = makeToken();
  expect(parseToken(text)).toMatchObject({ id });
  const at = text.length - 10;
  const mistyped = text.slice(0, at) + (text[at] === "a" ? "b" : "a") + text.slice(at + 1);
  expect(parseToken(mistyped)).toBeNull();
  fc.assert(
    fc.property(fc.string(), (word) => {
      expect(parseToken(word)).toBeNull();
    }),
    { seed: 7 },
  );
});

describe("networks", () => {
  test.each([
    ["10.1.2.3", "10.0.0.0/8", true],
    ["11.1.2.3", "10.0.0.0/8", false],
    ["::ffff:10.1.2.3", "10.0.0.0/8", true],
    ["192.168.1.5", "192.168.1.5", true],
    ["192.168.1.6", "192.168.1.5", false],
    ["2001:db8::1", "2001:db8::/32", true],
    ["2001:db9::1", "2001:db8::/32", false],
    ["::1", "::1/128", true],
    ["10.1.2.3", "2001:db8::/32", false],
    ["nonsense", "0.0.0.0/0", false],
  ])("%s in %s: %s", (address, network, is) => {
    expect(isWithin(address, network)).toBe(is);
    expect(isNetwork(network)).toBe(true);
  });

  test.each(["10.0.0.0/33", "10.0.0/8", "10.0.0.0/-1", "10.0.0.0/8/8", "host", "::/129", ""])(
    "%s is none",
    (text) => {
      expect(isNetwork(text)).toBe(false);
    },
  );
});

/** A state with an organisation, a member of each role, and a token of each right for each of them. */
function organisation(): {
  state: State;
  token(account: string, rights: Right, scopes?: string[]): string;
} {
  const state = new State();
  const add = (subject: string, event: Entry["event"]) =>
    state.apply({
      seq: state.last + 1,
      time: "2026-01-01T00:00:00Z",
      actor: "admin",
      subject,
      event,
    });
  add("organisation:acme", { type: "organisation-created" });
  for (const role of ["read", "publish", "admin"] as const) {
    const account = `${role}er`;
    add(`account:${account}`, {
      type: "account-created",
      password: null,
      email: "",
      administrator: false,
    });
    add("organisation:acme", { type: "member-set", account, role });
  }
  return {
    state,
    token: (account, rights, scopes) => {
      const { id, text, hash } = makeToken();
      add(`token:${id}`, {
        type: "token-created",
        ...{ account, hash, name: "", rights, scopes: scopes ?? null, networks: [], expires: null },
      });
      return text;
    },
  };
}

test("a right is the lesser of the account's role and the token's", () => {
  const { state, token } = organisation();
  const now = new Date(0);
  const may = (text: string, name: string, wanted: Right) =>
    mayOn(state, visitorOf(state, text, "127.0.0.1", now) ?? stranger, name, wanted);
  const order: readonly Right[] = ["read", "publish", "admin"];
  for (const role of order) {
    for (const rights of order) {
      for (const wanted of order) {
        const expected =
          order.indexOf(wanted) <= Math.min(order.indexOf(role), order.indexOf(rights));
        expect(
          may(token(`${role}er`, rights), "@acme/x", wanted),
          `${role} ${rights} ${wanted}`,
        ).toBe(expected);
        expect(may(token(`${role}er`, rights, ["other"]), "@acme/x", wanted)).toBe(false);
        expect(may(token(`${role}er`, rights), "@other/x", wanted)).toBe(false);
        // An account's own scope.
        expect(may(token(`${role}er`, rights), `@${role}er/x`, wanted)).toBe(
          order.indexOf(wanted) <= order.indexOf(rights),
        );
      }
    }
  }
  expect(mayOn(state, stranger, "@acme/x", "read")).toBe(false);
});

test("failed attempts are forgotten one by one", () => {
  const attempts = new Attempts();
  for (let count = 0; count < 10; count++) {
    expect(attempts.wait("here", 0)).toBe(0);
    attempts.failed("here", 0);
  }
  expect(attempts.wait("here", 0)).toBeGreaterThan(0);
  expect(attempts.wait("there", 0)).toBe(0);
  expect(attempts.wait("here", attempts.wait("here", 0) * 1000)).toBe(0);
});

describe("the log", () => {
  const tag = (name: string, version: string) => ({
    actor: "ann",
    subject: `package:${name}`,
    event: { type: "tagged", tag: "latest", version } as const,
  });

  test("of two who change one thing, one is told to look again", async () => {
    const storage = await EmbeddedStorage.open(join(testFolder(), "data"));
    const results = await Promise.all([
      storage.append([tag("x", "1.0.0")], 0),
      storage.append([tag("x", "2.0.0")], 0),
      storage.append([tag("y", "1.0.0")], 0),
    ]);
    expect(results.map((result) => result !== null)).toEqual([true, false, true]);
    await storage.close();
  });

  test("one server works on a folder", async () => {
    const folder = join(testFolder(), "data");
    const storage = await EmbeddedStorage.open(folder);
    await expect(EmbeddedStorage.open(folder)).rejects.toThrow("another server is running");
    await storage.close();
  });

  test("a line that was cut off goes; a line that was changed is noticed", async () => {
    const folder = join(testFolder(), "data");
    const log = join(folder, "log.ndjson");
    const fill = await EmbeddedStorage.open(folder);
    for (const version of ["1.0.0", "1.0.1", "1.0.2"]) {
      await fill.append([tag("x", version)], fill.state.lastOf("package:x"));
    }
    await fill.close();
    const whole = readFileSync(log, "utf8");
    appendFileSync(log, whole.slice(0, 40));
    const again = await EmbeddedStorage.open(folder);
    expect(again.state.packages.get("x")!.tags.get("latest")).toBe("1.0.2");
    await again.append([tag("x", "1.0.3")], 3);
    await again.close();
    expect(readFileSync(log, "utf8").startsWith(whole)).toBe(true);

    writeFileSync(log, readFileSync(log, "utf8").replace("1.0.1", "6.6.6"));
    await expect(EmbeddedStorage.open(folder)).rejects.toThrow("does not follow");
  });
});
