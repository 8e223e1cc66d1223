// What the command line says of itself: help, mistakes, JSON, colours. Whole outputs.
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { globalOptions } from "../../cli/command.ts";
import { loadCommands } from "../../cli/commands.ts";
import { completionScript } from "../../cli/completion-script.ts";
import { problemTitles } from "../../model/problem.ts";
import { projectRoot, testFolder } from "../support/unipkg.ts";
import { runCli } from "./harness.ts";

const commands = await loadCommands();

describe("help", () => {
  test("of all commands", async () => {
    expect((await runCli("/", [])).whole).toMatchSnapshot();
  });

  test.each(commands.map((command) => command.name))("of %s", async (name) => {
    const { whole, stdout } = await runCli("/", [name, "--help"]);
    expect(whole).toMatchSnapshot();
    expect((await runCli("/", ["help", name])).stdout).toBe(stdout);
    expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(120);
  });

  test("examples use the options that are declared", () => {
    for (const { name, options, examples } of commands) {
      const known = [...options, ...globalOptions].flatMap(({ name: long, short }) => [
        `--${long}`,
        ...(short === undefined ? [] : [`-${short}`]),
      ]);
      expect(examples.length).toBeGreaterThan(0);
      for (const { line } of examples) {
        expect(line).toContain(`unipkg ${name}`);
        const [, own = ""] = line.split(`unipkg ${name}`);
        const used = own.split(/\s+/).filter((word) => /^--?[a-zA-Z]/.test(word));
        for (const option of used) expect(known).toContain(option.replace(/=.*/, ""));
      }
    }
  });
});

describe("mistakes", () => {
  const lines: readonly (readonly string[])[] = [
    ["sovle"],
    ["zzz"],
    ["solve", "--taget", "xen", "--colour=never"],
    ["solve", "--target"],
    ["solve", "--timeout", "soon"],
    ["solve", "xen"],
    ["add"],
    ["--color", "blue"],
    ["build", "--locked=yes"],
    ["completion", "tcsh"],
    ["help", "sovle"],
    ["run", "--json"],
    ["build", "--set", "port=80", "--memory", "lots"],
    ["solve", "--with", "http@latest"],
    ["tree"],
    ["build", "unix"],
    ["-C", "/nowhere", "tree"],
  ];
  test.each(lines.map((words) => [words.join(" "), words] as const))("%s", async (_, words) => {
    expect((await runCli("/", words)).whole).toMatchSnapshot();
  });

  test("as one JSON document under --json", async () => {
    const { status, stdout, stderr } = await runCli("/", ["--json", "solve", "--taget", "xen"]);
    expect(status).toBe(64);
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual({
      ok: false,
      problems: [
        {
          title: problemTitles.UP702,
          code: "UP702",
          message: 'unknown option "--taget"',
          hint: "did you mean `--target`?",
        },
      ],
    });
  });

  test("a package.json without a unipkg block is passed by, and told when nothing else is there", async () => {
    const folder = testFolder();
    mkdirSync(join(folder, "inner"));
    writeFileSync(join(folder, "package.json"), '{ "bin": { "unipkg": "main.js" } }');
    const { stderr } = await runCli(join(folder, "inner"), ["tree"]);
    expect(stderr.replaceAll(folder, "OUTER")).toMatchInlineSnapshot(`
      "error[UP704]: FOLDER is not in the folder of an application
        OUTER/package.json has no \`unipkg\` block
      hint: make one with \`unipkg init my-app\`, or name its folder with \`-C DIR\`
      "
    `);
  });
});

describe("colours", () => {
  const escapeCode = "\u001b[";
  const cases: readonly [string, readonly string[], Record<string, string>, boolean, boolean][] = [
    ["not in a pipe", [], {}, false, false],
    ["on a terminal", [], {}, true, true],
    ["not on a dumb terminal", [], { TERM: "dumb" }, true, false],
    ["not with NO_COLOR", [], { NO_COLOR: "1" }, true, false],
    ["with an empty NO_COLOR", [], { NO_COLOR: "" }, true, true],
    ["with FORCE_COLOR in a pipe", [], { FORCE_COLOR: "1" }, false, true],
    ["with FORCE_COLOR over NO_COLOR", [], { FORCE_COLOR: "1", NO_COLOR: "1" }, false, true],
    ["not with FORCE_COLOR=0", [], { FORCE_COLOR: "0" }, true, false],
    ["by --color always", ["--color", "always"], { NO_COLOR: "1" }, false, true],
    ["not by --color never", ["--color=never"], { FORCE_COLOR: "1" }, true, false],
  ];
  test.each(cases)("%s", async (_, words, environment, terminal, expected) => {
    const told = await runCli("/", ["help", ...words], { environment, terminal });
    expect(told.stdout.includes(escapeCode)).toBe(expected);
  });
});

describe("templates", () => {
  test("of init are the apps that are shipped", () => {
    const template = commands
      .find((command) => command.name === "init")
      ?.options.find((option) => option.name === "template");
    expect(template?.complete).toEqual(readdirSync(join(projectRoot, "recipes/apps")).sort());
  });
});

describe("completion of bash", () => {
  // Commands that complete packages and targets ask unipkg, which answers by a list of two here.
  const script = [
    "unipkg() { printf '%s\\n' alpha beta; }",
    ...completionScript("bash", commands),
    'complete_line() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _unipkg; }',
  ].join("\n");
  const cases: readonly [readonly string[], string][] = [
    [["so"], "solve"],
    [["-C", "/tmp", "bu"], "build"],
    [["solve", "--ta"], "--target"],
    [["solve", "--target", "b"], "beta"],
    [["add", "a"], "alpha"],
    [["--color", "a"], "auto always"],
    [["completion", ""], "bash zsh fish"],
    [["init", "--template", "w"], "web"],
    [["run", "--accel", ""], "auto kvm tcg"],
  ];
  test.each(cases)("%j", (words, expected) => {
    const { stdout, stderr, status } = spawnSync(
      "bash",
      ["-c", `${script}\ncomplete_line unipkg "$@"; echo "\${COMPREPLY[*]}"`, "bash", ...words],
      { encoding: "utf8" },
    );
    expect({ stdout: stdout.trim(), status }, stderr).toEqual({ stdout: expected, status: 0 });
  });

  test.each(["bash", "zsh", "fish"])("of %s has every command and option", (shell) => {
    const text = completionScript(shell, commands).join("\n");
    for (const { name, options } of commands) {
      expect(text).toContain(name);
      for (const option of options) expect(text).toContain(option.name);
    }
  });
});
