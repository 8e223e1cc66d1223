// What a person asks about a plan, and what holds a plan to rules: whole outputs, and what they write.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeDesk, newerPolite, write } from "./desk.ts";
import { runCli, type Setting } from "./harness.ts";

/** Runs commands one after the other and gives all that they said. */
async function session(folder: string, lines: readonly string[], setting?: Setting) {
  const told: string[] = [];
  for (const line of lines) told.push((await runCli(folder, line.split(" "), setting)).whole);
  return told.join("\n");
}

const read = (folder: string, file: string) => readFileSync(join(folder, file), "utf8");

describe("why-not", () => {
  test("says what decides, with and without the lockfile, and how to have it all the same", async () => {
    const { app } = makeDesk();
    const lines = ["solve -q", "why-not polite", "why-not polite@^2", "why-not nobody"];
    expect(await session(app, [...lines, "why-not curt", "why-not"])).toMatchSnapshot();
  });

  test("as JSON has the answer for each target", async () => {
    const { app } = makeDesk();
    const { stdout } = await runCli(app, ["why-not", "polite", "--json"]);
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({ ok: true, name: "polite", range: "*" });
    expect(document.answers).toEqual([
      {
        target: "unix",
        kind: "worse",
        version: "1.0.0",
        level: "names",
        drawbacks: ["polite fits greeter as well as curt, which comes first by name"],
        commands: ["unipkg solve --target unix --prefer polite"],
      },
    ]);
  });
});

describe("outdated", () => {
  test("lists what an upgrade brings, and what is held back and why", async () => {
    const { app, catalog } = makeDesk();
    const before = await session(app, ["solve -q --prefer polite", "outdated"]);
    write(catalog, newerPolite);
    const after = await session(app, ["outdated", "pin polite", "outdated", "unpin polite"]);
    expect(`${before}\n${after}`).toMatchSnapshot();
  });
});

test("a locked version that was withdrawn stays, and is told; it is not taken anew", async () => {
  const { app, catalog } = makeDesk();
  write(catalog, newerPolite);
  await session(app, ["solve -q --prefer polite"]);
  const path = join(catalog, "polite-1.1.0/package.json");
  const manifest = JSON.parse(readFileSync(path, "utf8"));
  manifest.unipkg.yanked = true;
  writeFileSync(path, JSON.stringify(manifest));
  const told = await session(app, ["solve", "outdated", "solve --upgrade polite", "outdated"]);
  expect(told).toMatchSnapshot();
});

describe("pin and unpin", () => {
  test("edit package.json and nothing else of it, and the plan follows", async () => {
    const { app, catalog } = makeDesk();
    await session(app, ["solve -q --prefer polite"]);
    write(catalog, newerPolite);
    const manifest = read(app, "package.json");
    const told = await session(app, ["pin polite", "solve --upgrade --prefer polite", "tree -q"]);
    expect(`${told}\n${read(app, "package.json")}`).toMatchSnapshot();
    const rest = ["unpin pilote", "unpin polite", "pin polite@^7", "pin nobody"];
    expect(await session(app, [...rest, "solve -q --pin polite@2"])).toMatchSnapshot();
    expect(read(app, "package.json")).toBe(manifest);
  });
});

describe("policies", () => {
  test("of the manifest are held to, and cited with their place", async () => {
    const { app } = makeDesk();
    const path = join(app, "package.json");
    const withPolicies = (...policies: readonly string[]) => {
      const manifest = JSON.parse(read(app, "package.json"));
      manifest.unipkg.policies = policies;
      writeFileSync(path, JSON.stringify(manifest, null, 2));
    };
    withPolicies("forbid package curt");
    const passed = await session(app, ["solve", "why-not curt"]);
    withPolicies("forbid package curt", "licences MIT except greeter, console, unix");
    const refused = await session(app, ["solve"]);
    withPolicies("forbid effects:float", "permit all", "only scope acme", "licences");
    expect([passed, refused, await session(app, ["solve"])].join("\n")).toMatchSnapshot();
  });

  test("of an organisation are found upwards, in the environment and on the command line", async () => {
    const { app } = makeDesk();
    const root = dirname(app);
    const file = (name: string, text: string) => {
      mkdirSync(dirname(join(root, name)), { recursive: true });
      writeFileSync(join(root, name), text);
      return join(root, name);
    };
    file(".unipkg-policy", "# of all our applications\n\nforbid package curt   # rude\n");
    const named = file("org/named", "forbid package polite\n");
    const above = await session(app, ["solve"]);
    const option = await session(app, ["solve --policy ../org/named"]);
    const environment = await session(app, ["solve"], { environment: { UNIPKG_POLICY: named } });
    const missing = await session(app, ["solve --policy ../org/none"]);
    file("org/named", "forbid\nlicences ISC, (MIT)\n");
    const faults = await session(app, ["solve --policy ../org/named"]);
    const told = [above, option, environment, missing, faults].join("\n");
    expect(told.replaceAll(root, "ROOT")).toMatchSnapshot();
  });
});

describe("a saved case", () => {
  test("is solved again elsewhere, with the same answer", async () => {
    const { app } = makeDesk();
    const file = join(dirname(app), "case.json");
    const solved = await runCli(app, ["solve", "--explain", "--save-case", "../case.json"]);
    expect(solved.stderr).toContain("note: ../case.json has the question and ");
    const again = await runCli("/", ["solve", "--explain", "--case", file]);
    expect(again.stdout).toBe(solved.stdout);

    const failed = await runCli(app, ["solve", "--target", "uinx", "--save-case", file, "-q"]);
    const failedAgain = await runCli("/", ["solve", "--case", file, "-q"]);
    expect(failedAgain.stderr).toBe(failed.stderr);
    expect([failed.status, failedAgain.status]).toEqual([1, 1]);
  });

  test("that is none is refused", async () => {
    const { app } = makeDesk();
    expect(
      await session(app, [
        "solve --case nothing.json",
        "solve --case package.json",
        "solve --case case.json --target xen --prefer polite",
        "solve --hide-names",
      ]),
    ).toMatchSnapshot();
  });
});
