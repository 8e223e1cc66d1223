// How problems look: the place with its source line and carets, details, hint.
import { describe, expect, test } from "vitest";
import { excerpt } from "../../cli/excerpt.ts";
import { Report } from "../../cli/report.ts";
import type { Problem } from "../../model/problem.ts";

const manifest = '{\n  "unipkg": {\n    "requires": { "tcpipp": "^1.0.0" }\n  }\n}\n';

const problem: Problem = {
  code: "UP201",
  message: 'no such package "tcpipp"',
  place: { file: "package.json", line: 3, column: 19 },
  details: ["required by my-site", "", "on unix"],
  hint: "did you mean `tcpip`?",
};

function told(problems: readonly Problem[], terminal: boolean, path: string): string {
  const parts: string[] = [];
  const stderr = {
    write: (text: string | Uint8Array) => void parts.push(String(text)),
    terminal,
    columns: 80,
  };
  const world = { folder: "/site/src", environment: {}, stdout: stderr, stderr };
  const report = new Report(world, { json: false, color: "auto", quiet: false });
  report.findSource = () => ({ path, text: manifest });
  report.problems(problems);
  return parts.join("");
}

describe("a problem", () => {
  test("in a pipe", () => {
    expect(told([problem], false, "/site/src/package.json")).toMatchInlineSnapshot(`
      "error[UP201]: no such package "tcpipp"
        --> package.json:3:19
         |
       3 |     "requires": { "tcpipp": "^1.0.0" }
         |                   ^^^^^^^^
        required by my-site

        on unix
      hint: did you mean \`tcpip\`?
      "
    `);
  });

  test("on a terminal", () => {
    expect(
      told([problem], true, "/site/src/package.json").replaceAll("\u001b", "ESC"),
    ).toMatchInlineSnapshot(`
      "ESC[31mESC[1merror[UP201]ESC[22mESC[39mESC[1m: no such package "tcpipp"ESC[22m
        ESC[34m-->ESC[39m package.json:3:19
         ESC[34m|ESC[39m
       ESC[34m3ESC[39m ESC[34m|ESC[39m     "requires": { "tcpipp": "^1.0.0" }
         ESC[34m|ESC[39m                   ESC[31m^^^^^^^^ESC[39m
        required by my-site

        on unix
      ESC[36mhint:ESC[39m did you mean ESC[1m\`tcpip\`ESC[22m?
      "
    `);
  });

  test.each([
    ["/site/package.json", "../package.json"],
    ["/a/package.json", "/a/package.json"],
  ])("at %s is told by a path that a terminal can open", (path, shown) => {
    expect(told([problem], false, path)).toContain(`--> ${shown}:3:19\n`);
  });

  test("in a package is told with the package", () => {
    const place = { package: "tcpip", version: "1.0.0", file: "src/tcp.ts", line: 1, column: 1 };
    expect(told([{ ...problem, place }], false, "/catalog/tcpip/src/tcp.ts")).toContain(
      "--> tcpip@1.0.0 src/tcp.ts:1:1\n",
    );
  });
});

describe("excerpt", () => {
  const same = (text: string) => text;
  const cases: readonly [string, string, number, number, readonly string[]][] = [
    [
      "marks a name",
      "  export const port: u16",
      1,
      16,
      ["   |", " 1 |   export const port: u16", "   |                ^^^^"],
    ],
    ["keeps tabs", "\tlisten(80);", 1, 2, ["   |", " 1 | \tlisten(80);", "   | \t^^^^^^"]],
    ["marks the end of a line", "a +", 1, 4, ["   |", " 1 | a +", "   |    ^"]],
    ["is nothing for a line that is not there", "a", 7, 1, []],
    ["is nothing for a column that is not there", "a", 1, 9, []],
  ];
  test.each(cases)("%s", (_, text, line, column, expected) => {
    expect(excerpt(text, { file: "x.ts", line, column }, same, same)).toEqual(expected);
  });

  test("makes room for long line numbers", () => {
    const text = `${"\n".repeat(119)}let x`;
    expect(excerpt(text, { file: "x.ts", line: 120, column: 5 }, same, same)).toEqual([
      "     |",
      " 120 | let x",
      "     |     ^",
    ]);
  });
});
