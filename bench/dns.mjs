// DNS queries per second over UDP on loopback: the unix image of `dns`, nsd and bind9 serve the same zone, each on core 0;
// the load (dnsperf) has core 1; servers take turns. On a machine that does other work too, the processor's time for a
// query, of all processes of a server, says more than queries per second. Names of all kinds: hosts, aliases, wildcards, absent ones, mail.
import { spawn, spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { median, needs, table } from "./measure.mjs";

const seconds = 3;
const rounds = 5;
const hosts = 10_000;

/** A zone with `hosts` hosts, and one query a line of dnsperf's input for each. */
export function zone() {
  const lines = [
    "$TTL 1h",
    "@ SOA ns1 hostmaster 1 2h 15m 2w 5m",
    " NS ns1",
    " MX 10 host1",
    "ns1 A 192.0.2.1",
    "*.wild A 192.0.2.2",
  ];
  const queries = [];
  for (let host = 0; host < hosts; host++) {
    lines.push(`host${host} A 10.${(host >> 16) & 255}.${(host >> 8) & 255}.${host & 255}`);
    lines.push(`host${host} AAAA 2001:db8::${host.toString(16)}`);
    if (host % 5 === 0) lines.push(`alias${host} CNAME host${host}`);
    const name = host % 5 === 0 ? `alias${host}` : host % 7 === 0 ? `x${host}.wild` : `host${host}`;
    const type = host % 11 === 0 ? "AAAA" : "A";
    queries.push(host % 10 === 9 ? `absent${host}.bench.test A` : `${name}.bench.test ${type}`);
    if (host % 50 === 0) queries.push("bench.test MX");
  }
  return { text: `${lines.join("\n")}\n`, queries: `${queries.join("\n")}\n` };
}

/** Makes nsd, bind9 and dnsperf ready. */
export function install() {
  needs({ nsd: "nsd", named: "bind9", dnsperf: "dnsperf" });
}

/** Writes nsd.conf and named.conf for the zone bench.test. */
export function configure(folder, zones, address, ports) {
  writeFileSync(
    join(folder, "nsd.conf"),
    `server:
  ip-address: ${address}@${ports.nsd}
  server-count: 1
  username: ""
  rrl-ratelimit: 0
  chroot: ""
  zonesdir: "${zones}"
  database: ""
  logfile: "${folder}/nsd.log"
  pidfile: "${folder}/nsd.pid"
  xfrdfile: "${folder}/xfrd.state"
  zonelistfile: "${folder}/zone.list"
  xfrdir: "${folder}"
remote-control:
  control-enable: no
zone:
  name: bench.test
  zonefile: bench.test.zone
`,
  );
  writeFileSync(
    join(folder, "named.conf"),
    `options { directory "${folder}"; pid-file "${folder}/named.pid"; session-keyfile "${folder}/session.key";
  listen-on port ${ports.named} { ${address}; }; listen-on-v6 { none; }; recursion no; minimal-responses yes; };
controls { };
zone "bench.test" { type primary; file "${zones}/bench.test.zone"; };
`,
  );
}

/** Starts a server and waits until it answers for the zone. */
async function serve(command, args, port) {
  const child = spawn(command, args, { stdio: "ignore" });
  const ended = new Promise((resolve) => child.on("close", resolve));
  const query = Buffer.from(
    "000100000001000000000000036e73310562656e636804746573740000010001",
    "hex",
  );
  for (let attempt = 0; ; attempt++) {
    if (await answers(query, port)) break;
    if (attempt === 100) {
      child.kill("SIGTERM");
      throw new Error(`${args.join(" ")} does not answer at port ${port}`);
    }
  }
  return {
    pid: child.pid,
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

function answers(query, port) {
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    const finish = (answer) => {
      clearTimeout(timeout);
      socket.close();
      resolve(answer);
    };
    const timeout = setTimeout(() => finish(false), 100);
    socket.on("error", () => {});
    socket.on("message", (message) => finish((message[3] & 15) === 0 && message[7] === 1));
    socket.send(query, port, "127.0.0.1");
  });
}

/** Queries answered in a second; `before` are the words that run a program elsewhere. */
export function load(queries, address, port, before = ["taskset", "-c", "1"]) {
  const options = ["-l", `${seconds}`, "-c", "20", "-q", "100", "-T", "1"];
  const dnsperf = ["dnsperf", "-s", address, "-p", `${port}`, "-d", queries, ...options];
  const [command, ...words] = [...before, ...dnsperf];
  const { stdout, stderr, status } = spawnSync(command, words, { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  const lost = Number(/Queries lost:\s+(\d+)/.exec(stdout)[1]);
  const sent = Number(/Queries sent:\s+(\d+)/.exec(stdout)[1]);
  if (lost > sent / 100) throw new Error(`dnsperf lost ${lost} of ${sent} queries at port ${port}`);
  return {
    rate: Number(/Queries per second:\s+([\d.]+)/.exec(stdout)[1]),
    completed: Number(/Queries completed:\s+(\d+)/.exec(stdout)[1]),
  };
}

/** Microseconds of the processor that a process and those below it have used; a tick of the kernel's is 10 ms. */
function processorTime(pid) {
  const processes = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const [, fields] = readFileSync(`/proc/${name}/stat`, "utf8").split(") ");
        const [, parent, ...rest] = fields.split(" ");
        return [
          { id: Number(name), parent: Number(parent), ticks: Number(rest[9]) + Number(rest[10]) },
        ];
      } catch {
        return [];
      }
    });
  const own = new Set([pid]);
  for (let found = 0; found !== own.size; ) {
    found = own.size;
    for (const { id, parent } of processes) if (own.has(parent)) own.add(id);
  }
  return processes
    .filter(({ id }) => own.has(id))
    .reduce((sum, { ticks }) => sum + ticks * 10_000, 0);
}

export async function benchDns(apps) {
  install();
  const folder = join(apps.folder, "dns");
  const app = join(folder, "names");
  mkdirSync(folder, { recursive: true });
  apps.unipkg("init", app, "--template", "dns");
  const { text, queries } = zone();
  rmSync(join(app, "zones"), { recursive: true });
  mkdirSync(join(app, "zones"));
  writeFileSync(join(app, "zones/bench.test.zone"), text);
  writeFileSync(join(folder, "queries"), queries);
  const image = join(folder, "dns-unix");
  apps.unipkg(
    "-C",
    app,
    "build",
    "--target",
    "unix",
    "--set",
    "names.port=18153",
    "--output",
    image,
  );
  configure(folder, join(app, "zones"), "127.0.0.1", { nsd: 18154, named: 18155 });
  const servers = [
    ["unipkg unix image", 18153, image, []],
    ["nsd, one server", 18154, "nsd", ["-d", "-c", join(folder, "nsd.conf")]],
    ["bind9, one thread", 18155, "named", ["-f", "-n", "1", "-c", join(folder, "named.conf")]],
  ];
  const rates = servers.map(() => []);
  const times = servers.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, [, port, command, args]] of servers.entries()) {
      const server = await serve("taskset", ["-c", "0", command, ...args], port);
      try {
        const before = processorTime(server.pid);
        const { rate, completed } = load(join(folder, "queries"), "127.0.0.1", port);
        rates[index].push(rate);
        times[index].push((processorTime(server.pid) - before) / completed);
      } finally {
        await server.stop();
      }
    }
  }
  const [rate, time] = [rates.map(median), times.map(median)];
  const told = (ratio, index) => (index === 0 ? "" : `${ratio.toFixed(2)}x`);
  table(
    `DNS queries over UDP, a zone of ${hosts} hosts, one core a server (median of ${rounds} x ${seconds} s)`,
    ["server", "queries/s", "unipkg is", "µs of processor a query", "unipkg is"],
    servers.map(([name], i) => [
      name,
      Math.round(rate[i]),
      told(rate[0] / rate[i], i),
      time[i].toFixed(2),
      told(time[i] / time[0], i),
    ]),
  );
}
