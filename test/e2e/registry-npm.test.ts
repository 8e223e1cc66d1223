// The real npm client does everything that it can do with our registry.
import { join } from "node:path";
import { expect, test } from "vitest";
import { Person, packageFiles, startRegistry } from "../support/registry.ts";

const source = {
  "src/a.ts": "export declare function f(a: i32): u16;\n",
  "README.md": "# Read me\n",
};
const block = { kind: "interface", module: "src/a.ts" };

const noTarget = `
const Module = require("node:module");
const load = Module._load;
Module._load = function (name, ...rest) {
  if (name !== "@sigstore/tuf") return load.call(this, name, ...rest);
  const none = Object.assign(new Error("no such target"), { code: "TUF_FIND_TARGET_ERROR" });
  return { initTUF: async () => ({ getTarget: async () => { throw none; } }) };
};
`;

test("npm: from login to logout", { timeout: 400_000 }, async () => {
  const registry = await startRegistry(["--open-registration"]);
  const ann = new Person();
  const npmrc = (token: string) =>
    ann.write({
      ".home/npmrc": `registry=${registry.url}\n//127.0.0.1:${registry.port}/:_authToken=${token}\n`,
    });
  ann.write({ ".home/npmrc": `registry=${registry.url}\n` });
  // `npm login` asks on a terminal; what it sends then is this.
  const login = async (name: string, password: string) => {
    const answer = await fetch(`${registry.url}-/user/org.couchdb.user:${name}`, {
      method: "PUT",
      body: JSON.stringify({
        _id: `org.couchdb.user:${name}`,
        name,
        password,
        type: "user",
        roles: [],
      }),
    });
    return { status: answer.status, ...((await answer.json()) as { token?: string }) };
  };
  expect((await login("ann", "short")).status).toBe(400);
  const made = await login("ann", "correct horse battery");
  expect(made.status).toBe(201);
  expect((await login("ann", "another password")).status).toBe(401);
  npmrc(made.token!);

  ann.npmOk(".", "ping");
  expect(ann.npmOk(".", "whoami").stdout).toBe("ann\n");
  ann.write(packageFiles("one", "@ann/one", "1.0.0", block, source));
  ann.npmOk("one", "publish");
  ann.write(packageFiles("one", "@ann/one", "1.1.0", block, source));
  ann.npmOk("one", "publish", "--tag", "next");
  expect(JSON.parse(ann.npmOk(".", "view", "@ann/one", "versions", "--json").stdout)).toEqual([
    "1.0.0",
    "1.1.0",
  ]);
  expect(ann.npmOk(".", "dist-tag", "ls", "@ann/one").stdout).toBe("latest: 1.0.0\nnext: 1.1.0\n");
  ann.npmOk(".", "dist-tag", "add", "@ann/one@1.1.0", "latest");
  ann.npmOk(".", "dist-tag", "rm", "@ann/one", "next");
  expect(ann.npmOk(".", "dist-tag", "ls", "@ann/one").stdout).toBe("latest: 1.1.0\n");
  ann.npmOk(".", "deprecate", "@ann/one@1.0.0", "too old");
  expect(ann.npmOk(".", "view", "@ann/one@1.0.0", "deprecated").stdout).toBe("too old\n");
  ann.npmOk(".", "deprecate", "@ann/one@1.0.0", "");
  expect(ann.npmOk(".", "view", "@ann/one@1.0.0", "deprecated").stdout.trim()).toBe("");
  expect(ann.npmOk(".", "search", "one").stdout).toContain("@ann/one");
  expect(ann.npmOk(".", "owner", "ls", "@ann/one").stdout).toContain("ann");
  expect(ann.npmOk(".", "token", "list").stdout).toContain("npm login");

  ann.write({
    "user/package.json": '{"name":"user","version":"1.0.0","dependencies":{"@ann/one":"^1.0.0"}}',
  });
  ann.npmOk("user", "install", "--no-audit", "--no-fund");
  expect(ann.run("cat", ["node_modules/@ann/one/src/a.ts"], "user", "").stdout).toBe(
    source["src/a.ts"],
  );
  ann.npmOk("user", "audit");
  // npm looks for keys in the repository of sigstore first, and has no network here: it is told what it is told of
  // every registry but npmjs, that there are none.
  ann.write({ "tuf.cjs": noTarget });
  const signatures = (...words: readonly string[]) => {
    const environment = `NODE_OPTIONS=--require=${join(ann.folder, "tuf.cjs")}`;
    return ann.run("env", [environment, "npm", "audit", "signatures", ...words], "user", "");
  };
  expect(signatures()).toMatchObject({
    status: 0,
    stdout: expect.stringContaining("1 package has a verified registry signature"),
  });
  // A new key changes nothing of what the old one signed.
  const admin = { method: "POST", headers: { authorization: `Bearer ${registry.token}` } };
  expect((await fetch(`${registry.url}-/unipkg/keys/rotate`, admin)).status).toBe(200);
  expect(signatures("--json").status).toBe(0);

  ann.npmOk(".", "unpublish", "@ann/one@1.0.0");
  expect(JSON.parse(ann.npmOk(".", "view", "@ann/one", "versions", "--json").stdout)).toEqual([
    "1.1.0",
  ]);
  // The number is gone for good.
  ann.write(packageFiles("one", "@ann/one", "1.0.0", block, source));
  expect(ann.npm("one", "publish", "--tag", "old").stderr).toContain("never comes back");

  ann.npmOk(".", "logout");
  npmrc(made.token!);
  expect(ann.npm(".", "whoami").status).not.toBe(0);
});
