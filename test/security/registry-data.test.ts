// The folder of a registry in other hands: an old copy, changed lines, lost blobs. And what packages would like to run.
import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Person, packageFiles, startRegistry, type TestRegistry } from "../support/registry.ts";
import { projectRoot, testFolder, unipkg } from "../support/unipkg.ts";

const block = { kind: "interface", module: "src/a.ts" };
const source = { "src/a.ts": "export declare function f(a: i32): u16;\n" };

/** A registry that two versions were published at, and a client that saw its log. */
async function published(): Promise<{ registry: TestRegistry; ann: Person }> {
  const registry = await startRegistry();
  const ann = new Person();
  ann.unipkgOk(".", ["login", "--registry", registry.url, "--scope", "@acme"], registry.token);
  ann.unipkgOk(".", ["registry", "org", "acme"]);
  for (const version of ["1.0.0", "1.0.1"]) {
    ann.write(packageFiles("one", "@acme/one", version, block, source));
    ann.unipkgOk("one", ["publish"]);
  }
  const checkpoint = await fetch(`${registry.url}-/unipkg/log/checkpoint`, {
    headers: { authorization: `Bearer ${registry.token}` },
  });
  expect(checkpoint.status).toBe(200);
  return { registry, ann };
}

test("a registry that lost what it signed does not start", { timeout: 200_000 }, async () => {
  const { registry } = await published();
  await registry.running.stop();
  const log = join(registry.data, "log.ndjson");
  const lines = readFileSync(log, "utf8").trimEnd().split("\n");
  truncateSync(log, Buffer.byteLength(`${lines.slice(0, -1).join("\n")}\n`));
  const outcome = unipkg(
    projectRoot,
    "registry",
    "serve",
    "--data",
    registry.data,
    "--listen",
    "127.0.0.1:0",
  );
  expect(outcome.status).toBe(78);
  expect(outcome.stderr).toMatch(
    /UP815.*entries, but \d+ were there when its head was signed last/,
  );
});

test("what was changed in the folder is found", { timeout: 200_000 }, async () => {
  const { registry } = await published();
  // A copy is made while the server runs, as a backup is.
  const copy = () => {
    const folder = join(testFolder(), "copy");
    cpSync(registry.data, folder, { recursive: true, filter: (path) => !path.endsWith(".sock") });
    return folder;
  };
  const verify = (folder: string) => unipkg(projectRoot, "registry", "verify", "--data", folder);
  const whole = verify(copy());
  expect(whole).toMatchObject({ status: 0, stdout: expect.stringContaining("all is whole") });

  const changes: Readonly<Record<string, (folder: string) => void>> = {
    "a line": (folder) => {
      const log = join(folder, "log.ndjson");
      writeFileSync(
        log,
        readFileSync(log, "utf8").replace('"version":"1.0.1"', '"version":"1.0.2"'),
      );
    },
    "a blob that is lost": (folder) => {
      const blobs = join(folder, "blobs/sha512");
      rmSync(join(blobs, readdirSync(blobs).sort()[0]!));
    },
    "a blob with other bytes": (folder) => {
      const blobs = join(folder, "blobs/sha512");
      writeFileSync(join(blobs, readdirSync(blobs).sort()[0]!), "other bytes");
    },
    "an old log": (folder) => {
      const log = join(folder, "log.ndjson");
      const lines = readFileSync(log, "utf8").trimEnd().split("\n");
      writeFileSync(log, `${lines.slice(0, 3).join("\n")}\n`);
    },
    "other keys": (folder) => {
      const path = join(folder, "keys.json");
      const { log: _, ...keys } = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
      const pem =
        "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n";
      writeFileSync(path, JSON.stringify({ ...keys, log: pem }));
    },
    "no keys": (folder) => rmSync(join(folder, "keys.json")),
  };
  const told = Object.entries(changes).map(([what, change]) => {
    const folder = copy();
    change(folder);
    const { status, stderr } = verify(folder);
    expect(status, what).toBe(65);
    const text = stderr
      .replaceAll(folder, "FOLDER")
      .replaceAll(/sha512-\S+/g, "sha512-…")
      .replaceAll(/SHA256:\S+/g, "SHA256:…");
    return `${what}\n${text.replace(/the (archive|document|types) of @acme\/one@1\.0\.\d/g, "a blob of @acme/one")}`;
  });
  expect(told.join("\n")).toMatchSnapshot();
});

test("scripts of packages are told, and never run", { timeout: 200_000 }, async () => {
  const { ann } = await published();
  const files = packageFiles(
    "two",
    "@acme/two",
    "1.0.0",
    { kind: "library", module: "src/a.ts" },
    {
      "src/a.ts": "export function f(): u32 {\n  return 1;\n}\n",
    },
  );
  const marker = join(ann.folder, "ran");
  const manifest = JSON.parse(files["two/package.json"]!) as object;
  const touch = `touch ${marker}`;
  const scripts = {
    preinstall: touch,
    install: touch,
    postinstall: touch,
    prepare: touch,
    prepublishOnly: touch,
  };
  ann.write({ ...files, "two/package.json": JSON.stringify({ ...manifest, scripts }) });
  expect(ann.unipkgOk("two", ["publish"]).stderr).toContain(
    "preinstall and install and postinstall and prepare of package.json will not be run",
  );
  ann.write(
    packageFiles(
      "app",
      "app",
      "1.0.0",
      { kind: "app", requires: { console: "^1.0.0", "@acme/two": "^1.0.0" } },
      {
        "src/main.ts":
          'import { log } from "console";\nimport { f } from "@acme/two";\nexport function main(): void {\n  log(f().toString());\n}\n',
      },
    ),
  );
  ann.unipkgOk("app", ["solve"]);
  expect(ann.unipkgOk("app", ["dev", "--once"]).stdout).toBe("1\n");
  expect(existsSync(marker)).toBe(false);
});
