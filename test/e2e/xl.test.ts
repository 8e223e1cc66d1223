// `unipkg run` on a Xen host, with an `xl` that only plays its part; test/e2e/xen has the same words said to the real one.
// Needs: cc.

import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readState, xlConfiguration } from "../../linker/native/xl.ts";
import { cli, temporaryFolder, unipkg, unipkgOk } from "../support/unipkg.ts";

const folder = temporaryFolder();
const app = join(folder.path, "hello");

beforeAll(() => {
  unipkgOk(folder.path, "init", "hello", "--template", "hello");
});

afterAll(() => folder.remove());

/** Runs the image with an `xl` whose domain prints a line and is then as `row` says. */
function runWith(row: string, createStatus = 0) {
  const bin = join(folder.path, "bin");
  mkdirSync(bin, { recursive: true });
  const script = `#!/bin/sh
echo "$@" >> ${folder.path}/said
case "$1" in
create) [ ${createStatus} = 0 ] || echo "no bridge" >&2; exit ${createStatus} ;;
console) printf 'Hello from the domain\\r'; sleep 0.2; printf '\\n'; exec sleep 60 ;;
list) echo "Name ID Mem VCPUs State Time(s) UUID Reason-Code Security Label"; echo "$3 ${row}" ;;
esac
`;
  writeFileSync(join(bin, "xl"), script);
  chmodSync(join(bin, "xl"), 0o755);
  writeFileSync(join(folder.path, "said"), "");
  const words = [cli, "-C", app, "run", "--target", "xen", "--on", "xen"];
  const environment = { ...process.env, PATH: `${bin}:${process.env["PATH"]}` };
  const outcome = spawnSync(process.execPath, words, { encoding: "utf8", env: environment });
  const said = readFileSync(join(folder.path, "said"), "utf8");
  return {
    ...outcome,
    said: said.replaceAll(/hello-\d+/g, "hello-PID").replaceAll(folder.path, ""),
  };
}

test("a domain that powers off is status 0, and is destroyed", () => {
  const { status, stdout, said } = runWith("7 16 1 ---s-- 0.1 UUID 0 -");
  expect(stdout).toBe("Hello from the domain\n");
  expect(status).toBe(0);
  expect(said.split("\n").sort()).toEqual([
    "",
    "console hello-PID",
    'create -p -q /hello/build/hello-xen.cfg name="hello-PID" on_poweroff="preserve" on_reboot="preserve" on_crash="preserve" on_watchdog="preserve"',
    "destroy hello-PID",
    "list -v hello-PID",
    "unpause hello-PID",
  ]);
});

test("a domain that crashes is status 134", () => {
  expect(runWith("7 16 1 ---sc- 0.1 UUID 3 -").status).toBe(134);
});

test("a domain that others end is told", () => {
  const { status, stderr } = runWith("7 16 1 ---s-- 0.1 UUID 1 -");
  expect(stderr).toContain("error[UP611]");
  expect(stderr).toContain("for Xen's reason 1");
  expect(status).toBe(1);
});

test("what xl refuses is told in its words", () => {
  const { status, stderr } = runWith("", 3);
  expect(stderr).toContain("error[UP610]");
  expect(stderr).toContain("no bridge");
  expect(status).toBe(1);
});

test("without xl", () => {
  const { status, stderr } = unipkg(app, "run", "--target", "xen", "--on", "xen");
  expect(stderr).toContain("error[UP612]");
  expect(status).toBe(69);
  expect(unipkg(app, "run", "--target", "xen", "--on", "mars").status).toBe(64);
});

test("a configuration with all that there is", () => {
  const domain = {
    name: "site",
    kernel: '/srv/the "site"',
    memory: 40,
    cards: 2,
    disks: ["/srv/a", "/srv/b"],
  };
  expect(xlConfiguration(domain)).toMatchInlineSnapshot(`
    "# What \`xl create\` needs for this image. Written by \`unipkg build\`, anew each time: change a copy.
    name = "site"
    type = "pvh"
    kernel = '/srv/the "site"'
    memory = 40
    vcpus = 1
    vif = [ "bridge=xenbr0", "bridge=xenbr0,devid=1" ]
    disk = [ "format=raw,vdev=xvda,access=rw,target=/srv/a", "format=raw,vdev=xvdb,access=rw,target=/srv/b" ]
    "
  `);
});

test("states of a domain", () => {
  const list =
    "Name ID\nsite    4  16  1  -b----  0.1  UUID  -  -\nold   5  16  1  ---s--  0.1  UUID  2  -\n";
  expect(readState(list, "site")).toEqual({ kind: "running" });
  expect(readState(list, "old")).toEqual({ kind: "ended", reason: 2 });
  expect(readState(list, "none")).toEqual({ kind: "gone" });
});
