import { describe, expect, it } from "vitest";
import { rewriteImports } from "../../registry/imports.ts";

const source = `// import { a } from "comment";
/* export * from "comment"; */
import { listen, Handler as H } from "tcp"; import * as kv from 'kv-ro';
const text = "import x from 'string'"; const template = \`export * from "tcp" \${1}\`;
export { get } from
  "kv-ro";
export * from "./other";
import "./side";
export function f(): i32 { return 8 / 2 /* from "tcp" */ / 1; }
`;

describe("rewriteImports", () => {
  it("changes specifiers alone, and tells their places", () => {
    const seen: string[] = [];
    const result = rewriteImports(source, "src/a.ts", (specifier, { file, line, column }) => {
      seen.push(`${specifier} ${file}:${line}:${column}`);
      return specifier.startsWith(".") ? null : `../slot/${specifier}`;
    });
    expect(seen).toEqual([
      "tcp src/a.ts:3:38",
      "kv-ro src/a.ts:3:65",
      "kv-ro src/a.ts:6:3",
      "./other src/a.ts:7:15",
      "./side src/a.ts:8:8",
    ]);
    expect(result.ok && result.value).toBe(
      source
        .replace('"tcp";', '"../slot/tcp";')
        .replace("'kv-ro'", '"../slot/kv-ro"')
        .replace('  "kv-ro"', '  "../slot/kv-ro"'),
    );
  });

  it("leaves a source without imports as it is", () => {
    const result = rewriteImports("let a: i32 = 1;\r\n", "a.ts", () => "x");
    expect(result).toEqual({ ok: true, value: "let a: i32 = 1;\r\n" });
  });

  it("tells every syntax error with its place", () => {
    const result = rewriteImports("import { a from 'b';\nlet = 1;\n", "src/a.ts", () => null);
    expect(result).toMatchInlineSnapshot(`
      {
        "ok": false,
        "problems": [
          {
            "code": "UP401",
            "message": "'}' expected",
            "place": {
              "column": 10,
              "file": "src/a.ts",
              "line": 1,
            },
          },
          {
            "code": "UP401",
            "message": "Identifier expected",
            "place": {
              "column": 1,
              "file": "src/a.ts",
              "line": 2,
            },
          },
        ],
      }
    `);
  });
});
