import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Action, dryRun, run } from "../../linker/action.ts";
import { testFolder } from "../support/unipkg.ts";

const say = (folder: string, script: string): Action => ({
  kind: "command",
  command: "sh",
  arguments: ["-c", script],
  folder,
  purpose: "say",
});

describe("actions", () => {
  test("dryRun tells every action and does none", () => {
    const actions: Action[] = [
      { kind: "folder", path: "/nowhere/work" },
      { kind: "write", path: "/nowhere/work/a.c", content: "int a;\n" },
      {
        kind: "together",
        lists: [[say("/nowhere", "cc a.c")], [{ kind: "remove", path: "/nowhere/b" }]],
      },
      { kind: "copy", from: "/nowhere/a", to: "/nowhere/b" },
      { kind: "rename", from: "/nowhere/b", to: "/nowhere/c" },
    ];
    expect(dryRun(actions).join("\n")).toMatchInlineSnapshot(`
      "make folder /nowhere/work
      write /nowhere/work/a.c (7 bytes)
      together:
        say: sh -c cc a.c
      and:
        remove /nowhere/b
      copy /nowhere/a to /nowhere/b
      rename /nowhere/b to /nowhere/c"
    `);
    expect(existsSync("/nowhere")).toBe(false);
  });

  test("run stops at the first failure and leaves nothing half-written", async () => {
    const folder = testFolder();
    const failure = await run([
      { kind: "write", path: join(folder, "first"), content: "1" },
      say(folder, "echo out; echo err >&2; exit 3"),
      { kind: "write", path: join(folder, "second"), content: "2" },
    ]);
    expect(failure).toEqual({
      kind: "command",
      command: "sh",
      purpose: "say",
      status: 3,
      output: "out\nerr\n",
    });
    expect(readdirSync(folder)).toEqual(["first"]);
  });

  test("a command that is not there is told apart from one that fails", async () => {
    const failure = await run([
      { kind: "command", command: "no-such-cc", arguments: [], folder: "/", purpose: "compile" },
    ]);
    expect(failure).toEqual({ kind: "missing", command: "no-such-cc", purpose: "compile" });
  });

  test("a file that cannot be written leaves no temporary file", async () => {
    const folder = testFolder();
    const failure = await run([
      { kind: "folder", path: join(folder, "taken") },
      { kind: "write", path: join(folder, "taken"), content: "x" },
    ]);
    expect(failure?.kind).toBe("file");
    expect(readdirSync(folder)).toEqual(["taken"]);
  });

  test("lists that run together all run", async () => {
    const folder = testFolder();
    expect(
      await run([
        { kind: "together", lists: [[say(folder, "echo a > a")], [say(folder, "echo b > b")]] },
      ]),
    ).toBeNull();
    expect(readFileSync(join(folder, "a"), "utf8") + readFileSync(join(folder, "b"), "utf8")).toBe(
      "a\nb\n",
    );
  });
});
