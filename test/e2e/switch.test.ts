// One network: a DNS server as a unix image, who asks it as a unix image, as a kernel in QEMU, and this machine through a
// tap, all on `unipkg switch`. Needs: cc, qemu-system-x86_64; for the tap root, ip, dig.
import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Namespace } from "../support/namespace.ts";
import {
  cli,
  type Outcome,
  type Running,
  start,
  temporaryFolder,
  unipkgOk,
} from "../support/unipkg.ts";

const folder = temporaryFolder();
const socket = join(folder.path, "unipkg/switch.sock");
const unable = Namespace.whyUnable();
let namespace: Namespace | null = null;
let running: Running;
let server: Running;

/** Runs `unipkg` with a runtime folder of this test's own. */
function here(words: readonly string[]): readonly [string, readonly string[]] {
  return ["env", [`XDG_RUNTIME_DIR=${folder.path}`, process.execPath, cli, ...words]];
}

function run(...words: readonly string[]): Outcome {
  const [command, all] = here(words);
  const { status, stdout, stderr } = spawnSync(command, all, {
    cwd: folder.path,
    encoding: "utf8",
    timeout: 240_000,
  });
  return { status, stdout, stderr };
}

beforeAll(async () => {
  const words = ["switch", "--listen", "off", "--stream", "127.0.0.1:0"];
  if (unable === null) {
    namespace = new Namespace(`unipkg-switch-${process.pid}`, [
      "tuntap add tap0 mode tap",
      "address add 10.9.0.2/24 dev tap0",
      "link set tap0 up",
    ]);
    const [first, ...rest] = namespace.inside;
    const [command, all] = here([...words, "--tap", "tap0"]);
    running = start(first!, [...rest, command, ...all], folder.path);
  } else {
    running = start(...here(words), folder.path);
  }
  await running.until("DHCP gives        10.9.0.128 to 10.9.0.252");
  unipkgOk(folder.path, "init", "names", "--template", "dns");
  unipkgOk(folder.path, "init", "ask", "--template", "lookup");
  unipkgOk(folder.path, "-C", "names", "solve", "--target", "unix", "--with", "tcpip");
  unipkgOk(folder.path, "-C", "ask", "solve", "--target", "unix,xen", "--with", "tcpip");
  const set = ["--set", "tcpip.address=10.9.0.53/24", "--set", "names.port=53"];
  server = start(...here(["-C", "names", "run", "--network", "switch", ...set]), folder.path);
  await server.until("dns: port 53");
});

afterAll(async () => {
  await server?.stop();
  await running?.stop();
  namespace?.remove();
  folder.remove();
});

const asks = ["--set", "dns-resolver.servers=10.9.0.53"];

test("a unix image has its address from the switch, and its answer from another image", () => {
  const { status, stdout } = run("-C", "ask", "run", "--network", "switch", ...asks);
  expect(stdout).toMatch(/tcpip: 10\.9\.0\.\d+\/24 by DHCP/);
  expect(stdout).toContain("lookup: www.example.org is 192.0.2.80\n");
  expect(status).toBe(0);
});

test("so has a kernel in QEMU, whose card is joined to the switch", () => {
  const words = ["run", "--target", "xen", "--on", "qemu", "--network", `switch:${socket}`];
  const { status, stdout, stderr } = run("-C", "ask", ...words, ...asks);
  expect(stdout, stderr).toContain("lookup: www.example.org is 192.0.2.80");
  expect(status).toBe(0);
});

test("so has a simulated machine, behind a line that delays and loses", () => {
  const scenario = {
    duration: "120s",
    nodes: {
      client: {
        app: "lookup",
        settings: { "dns-resolver": { servers: "10.9.0.53", tries: 6 } },
      },
    },
    switches: { lan: {} },
    links: { line: { between: ["client", "lan"], latency: "20ms", loss: "10%" } },
    expect: [{ node: "client", console: "lookup: www.example.org is 192.0.2.80" }],
  };
  writeFileSync(join(folder.path, "lan.json"), JSON.stringify(scenario));
  const { status, stdout, stderr } = run("sim", "lan.json", "--network", "switch");
  expect(stdout, stderr).toMatch(/client \| tcpip: 10\.9\.0\.\d+\/24 by DHCP/);
  expect(status).toBe(0);
  const twice = run("sim", "lan.json", "--network", "switch", "--runs", "2");
  expect(twice.stderr).toContain("`--runs` is of no use with `--network`");
  const joint = run("sim", "lan.json", "--network", "switch", "--joint", "wan");
  expect(joint.stderr).toContain("it has lan");
});

describe.skipIf(unable !== null)(unable === null ? "a tap" : `a tap (SKIPPED: ${unable})`, () => {
  test("has this machine's kernel ask the image, and ping the switch", async () => {
    const words = ["@10.9.0.53", "+short", "+time=10", "+tries=3", "www.example.org"];
    expect(await namespace!.run("dig", ...words)).toBe("192.0.2.80\n");
    const ping = await namespace!.run("ping", "-c", "2", "-i", "0.2", "-w", "20", "10.9.0.1");
    expect(ping).toContain("2 received");
  });

  test("and an image come by TCP as well", async () => {
    const place = /^ +(127\.0\.0\.1:\d+)$/m.exec(running.output())![1];
    const image = join(folder.path, "ask/build/ask-unix");
    const said = await namespace!.run("env", `UNIPKG_NET0=switch:${place}`, image);
    expect(said).toContain("lookup: www.example.org is 192.0.2.80\n");
    const lonely = start("env", ["UNIPKG_NET0=switch:127.0.0.1:1", image], folder.path);
    await lonely.until("tcpip: there is no network device");
    await lonely.stop();
  });

  test("is one's at a time", () => {
    const words = ["switch", "--listen", "off", "--socket", "other.sock", "--tap", "tap0"];
    const [command, all] = here(words);
    const [first, ...rest] = namespace!.inside;
    const { status, stderr } = spawnSync(first!, [...rest, command, ...all], {
      cwd: folder.path,
      encoding: "utf8",
      timeout: 60_000,
    });
    expect(stderr).toContain("error[UP543]: the tap tap0 cannot be joined");
    expect(stderr).toContain("Device or resource busy");
    expect(status).toBe(69);
    expect(existsSync(join(folder.path, "other.sock"))).toBe(false);
  });
});

test("what cannot be is told", () => {
  const elsewhere = run("-C", "ask", "run", "--network", "switch:./nowhere.sock");
  expect(elsewhere.stderr).toContain("error[UP544]: no switch is running");
  expect(elsewhere.status).toBe(69);
  const word = run("-C", "ask", "run", "--network", "hub");
  expect(word.stderr).toContain('`--network` cannot be "hub"');
  const both = run("-C", "names", "run", "-t", "unix", "--network", "switch", "--forward", "1:2");
  expect(both.stderr).toContain("`--forward` is of no use with `--network switch`");
  const second = run("switch", "--listen", "off");
  expect(second.stderr).toContain("error[UP541]: the switch cannot listen at");
  expect(second.stderr).toContain("a switch is there already");
  const open = run("switch", "--stream", "0.0.0.0:0", "--dhcp", "10.0.0.0/8", "--listen", "80");
  expect(open.stderr).toContain("error[UP542]");
  expect(open.stderr).toContain('`--dhcp` cannot be "10.0.0.0/8"');
  expect(open.stderr).toContain('`--listen` cannot be "80"');
});

test("at its end it tells of its ports, and leaves nothing behind", async () => {
  expect(existsSync(`${socket}.json`)).toBe(true);
  const status = await running.stop();
  const output = running.output();
  expect(status, output).toBe(0);
  expect(output).toMatch(/^0 +station +the switch itself .* 02:ff:ff:ff:00:01$/m);
  expect(output).toMatch(/^\d+ +image .* 0 +0 +[0-9a-f:]{17}$/m);
  expect(existsSync(socket)).toBe(false);
  expect(existsSync(`${socket}.json`)).toBe(false);
});
