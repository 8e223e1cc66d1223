// A small application with a catalog of its own, for the tests of commands.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { testFolder } from "../support/unipkg.ts";

type Files = Readonly<Record<string, string>>;

function manifest(name: string, version: string, description: string, unipkg: object): string {
  return `${JSON.stringify({ name, version, description, license: "ISC", unipkg }, null, 2)}\n`;
}

function greeter(name: string, version: string, extra: object = {}): Files {
  return {
    [`${name}-${version}/package.json`]: manifest(name, version, `Greets, ${name}`, {
      kind: "library",
      provides: { greeter: { version: "1.0.0", module: "src/greeter.ts" } },
      ...extra,
    }),
    [`${name}-${version}/src/greeter.ts`]: `export function greeting(name: string): string {\n  return "${name}: " + name;\n}\n`,
  };
}

const catalog: Files = {
  "greeter/package.json": manifest("greeter", "1.0.0", "Greetings", {
    kind: "interface",
    module: "src/greeter.ts",
  }),
  "greeter/src/greeter.ts":
    "/** What is said to a person. */\nexport declare function greeting(name: string): string;\n",
  ...greeter("polite", "1.0.0"),
  ...greeter("curt", "1.0.0", { notice: "Says no more than it must" }),
};

/** A newer version of `polite`, to appear later. */
export const newerPolite = greeter("polite", "1.1.0");

/** Says that it provides `greeter`, but its result is a number. */
export const liar: Files = {
  "liar/package.json": manifest("liar", "1.0.0", "Promises too much", {
    kind: "library",
    provides: { greeter: { version: "1.0.0", module: "src/greeter.ts" } },
  }),
  "liar/src/greeter.ts":
    "export function greeting(name: string): i32 {\n  return name.length;\n}\n",
};

/** With the tabs and the blank line that a person might have put there. */
export const deskManifest = `{
\t"name": "desk",
\t"version": "0.1.0",

\t"unipkg": {
\t\t"kind": "app",
\t\t"requires": {
\t\t\t"console": "^1.0.0",
\t\t\t"greeter": "^1.0.0"
\t\t},
\t\t"catalogs": ["../catalog"]
\t}
}
`;

const desk: Files = {
  "package.json": deskManifest,
  "src/main.ts": `import { log } from "console";
import { greeting } from "greeter";

export function main(): void {
  log(greeting("you"));
}
`,
};

export function write(folder: string, files: Files): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/** Folders of a fresh application and its catalog; they go away with the test. */
export function makeDesk(): { readonly app: string; readonly catalog: string } {
  const folder = testFolder();
  const made = { app: join(folder, "desk"), catalog: join(folder, "catalog") };
  write(made.app, desk);
  write(made.catalog, catalog);
  return made;
}
