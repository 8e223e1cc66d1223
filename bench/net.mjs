// Our own TCP/IP on a tap against Linux's: throughput both ways, requests a second, memory of idle connections, sizes
// of images. Only root can run it: it makes network namespaces. On both sides the client is the kernel's TCP, so
// that what differs is the server's.
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../scripts/setup.mjs";
import { dnsOverTaps } from "./dns-taps.mjs";
import { median, needs, table } from "./measure.mjs";
import { compileWire, far, imageBed, linuxBed } from "./net-bed.mjs";

const rounds = 3;
const megabyte = 1_000_000;
const size = 400 * megabyte;
const idleConnections = 10_000;
/** Of curl; for each request, since they do not hold beyond `--next`. */
const quiet = ["-sS", "--no-progress-meter"];

export async function benchNet(apps) {
  if (process.getuid() !== 0) {
    console.error("bench net makes network namespaces and taps, which only root can");
    process.exit(77);
  }
  needs({ nginx: "nginx-light", wrk: "wrk" });
  const folder = join(apps.folder, "net");
  mkdirSync(folder);
  const wire = compileWire(root, folder);
  await throughput(apps, folder, wire);
  await requests(apps, folder, wire);
  await dnsOverTaps(apps, folder, wire);
  await idle(apps, folder);
  sizes(apps, folder);
}

/** An application's image for a target; `words` go to solve, `settings` to build. */
function build(apps, app, output, target, words, settings) {
  apps.unipkg("-C", app, "solve", "--target", target, ...words);
  apps.unipkg("-C", app, "build", "--target", target, ...settings, "--output", output);
  return output;
}

async function throughput(apps, folder, wire) {
  const app = join(folder, "probe");
  cpSync(join(root, "test/recipes/apps/transfer-probe"), app, { recursive: true });
  const sockets = build(apps, app, join(folder, "probe-sockets"), "unix", [], []);
  const address = ["--set", `tcpip.address=${far}/24`];
  const own = build(apps, app, join(folder, "probe-tcpip"), "unix", ["--with", "tcpip"], address);
  const file = join(folder, "upload");
  writeFileSync(file, Buffer.alloc(size));
  const beds = [
    ["tcpip on a tap", () => imageBed(own, "ready")],
    ["Linux, taps joined", () => linuxBed(wire, "--join-large", [sockets], "ready")],
    ["Linux, frame by frame", () => linuxBed(wire, "--join", [sockets], "ready")],
  ];
  const loads = [
    ["download, 1 flow", (inside) => transfer(inside, 1, ["-o", "/dev/null"], `/${size}`)],
    ["download, 10 flows", (inside) => transfer(inside, 10, ["-o", "/dev/null"], `/${size / 10}`)],
    ["upload, 1 flow", (inside) => upload(inside, 1, file)],
    ["upload, 10 flows", (inside) => upload(inside, 10, file)],
  ];
  const results = loads.map(() => beds.map(() => []));
  for (let round = 0; round < rounds; round++) {
    for (const [column, [, open]] of beds.entries()) {
      const bed = await open();
      for (const [row, [, load]] of loads.entries()) results[row][column].push(load(bed.client));
      await bed.stop();
    }
  }
  table(
    `TCP throughput over taps, MB/s (median of ${rounds} x ${size / megabyte} MB; the server differs, the client is Linux)`,
    ["", ...beds.map(([name]) => name), "ours is"],
    loads.map(([name], row) => {
      const rates = results[row].map(median);
      return [
        name,
        ...rates.map((rate) => Math.round(rate)),
        `${(rates[0] / rates[1]).toFixed(2)}x`,
      ];
    }),
  );
}

/** Megabytes a second of curl's transfers, all together. */
function transfer(inside, flows, words, path) {
  const urls = Array.from({ length: flows }, () => [...words, `http://${far}${path}`]).flat();
  return timed(inside, ["curl", ...quiet, "-Z", "--parallel-immediate", ...urls], size);
}

function upload(inside, flows, file) {
  const one = [
    ...quiet,
    "-H",
    "Expect:",
    "-X",
    "POST",
    "-o",
    "/dev/null",
    "-T",
    file,
    `http://${far}/`,
  ];
  const words = Array.from({ length: flows }, (_, index) => [
    ...(index > 0 ? ["--next"] : []),
    ...one,
  ]);
  // Options before the first --next are the first one's own; these are for all.
  const all = ["curl", "-Z", "--parallel-immediate"];
  return timed(inside, [...all, ...words.flat()], size * flows);
}

function timed(inside, words, octets) {
  const [command, ...rest] = [...inside, ...words];
  const begin = process.hrtime.bigint();
  execFileSync(command, rest, { stdio: ["ignore", "ignore", "inherit"], timeout: 120_000 });
  return octets / megabyte / (Number(process.hrtime.bigint() - begin) / 1e9);
}

async function requests(apps, folder, wire) {
  const { site } = apps;
  const own = build(
    apps,
    site,
    join(folder, "web-tcpip"),
    "unix",
    ["--with", "tcpip"],
    [...["--set", `tcpip.address=${far}/24`, "--set", "site.port=8080"]],
  );
  const configuration = join(folder, "nginx.conf");
  writeFileSync(
    configuration,
    `user root; worker_processes 1; daemon off; pid ${folder}/nginx.pid; error_log stderr notice;
events { worker_connections 1024; }
http {
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; etag on;
  open_file_cache max=1000 inactive=60s; open_file_cache_valid 60s; include /etc/nginx/mime.types;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  server { listen 8080; root ${join(site, "public")}; index index.html; }
}\n`,
  );
  const nginx = ["/usr/sbin/nginx", "-c", configuration, "-p", folder];
  const beds = [
    ["web, tcpip on a tap", () => imageBed(own, "8080")],
    ["nginx, taps joined", () => linuxBed(wire, "--join-large", nginx, "start worker process")],
  ];
  const paths = ["/index.html", "/sample-16k.bin"];
  const results = paths.map(() => beds.map(() => []));
  for (let round = 0; round < rounds; round++) {
    for (const [column, [, open]] of beds.entries()) {
      const bed = await open();
      for (const [row, path] of paths.entries()) results[row][column].push(wrk(bed.client, path));
      await bed.stop();
    }
  }
  table(
    `HTTP requests/s over taps, wrk with 50 connections (median of ${rounds} x 3 s)`,
    ["", ...beds.map(([name]) => name), "ours is"],
    paths.map((path, row) => {
      const rates = results[row].map(median);
      return [
        path,
        ...rates.map((rate) => Math.round(rate)),
        `${(rates[0] / rates[1]).toFixed(2)}x`,
      ];
    }),
  );
}

function wrk(inside, path) {
  const words = ["wrk", "-t1", "-c50", "-d3s", `http://${far}:8080${path}`];
  const [command, ...rest] = [...inside, ...words];
  const { stdout, stderr, status } = spawnSync(command, rest, { encoding: "utf8" });
  if (status !== 0 || /Non-2xx|Socket errors/.test(stdout)) throw new Error(stdout + stderr);
  return Number(/Requests\/sec:\s*([\d.]+)/.exec(stdout)[1]);
}

async function idle(apps, folder) {
  const { site } = apps;
  const image = build(
    apps,
    site,
    join(folder, "web-idle"),
    "unix",
    ["--with", "tcpip"],
    [
      ...["--set", `tcpip.address=${far}/24`, "--set", "site.port=8080"],
      ...["--set", `tcpip.connectionLimit=${2 * idleConnections}`],
    ],
  );
  const bed = await imageBed(image, "8080");
  const memory = () =>
    Number(/^VmRSS:\s*(\d+) kB/m.exec(readFileSync(`/proc/${bed.pid}/status`, "utf8"))[1]) * 1024;
  const before = memory();
  // One after another in groups, as clients come.
  const script = `
    const { connect } = require("net");
    let open = 0, failed = 0;
    const one = () => new Promise((resolve) => {
      const socket = connect(8080, "${far}", () => { open++; resolve(); });
      socket.on("error", () => { failed++; resolve(); });
    });
    (async () => {
      for (let done = 0; done < ${idleConnections}; done += 100) await Promise.all(Array.from({ length: 100 }, one));
      console.log(JSON.stringify({ open, failed }));
      setTimeout(() => process.exit(), 3000);
    })();`;
  const [command, ...rest] = [
    ...bed.client,
    "prlimit",
    "--nofile=20000",
    process.execPath,
    "-e",
    script,
  ];
  const { spawn } = await import("node:child_process");
  const child = spawn(command, rest, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.on("close", resolve));
  const told = await new Promise((resolve) => child.stdout.once("data", resolve));
  const { open, failed } = JSON.parse(String(told));
  const after = memory();
  await ended;
  await bed.stop();
  table(
    "Idle connections to the unix image of web, tcpip on a tap",
    ["open", "failed", "resident before", "after", "octets a connection"],
    [[open, failed, before, after, Math.round((after - before) / open)]],
  );
}

function sizes(apps, folder) {
  const plans = [
    ["unix, kernel-sockets", "unix", ["--with", "kernel-sockets"]],
    ["unix, tcpip", "unix", ["--with", "tcpip"]],
    ["xen, tcpip", "xen", ["--with", "tcpip"]],
  ];
  const programs = [["web", apps.site]];
  if (existsSync(join(root, "recipes/apps/dns"))) {
    const names = join(folder, "names");
    apps.unipkg("init", names, "--template", "dns");
    programs.push(["dns", names]);
  }
  const rows = programs.map(([name, app]) => [
    name,
    ...plans.map(
      ([, target, words], index) =>
        statSync(build(apps, app, join(folder, `${name}-${index}`), target, words, [])).size,
    ),
  ]);
  table("Size of images, octets", ["", ...plans.map(([name]) => name)], rows);
}
