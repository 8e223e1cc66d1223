// What an author meets who makes a mistake: a provider that lies is refused before anything is built, and a
// program that fails says where in the author's own files. Needs: cc, qemu-system-x86_64.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { testFolder, unipkg, unipkgOk } from "../support/unipkg.ts";

function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/** An application of the template `hello` with a source of its own. */
function appOf(source: string): string {
  const folder = testFolder();
  unipkgOk(folder, "init", "app", "--template", "hello");
  const app = join(folder, "app");
  write(app, { "src/main.ts": source });
  return app;
}

test("a provider with a wrong parameter width is refused at solve time with both places; nothing is built", () => {
  const app = appOf(
    'import { greet } from "greeter";\nexport function main(): void {\n  greet(3);\n}\n',
  );
  write(app, {
    "packages/greeter/package.json": JSON.stringify({
      name: "greeter",
      version: "1.0.0",
      license: "ISC",
      unipkg: { kind: "interface", module: "src/greeter.ts" },
    }),
    "packages/greeter/src/greeter.ts": "export declare function greet(times: u16): string;\n",
    "packages/loud/package.json": JSON.stringify({
      name: "loud",
      version: "1.2.0",
      license: "ISC",
      unipkg: {
        kind: "library",
        provides: { greeter: { version: "1.0.0", module: "src/loud.ts" } },
      },
    }),
    "packages/loud/src/loud.ts":
      '\nexport function greet(times: u32): string {\n  return "HELLO ".repeat(<i32>times);\n}\n',
  });
  const manifest = JSON.parse(readFileSync(join(app, "package.json"), "utf8"));
  manifest.unipkg.catalogs = ["packages"];
  manifest.unipkg.requires.greeter = "^1.0.0";
  write(app, { "package.json": JSON.stringify(manifest, null, 2) });

  const { status, stderr } = unipkg(app, "solve");
  expect(status).toBe(1);
  expect(stderr).toMatchSnapshot();
  expect(unipkg(app, "build", "--target", "unix").status).toBe(1);
  expect(existsSync(join(app, "build"))).toBe(false);
  expect(existsSync(join(app, "unipkg.lock"))).toBe(false);

  write(app, {
    "packages/loud/src/loud.ts":
      'export function greet(times: u16): string {\n  return "HELLO";\n}\n',
  });
  expect(unipkg(app, "run", "--target", "unix").status).toBe(0);
});

const failing = `import { log } from "console";
let numbers: i32[] = [1];
export function main(): void {
  log(third(numbers).toString());
}
function third(list: i32[]): i32 {
  log(list.length.toString()); return list[2];
}
`;

test.each(["unix", "xen"])(
  "an index out of range is told with the author's own line on %s",
  (target) => {
    const { status, stdout, stderr } = unipkg(appOf(failing), "run", "--target", target);
    expect(status).toBe(134);
    expect(stdout + stderr).toMatch(
      /abort: Index out of range (at|from) .* \(app\/src\/main\.ts:7\)/,
    );
  },
);

test("an index out of range is told with the author's own line under dev", () => {
  const { status, stderr } = unipkg(appOf(failing), "dev", "--once");
  expect(status).toBe(134);
  expect(stderr).toMatch(/Index out of range at \S+ \(app\/src\/main\.ts:7\)/);
});

test("a source that does not compile is told at its place, and the last image stays", () => {
  const app = appOf(
    'import { log } from "console";\nexport function main(): void {\n  log("one");\n}\n',
  );
  unipkgOk(app, "build", "--target", "unix", "--output", "image");
  const before = readFileSync(join(app, "image"));
  write(app, {
    "src/main.ts": 'import { log } from "console";\nexport function main(): void {\n  log(1);\n}\n',
  });
  const { status, stderr } = unipkg(app, "build", "--target", "unix", "--output", "image");
  expect(status).toBe(1);
  expect(stderr).toContain("src/main.ts:3:7");
  expect(readFileSync(join(app, "image")).equals(before)).toBe(true);
});
