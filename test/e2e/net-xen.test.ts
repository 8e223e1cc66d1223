// web on xen with our own TCP/IP and a virtio card, in QEMU's user network: DHCP, a forwarded port, curl.
// Needs: cc, curl, qemu-system-x86_64.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { qemuArguments, qemuCommand } from "../../linker/native/qemu.ts";
import { Client, makeSite, type Site } from "../support/site.ts";
import { cli, freePort, type Running, start, unipkg, unipkgOk } from "../support/unipkg.ts";

let site: Site;
let server: Running;
let plan: string;
let client: Client;

beforeAll(async () => {
  site = makeSite();
  plan = unipkgOk(site.folder, "solve", "--target", "xen").stdout;
  const port = await freePort();
  const words = ["run", "--target", "xen", "--forward", `${port}:8080`];
  server = start(process.execPath, [cli, ...words], site.folder);
  await server.until(`forwarding 127.0.0.1:${port} to port 8080 of the image`);
  await server.until("tcpip: 10.0.2.15/24 by DHCP, gateway 10.0.2.2");
  client = new Client(site, `http://127.0.0.1:${port}`);
});

afterAll(async () => {
  await server?.stop();
  site?.remove();
});

test("the plan has our own TCP/IP over whichever card there is", () => {
  expect(plan).toMatch(/tcp → tcpip .*preferred by target/);
  expect(plan).toMatch(/netdev → xen-netdev /);
});

test("every file is answered byte for byte", () => client.expectFiles());

test("one connection serves many requests", () => client.expectKeptConnection());

// QEMU lets one connection wait for a forwarded port: more at a time try again after seconds.
test("1,000 requests from 4 connections lose nothing", () => client.expectMany(1000, 4));

test("without a card the image says so", () => {
  const image = join(site.folder, "build/site-xen");
  const words = qemuArguments(image, { memory: 320, accelerator: "tcg" });
  const { stdout } = spawnSync(qemuCommand, words, { encoding: "utf8", timeout: 20_000 });
  expect(stdout).toContain("tcpip: there is no network device");
});

test("--forward is refused where it makes no sense", () => {
  for (const wrong of ["8080", "0:80", "80:65536", "a:b"]) {
    const { status, stderr } = unipkg(site.folder, "run", "--target", "xen", "--forward", wrong);
    expect(stderr).toContain(`\`--forward\` cannot be "${wrong}"`);
    expect(status).toBe(64);
  }
});
