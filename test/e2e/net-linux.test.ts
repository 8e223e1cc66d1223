// Our own TCP/IP on unix against Linux's, in a network namespace, over a wire with faults: ping, UDP, TCP in both
// roles, DHCP from dnsmasq; tshark looks at all that was sent. Needs: root, cc, curl, dnsmasq, ip, ping, tshark.
// UNIPKG_NET=long sends 100 MB where it is 4 MB otherwise.
import { execFile, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Path } from "../../linker/simulator/channel.ts";
import { Namespace } from "../support/namespace.ts";
import { projectRoot, type Running, start, temporaryFolder, unipkgOk } from "../support/unipkg.ts";
import { compileWire, Wire } from "../support/wire.ts";

const isLong = process.env["UNIPKG_NET"] === "long";
const megabyte = 1_000_000;
const large = (isLong ? 100 : 4) * megabyte;
const patience = isLong ? 600_000 : 120_000;

/** The kernel's address, and the image's. */
const linux = "10.77.0.1";
const image = "10.77.0.2";

const unable = Namespace.whyUnable();
const title = unable === null ? "against Linux" : `against Linux (SKIPPED: ${unable})`;

/** The probe's endless stream (test/recipes/apps/transfer-probe), made independently. */
function stream(size: number): Buffer {
  const period = 65521;
  const piece = Buffer.alloc(period);
  for (let index = 0, state = 1; index < period; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    piece[index] = (state >>> 16) & 255;
  }
  return Buffer.alloc(size, piece);
}

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** An application of the tests', built for unix over our own TCP/IP. */
function build(folder: string, app: string, name: string, ...words: readonly string[]): string {
  const copy = join(folder, name);
  cpSync(join(projectRoot, app), copy, { recursive: true });
  unipkgOk(copy, "solve", "--target", "unix", "--with", "tcpip");
  unipkgOk(copy, "build", "--target", "unix", "--output", "image", ...words);
  return join(copy, "image");
}

describe.skipIf(unable !== null)(title, () => {
  const temporary = temporaryFolder();
  const folder = temporary.path;
  let namespace: Namespace;
  let program: string;
  let probe: string;
  let wire: Wire;
  let server: Running;

  beforeAll(async () => {
    namespace = new Namespace(`unipkg-linux-${process.pid}`, [
      "tuntap add tap0 mode tap",
      "tuntap add lan0 mode tap",
      "link set tap0 up",
      "link set lan0 up",
      `address add ${linux}/24 dev lan0`,
    ]);
    program = compileWire(folder);
    const app = "test/recipes/apps/transfer-probe";
    probe = build(folder, app, "probe", "--set", `tcpip.address=${image}/24`);
    await begin(1500);
  }, 300_000);

  afterAll(async () => {
    await server?.stop();
    await wire?.close();
    namespace?.remove();
    temporary.remove();
  });

  /** Starts the wire and the probe at an MTU. */
  async function begin(mtu: number): Promise<void> {
    await server?.stop();
    await wire?.close();
    for (const name of ["tap0", "lan0"]) namespace.ip(`link set ${name} mtu ${mtu}`);
    wire = await Wire.open(program, namespace.inside, ["packet:tap0", "tap:lan0"], 1);
    server = startImage(namespace, probe, {});
    await server.until("ready");
  }

  /** Every frame by itself, unless the environment says otherwise: the wire knows no larger pieces. */
  function startImage(
    where: Namespace,
    file: string,
    environment: Readonly<Record<string, string>>,
  ): Running {
    const variables = { UNIPKG_NET_OFFLOAD: "off", ...environment };
    const [command, ...words] = [...where.inside, "env"];
    const set = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
    return start(command!, [...words, ...set, file], folder);
  }

  async function fetched(from: Namespace, asked: readonly string[]): Promise<Buffer> {
    const words = [...from.inside, "curl", "-sS", "-m", `${patience / 1000}`, ...asked];
    const options = { encoding: "buffer", maxBuffer: 1 << 28 } as const;
    return (await promisify(execFile)(words[0]!, words.slice(1), options)).stdout;
  }

  /** Both directions, by hash. */
  async function expectTransfers(size: number, from = namespace): Promise<void> {
    const curl = (...words: readonly string[]) => fetched(from, words);
    const sent = stream(size);
    const got = await curl(`http://${image}/${size}`);
    expect({ length: got.length, hash: sha256(got) }).toEqual({ length: size, hash: sha256(sent) });
    const file = join(folder, "upload");
    writeFileSync(file, sent);
    const answer = await curl("-H", "Expect:", "-T", file, `http://${image}/`);
    expect(answer.toString()).toBe(sha256(sent));
  }

  test("ping, small, large and in fragments", async () => {
    for (const size of ["56", "1400", "9000"]) {
      const words = ["-c", "3", "-i", "0.2", "-w", "20", "-s", size, image];
      expect(await namespace.run("ping", ...words)).toContain("3 received");
    }
  });

  test("datagrams come back, those in fragments too; a port without a listener is told", async () => {
    const script = `
      const socket = require("dgram").createSocket("udp4");
      const got = [];
      socket.on("message", (data) => { got.push(data.length); if (got.length === 4) { console.log(got.sort((a, b) => a - b).join()); socket.close(); } });
      for (const size of [0, 1, 1472, 5000]) socket.send(Buffer.alloc(size), 7, "${image}");
      const other = require("dgram").createSocket("udp4");
      other.connect(9, "${image}", () => other.send("x"));
      other.on("error", ({ code }) => { console.log(code); other.close(); });`;
    const said = await namespace.run(process.execPath, "-e", script);
    expect(said.trim().split("\n").sort()).toEqual(["0,1,1472,5000", "ECONNREFUSED"]);
  });

  const faults: readonly (readonly [name: string, path: Path, size: number])[] = [
    ["no faults", {}, large],
    ["5 % of the frames lost", { loss: 0.05, delay: 1e6 }, isLong ? 100 * megabyte : megabyte],
    ["2 % of the frames late", { reorder: 0.02, delay: 1e6 }, large],
    ["5 % of the frames doubled", { duplicate: 0.05, delay: 1e6 }, large],
    ["a delay of 100 ms each way", { delay: 100e6 }, isLong ? large : megabyte],
    ["1 % of the frames damaged", { corrupt: 0.01, delay: 1e6 }, isLong ? 20 * megabyte : megabyte],
    [
      "everything at once",
      { loss: 0.05, reorder: 0.02, duplicate: 0.02, corrupt: 0.01, delay: 20e6 },
      isLong ? 5 * megabyte : megabyte / 10,
    ],
  ];

  test.each(faults)("TCP both ways with %s", { timeout: 2 * patience }, async (_, path, size) => {
    wire.path = path;
    await expectTransfers(size);
    wire.path = {};
    if (path.loss !== undefined) expect(wire.tally["lost"]).toBeGreaterThan(size / 100_000);
  });

  test("the image as the client: a file of a server of Linux's, under loss", {
    timeout: patience,
  }, async () => {
    const size = isLong ? large : megabyte;
    const set = ["--set", "tcpip.address=10.77.0.3/24", "--set", `fetch.url=http://${linux}:8099/`];
    const client = build(folder, "recipes/apps/fetch", "fetcher", ...set);
    const serve = `
      const content = require("fs").readFileSync(${JSON.stringify(join(folder, "content"))});
      require("http").createServer((_, answer) => answer.end(content)).listen(8099, () => console.log("serving"));`;
    const content = stream(size);
    writeFileSync(join(folder, "content"), content);
    const [command, ...words] = namespace.inside;
    const http = start(command!, [...words, process.execPath, "-e", serve], folder);
    await http.until("serving");
    await server.stop();
    wire.path = { loss: 0.02, reorder: 0.02, delay: 1e6 };
    const fetching = startImage(namespace, client, {});
    expect(await fetching.ended).toBe(0);
    await http.stop();
    expect(fetching.output()).toContain(`200, ${size} bytes`);
    expect(fetching.output()).toContain(`CRC-32 ${crc32(content)}`);
    wire.path = {};
    await begin(1500);
  });

  test.each([576, 9000])("TCP both ways with an MTU of %i", { timeout: patience }, async (mtu) => {
    await begin(mtu);
    await expectTransfers(large);
    wire.path = { loss: 0.02, delay: 1e6 };
    await expectTransfers(megabyte / 4);
    wire.path = {};
    await begin(1500);
  });

  describe("without a wire, in large pieces", () => {
    test("on the kernel's own tap", { timeout: patience }, async () => {
      const near = new Namespace(`unipkg-near-${process.pid}`, [
        "tuntap add tap0 mode tap",
        "link set tap0 up",
        `address add ${linux}/24 dev tap0`,
      ]);
      const running = startImage(near, probe, { UNIPKG_NET_OFFLOAD: "on" });
      try {
        await running.until("ready");
        await expectTransfers(80 * megabyte, near);
      } finally {
        await running.stop();
        near.remove();
      }
    });

    test("by a packet socket on one end of a cable", { timeout: patience }, async () => {
      const far = new Namespace(`unipkg-far-${process.pid}`, []);
      const near = new Namespace(`unipkg-near-${process.pid}`, [
        `link add va type veth peer name vb netns ${far.name}`,
        "link set va up",
        `address add ${linux}/24 dev va`,
      ]);
      far.ip("link set vb up");
      const variables = { UNIPKG_NET_OFFLOAD: "on", UNIPKG_NET0: "packet:vb" };
      const running = startImage(far, probe, variables);
      try {
        await running.until("ready");
        await expectTransfers(80 * megabyte, near);
      } finally {
        await running.stop();
        near.remove();
        far.remove();
      }
    });
  });

  test("tshark finds nothing wrong with what the image sends", { timeout: patience }, async () => {
    wire.record = true;
    await namespace.run("ping", "-c", "2", "-i", "0.2", "-s", "3000", image);
    wire.path = { loss: 0.03, reorder: 0.03, delay: 2e6 };
    await expectTransfers(megabyte / 2);
    await fetched(namespace, [`http://${image}:81/`]).catch(() => {});
    wire.path = {};
    wire.record = false;
    const { all, bad } = inspect(writeCapture("static"));
    expect(all).toBeGreaterThan(500);
    expect(bad).toEqual([]);
  });

  test("DHCP of dnsmasq: a lease, and in the long run its renewal and a refusal", {
    timeout: 5 * patience,
  }, async () => {
    await server.stop();
    const asking = build(folder, "test/recipes/apps/transfer-probe", "asking");
    wire.record = true;
    let dhcp = await dnsmasq("10.77.0.50,10.77.0.50");
    server = startImage(namespace, asking, {});
    await server.until("10.77.0.50/24 by DHCP");
    expect(await namespace.run("ping", "-c", "1", "-w", "10", "10.77.0.50")).toContain(
      "1 received",
    );
    // dnsmasq has no lease of less than two minutes, of which half go by before it is renewed.
    if (isLong) {
      await waitFor(() => dhcp.output().split("DHCPACK(").length > 2, dhcp.output);
      expect(server.output()).not.toContain("lost");
      await dhcp.stop();
      dhcp = await dnsmasq("10.77.0.70,10.77.0.70");
      await waitFor(() => server.output().includes("10.77.0.70/24 by DHCP"), dhcp.output);
      expect(dhcp.output()).toContain("DHCPNAK");
    }
    await dhcp.stop();
    wire.record = false;
    expect(inspect(writeCapture("dhcp")).bad).toEqual([]);
  });

  async function dnsmasq(range: string): Promise<Running> {
    const [command, ...words] = namespace.inside;
    const running = start(
      command!,
      [
        ...[...words, "dnsmasq", "--no-daemon", "--port=0", "--no-hosts", "--no-resolv"],
        ...[
          "--no-ping",

          "--dhcp-authoritative",
          "--log-dhcp",
          "--interface=lan0",
        ],
        ...["--bind-interfaces", "--conf-file=/dev/null", "--user=root", "--leasefile-ro"],
        `--dhcp-range=${range},255.255.255.0,2m`,
      ],
      folder,
    );
    await running.until("DHCP, IP range");
    return running;
  }

  function writeCapture(name: string): string {
    const file = join(folder, `${name}.pcapng`);
    writeFileSync(file, wire.capture.encode());
    return file;
  }
});

/** What tshark says of the frames that the first end sent: how many there are, and those that are wrong. */
function inspect(file: string): { readonly all: number; readonly bad: readonly string[] } {
  const checks = ["ip", "tcp", "udp"].flatMap((name) => ["-o", `${name}.check_checksum:TRUE`]);
  // Or tshark puts a stream together from retransmissions, and wonders.
  checks.push("-o", "tcp.desegment_tcp_streams:FALSE");
  const lines = (filter: string) =>
    execFileSync("tshark", ["-r", file, ...checks, "-Y", `frame.interface_id == 0 && ${filter}`], {
      encoding: "utf8",
      maxBuffer: 1 << 28,
      stdio: ["ignore", "pipe", "ignore"],
    })
      .split("\n")
      .filter((line) => line !== "");
  const sums = ["ip", "tcp", "udp", "icmp"].map((name) => `${name}.checksum.status == "Bad"`);
  return {
    all: lines("frame").length,
    bad: lines(`(_ws.malformed || _ws.expert.severity == 8388608 || ${sums.join(" || ")})`),
  };
}

/** @param seen what there is to see when it does not come true */
async function waitFor(isSo: () => boolean, seen: () => string): Promise<void> {
  for (let waited = 0; !isSo(); waited += 50) {
    if (waited > 150_000) throw new Error(`waited too long:\n${seen()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** As gzip has it, in hex. */
function crc32(bytes: Uint8Array): string {
  let remainder = 0xffffffff;
  for (const octet of bytes) {
    remainder ^= octet;
    for (let bit = 0; bit < 8; bit++)
      remainder = (remainder >>> 1) ^ (remainder & 1 ? 0xedb88320 : 0);
  }
  return (~remainder >>> 0).toString(16).padStart(8, "0");
}
