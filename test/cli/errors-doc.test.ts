// docs/errors.md has every code, in order, under its title, with a cause and a cure; and no other.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { problemTitles } from "../../model/problem.ts";
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
