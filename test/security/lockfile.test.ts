// A lockfile that somebody edited: it must not decide where packages come from, nor what is in them.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fakeRegistry } from "../support/fake-registry.ts";
import { Person, packageFiles, startRegistry } from "../support/registry.ts";

const dice = packageFiles(
  "dice",
  "@acme/dice",
  "1.0.0",
  { kind: "library", module: "src/dice.ts" },
  { "src/dice.ts": "export function roll(): u32 {\n  return 4;\n}\n" },
);

const app = packageFiles(
  "desk",
  "desk",
  "1.0.0",
  { kind: "app", requires: { console: "^1.0.0", "@acme/dice": "^1.0.0" } },
  {
    "src/main.ts":
      'import { log } from "console";\nimport { roll } from "@acme/dice";\nexport function main(): void {\n  log(roll().toString());\n}\n',
  },
);

test("an edited lockfile is noticed, and nothing is fetched from where it says", {
  timeout: 300_000,
}, async () => {
  const registry = await startRegistry();
  const evil = await fakeRegistry(() => null);
  const ann = new Person();
  ann.unipkgOk(".", ["login", "--registry", registry.url, "--scope", "@acme"], registry.token);
  ann.unipkgOk(".", ["registry", "org", "acme"]);
  ann.write({ ...dice, ...app });
  ann.unipkgOk("dice", ["publish"]);
  ann.unipkgOk("desk", ["solve"]);
  const path = join(ann.folder, "desk/unipkg.lock");
  const honest = readFileSync(path, "utf8");
  const line = honest.split("\n").find((each) => each.includes('"@acme/dice@1.0.0": {'))!;
  const integrity = /"integrity": "(sha512-[^"]+)"/.exec(line)![1]!;
  const edits: Readonly<Record<string, string>> = {
    "another registry": line.replace(registry.url, evil.url),
    "a file of this machine": line.replace(registry.url, "file:///etc"),
    "a repository of git": line.replace(registry.url, `git+${evil.url}x.git`),
    "another content": line.replace(integrity, `sha512-${"A".repeat(86)}==`),
    "a weak digest": line.replace(integrity, "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk="),
    "no integrity": line.replace(`"integrity": "${integrity}", `, ""),
    "another name": line.replace("@acme/dice@", "@evil/dice@"),
    "a key that every object has": line.replace('"@acme/dice@1.0.0"', '"__proto__"'),
  };
  const told: string[] = [];
  for (const [what, edited] of Object.entries(edits)) {
    expect(edited, what).not.toBe(line);
    writeFileSync(path, honest.replace(line, edited));
    const { status, stderr } = ann.unipkg("desk", ["solve", "--locked"]);
    const text = stderr
      .replaceAll(registry.url, "URL/")
      .replaceAll(evil.url, "EVIL/")
      .replaceAll(/sha512-[\w+/]+=*/g, "sha512-…")
      .replaceAll(/unipkg\.lock:\d+:\d+/g, "unipkg.lock:LINE");
    told.push(`${what}: status ${status}\n${text}`);
  }
  expect(told.join("\n")).toMatchSnapshot();
  expect(evil.requests).toEqual([]);
});
