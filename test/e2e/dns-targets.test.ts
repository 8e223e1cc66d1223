// dns with our own TCP/IP: as a kernel in QEMU, and on unix with a tap. Needs: cc, dig, qemu-system-x86_64; for the tap root.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  cli,
  freePort,
  type Running,
  start,
  temporaryFolder,
  unipkgOk,
} from "../support/unipkg.ts";

const folder = temporaryFolder();
const app = join(folder.path, "names");

beforeAll(() => {
  unipkgOk(folder.path, "init", "names", "--template", "dns");
});

afterAll(() => folder.remove());

test("a kernel answers", async () => {
  const port = await freePort();
  const words = ["run", "--target", "xen", "--forward", `${port}:5353`];
  const server = start(process.execPath, [cli, ...words], app);
  try {
    await server.until("tcpip: 10.0.2.15/24 by DHCP");
    await server.until("dns: port 5353");
    // QEMU's network forwards TCP.
    const asked = ["@127.0.0.1", "-p", `${port}`, "+tcp", "+short", "+time=20", "+tries=3"];
    expect(execFileSync("dig", [...asked, "blog.example.org", "AAAA"], { encoding: "utf8" })).toBe(
      "www.example.org.\n2001:db8::80\n",
    );
  } finally {
    await server.stop();
  }
});

const namespace = `unipkg-dns-${process.pid}`;
const unable = whyUnable();

describe.skipIf(unable !== null)(unable === null ? "a tap" : `a tap (SKIPPED: ${unable})`, () => {
  let server: Running;

  beforeAll(async () => {
    for (const line of [
      "netns add NS",
      "-n NS tuntap add tap0 mode tap",
      "-n NS address add 10.78.0.1/24 dev tap0",
      "-n NS link set tap0 up",
    ]) {
      execFileSync("ip", line.replace("NS", namespace).split(" "));
    }
    unipkgOk(app, "solve", "--target", "unix", "--with", "tcpip");
    const set = ["--set", "tcpip.address=10.78.0.2/24", "--set", "names.port=53"];
    unipkgOk(app, "build", "--target", "unix", ...set, "--output", "server");
    server = start("ip", ["netns", "exec", namespace, join(app, "server")], app);
    await server.until("dns: port 53");
  });

  afterAll(async () => {
    await server?.stop();
    spawnSync("ip", ["netns", "delete", namespace]);
  });

  const dig = (...words: readonly string[]) =>
    execFileSync(
      "ip",
      ["netns", "exec", namespace, "dig", "@10.78.0.2", "+time=10", "+tries=3", ...words],
      {
        encoding: "utf8",
      },
    );

  test.each(["+notcp", "+tcp"])("answers %s", (transport) => {
    expect(dig(transport, "+short", "x.apps.example.org", "A")).toBe("192.0.2.81\n");
    expect(dig(transport, "nowhere.example.org", "A")).toContain("status: NXDOMAIN");
  });
});

/** Why no tap can be made here; null when one can. */
function whyUnable(): string | null {
  if (process.getuid?.() !== 0) return "it takes root to make one";
  if (!existsSync("/dev/net/tun")) return "there is no /dev/net/tun";
  const trial = spawnSync("ip", ["netns", "add", namespace], { encoding: "utf8" });
  if (trial.status !== 0) return `no network namespace: ${trial.stderr ?? "no ip command"}`.trim();
  spawnSync("ip", ["netns", "delete", namespace]);
  return null;
}
