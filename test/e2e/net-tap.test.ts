// web on unix with our own TCP/IP on a tap interface, in a network namespace of the test's own.
// Needs: root, cc, curl, ip, ping.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Client, makeSite, type Site } from "../support/site.ts";
import { type Running, start, unipkgOk } from "../support/unipkg.ts";

const namespace = `unipkg-test-${process.pid}`;
const inside = ["netns", "exec", namespace];
const unable = whyUnable();

describe.skipIf(unable !== null)(unable === null ? "a tap" : `a tap (SKIPPED: ${unable})`, () => {
  let site: Site;
  let server: Running;
  let client: Client;

  beforeAll(async () => {
    for (const line of [
      "netns add NS",
      "-n NS tuntap add tap0 mode tap",
      "-n NS address add 10.77.0.1/24 dev tap0",
      "-n NS address add fd00:77::1/64 dev tap0 nodad",
      "-n NS link set tap0 up",
    ]) {
      execFileSync("ip", line.replace("NS", namespace).split(" "));
    }
    site = makeSite();
    unipkgOk(site.folder, "solve", "--target", "unix", "--with", "tcpip");
    const set = ["--set", "tcpip.address=10.77.0.2/24", "--set", "tcpip.address6=fd00:77::2/64"];
    unipkgOk(site.folder, "build", "--target", "unix", ...set, "--output", "web");
    server = start("ip", [...inside, join(site.folder, "web")], site.folder);
    await server.until("8080");
    client = new Client(site, "http://10.77.0.2:8080", ["ip", ...inside]);
  });

  afterAll(async () => {
    await server?.stop();
    spawnSync("ip", ["netns", "delete", namespace]);
    site?.remove();
  });

  test("the image answers ping", () => {
    const words = [...inside, "ping", "-c", "3", "-i", "0.2", "-w", "10", "10.77.0.2"];
    expect(execFileSync("ip", words, { encoding: "utf8" })).toContain("3 received");
  });

  test("it answers ping by IPv6, whole in fragments, and serves by IPv6", async () => {
    await server.until("fd00:77::2/64");
    const words = [...inside, "ping", "-6", "-c", "3", "-i", "0.2", "-w", "10"];
    for (const more of [[], ["-s", "4000"]]) {
      const said = execFileSync("ip", [...words, ...more, "fd00:77::2"], { encoding: "utf8" });
      expect(said).toContain("3 received");
    }
    await new Client(site, "http://[fd00:77::2]:8080", ["ip", ...inside]).expectFiles();
  });

  test("it has an address of its own, locally administered", () => {
    const show = (...words: readonly string[]) =>
      execFileSync("ip", ["-n", namespace, ...words], { encoding: "utf8" });
    const neighbour = /lladdr (\S+)/.exec(show("neighbour", "show", "10.77.0.2"))?.[1];
    const kernel = /link\/ether (\S+)/.exec(show("link", "show", "tap0"))?.[1];
    expect(neighbour).toMatch(/^.[26ae](:..){5}$/);
    expect(neighbour).not.toBe(kernel);
  });

  test("every file is answered byte for byte", () => client.expectFiles());

  test("one connection serves many requests", () => client.expectKeptConnection());

  test("1,000 requests from 20 connections lose nothing", () => client.expectMany(1000, 20));

  test("a second image is told that the tap is taken, a name without an interface that there is none", () => {
    for (const name of ["tap0", "absent"]) {
      const words = [...inside, "env", `UNIPKG_NET0=${name}`, join(site.folder, "web")];
      const { stderr } = spawnSync("ip", words, { encoding: "utf8", timeout: 10_000 });
      expect(stderr).toContain("tcpip: there is no network device");
    }
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
