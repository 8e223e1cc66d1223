// Our client against a real registry of npm's protocol that knows nothing of unipkg: packages that `unipkg publish` put
// there, one that `npm publish` did, and one whose publisher lies about what it does.
import { expect, test } from "vitest";
import { Person, packageFiles } from "../support/registry.ts";
import { startVerdaccio } from "../support/verdaccio.ts";

const provider = (name: string, version: string, body: string) =>
  packageFiles(
    name.split("/")[1]!,
    name,
    version,
    { kind: "library", provides: { random: { version: "1.0.0", module: "src/random.ts" } } },
    {
      "src/random.ts": `${body}
export function next32(): u32 { return 4; }
export function next64(): u64 { return 4; }
export function fill(bytes: Uint8Array): void { bytes.fill(4); }
`,
    },
  );

test("publish to Verdaccio, solve from it, build", { timeout: 600_000 }, async () => {
  const { url, token } = await startVerdaccio();
  const ann = new Person();
  ann.unipkgOk(".", ["login", "--registry", url, "--scope", "@acme"], token);
  expect(ann.unipkgOk(".", ["whoami"]).stdout).toBe("ann\n");
  ann.write(provider("@acme/four", "1.0.0", "// drawn by a fair dice"));
  // Verdaccio cannot tell who provides an interface; a list in the scope can.
  expect(ann.unipkgOk("four", ["publish"]).stdout).toContain(
    "@acme/unipkg-providers says now that it provides random",
  );
  expect(ann.unipkg("four", ["publish"])).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("UP809"),
  });
  // A member is gone: a major number is needed, and this client says so itself.
  const lesser = packageFiles(
    "four",
    "@acme/four",
    "1.0.1",
    { kind: "library", module: "src/random.ts" },
    {},
  );
  ann.write(lesser);
  expect(ann.unipkg("four", ["publish"])).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("make it 2.0.0"),
  });

  // npm's own publish leaves types and effects out; they are read from the archive.
  ann.write(provider("@acme/plain", "1.0.0", ""));
  ann.write({ ".home/npmrc": `registry=${url}\n//${new URL(url).host}/:_authToken=${token}\n` });
  ann.npmOk("plain", "publish");

  // The only provider that is left is nowhere named: the list tells of it.
  ann.write({
    ...packageFiles(
      "listed",
      "dice",
      "1.0.0",
      { kind: "app", requires: { random: "^1.0.0" }, conflicts: { "host-random": "*" } },
      {
        "src/main.ts":
          'import { next32 } from "random";\nexport function main(): void { next32(); }\n',
      },
    ),
    "listed/.unipkgrc": `@acme:registry=${url}\n`,
  });
  expect(ann.unipkgOk("listed", ["solve"]).stdout).toContain("@acme/four");

  const app = (of: string) =>
    packageFiles(
      "app",
      "dice",
      "1.0.0",
      { kind: "app", requires: { console: "^1.0.0", random: "^1.0.0", [of]: "^1.0.0" } },
      {
        "src/main.ts": `import { log } from "console";
import { next32 } from "random";
export function main(): void { log(next32().toString()); }
`,
      },
    );
  for (const of of ["@acme/four", "@acme/plain"]) {
    ann.write(app(of));
    expect(ann.unipkgOk("app", ["solve", "--upgrade"]).stdout).toContain(of);
    expect(ann.unipkgOk("app", ["dev", "--once"]).stdout).toContain("4");
  }

  // A publisher who tells of no effects, with a source that writes to memory by address.
  const document = (await (
    await fetch(`${url}@acme%2ffour`, { headers: { authorization: `Bearer ${token}` } })
  ).json()) as { versions: Record<string, { unipkgRelease: object }> };
  const told = document.versions["1.0.0"]!.unipkgRelease;
  const evil = provider("@acme/evil", "1.0.0", "store<u8>(65536, 1);");
  ann.write(evil);
  const packed = JSON.parse(ann.npmOk("evil", "pack", "--json").stdout)[0] as {
    filename: string;
    integrity: string;
  };
  const archive = ann.run("base64", ["-w0", packed.filename], "evil", "").stdout;
  const manifest = JSON.parse(evil["evil/package.json"]!) as object;
  const dry = JSON.parse(ann.unipkgOk("evil", ["publish", "--dry-run", "--json"]).stdout) as {
    integrity: string;
  };
  await fetch(`${url}@acme%2fevil`, {
    method: "PUT",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({
      _id: "@acme/evil",
      name: "@acme/evil",
      "dist-tags": { latest: "1.0.0" },
      versions: {
        "1.0.0": {
          ...manifest,
          unipkgRelease: { ...told, integrity: dry.integrity },
          dist: { integrity: packed.integrity, tarball: `${url}@acme/evil/-/evil-1.0.0.tgz` },
        },
      },
      _attachments: {
        "@acme/evil-1.0.0.tgz": { data: archive, content_type: "application/octet-stream" },
      },
    }),
  });
  ann.write(app("@acme/evil"));
  const refused = ann.unipkg("app", ["solve", "--upgrade"]);
  expect(refused.stderr).toContain("UP803");
  expect(refused.stderr).toContain("the effect unsafe-memory is not told");
});
