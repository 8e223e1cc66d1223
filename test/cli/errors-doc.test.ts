// docs/errors.md has every code, in order, under its title, with a cause and a cure, and no other; docs/cli.md has the
// exit status of each.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { commandNames } from "../../cli/commands.ts";
import { exitOf } from "../../cli/exit.ts";
import { type ProblemCode, problemTitles } from "../../model/problem.ts";
import { projectRoot } from "../support/unipkg.ts";

const text = readFileSync(join(projectRoot, "docs/errors.md"), "utf8");
const sections = text.split(/^## /m).slice(1);

test("docs/errors.md has the codes and titles of model/problem.ts", () => {
  const headings = sections.map((section) => section.split("\n")[0]);
  const titles = Object.entries(problemTitles).map(([code, title]) => `${code}: ${title}`);
  expect(headings).toEqual(titles);
});

test.each(sections.map((section) => [section.slice(0, 5), section] as const))(
  "%s has a cause and a cure",
  (_, section) => {
    expect(section).toMatch(/^\*Cause\.\* .{20,}/m);
    expect(section).toMatch(/^\*Cure\.\* .{15,}/m);
  },
);

test("docs/cli.md has the exit status of every code", () => {
  const cli = readFileSync(join(projectRoot, "docs/cli.md"), "utf8");
  const codes = Object.keys(problemTitles) as ProblemCode[];
  const documented = new Map<string, number>();
  for (const [, status, cell] of cli.matchAll(/^\| (\d+) \|.*\|([^|]*)\|$/gm)) {
    for (const [range, from, to] of cell!.matchAll(/(UP\d+)(?:\.\.(UP\d+))?/g)) {
      for (const code of codes) {
        if (to === undefined ? code === range : code >= from! && code <= to) {
          documented.set(code, Number(status));
        }
      }
    }
  }
  const actual = codes.map((code) => [code, exitOf([{ code, message: "" }])] as const);
  expect([...documented].sort()).toEqual(actual);
});

test("docs/cli.md has every command in a heading", () => {
  const cli = readFileSync(join(projectRoot, "docs/cli.md"), "utf8");
  const named = [...cli.matchAll(/^## ([a-z, -]+):/gm)].flatMap(([, names]) => names!.split(", "));
  expect(named.sort()).toEqual(commandNames.filter((name) => name !== "help").sort());
});
