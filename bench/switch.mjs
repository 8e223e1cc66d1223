// Two unix images with our own TCP/IP on `unipkg switch`, against the same two images on taps of a bridge of Linux's: with
// large pieces of TCP, which a bridge passes on whole, and frame by frame, as a switch of frames has to. Only root can run it.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { median, table } from "./measure.mjs";
import { background, ip } from "./net-bed.mjs";

const rounds = 3;
const megabyte = 1_000_000;
const size = 64 * megabyte;
const fetches = 5;
const requests = 2000;
const server = "10.9.0.2";
const client = "10.9.0.3";

export async function benchSwitch(apps) {
  if (process.getuid() !== 0) {
    console.error("bench switch makes a network namespace and taps, which only root can");
    process.exit(77);
  }
  const folder = join(apps.folder, "switch");
  mkdirSync(folder);
  const images = build(apps, folder);
  const beds = [
    ["unipkg switch", () => switchBed(apps, folder)],
    ["bridge, frame by frame", () => bridgeBed({ UNIPKG_NET_OFFLOAD: "off" })],
    ["bridge, large pieces", () => bridgeBed({})],
  ];
  const transfers = beds.map(() => []);
  const rates = beds.map(() => []);
  const costs = [];
  for (let round = 0; round < rounds; round++) {
    for (const [column, [, open]] of beds.entries()) {
      const bed = await open();
      const web = await background(bed.words(0, images.web), "http://");
      const before = bed.cpu();
      const took = fetched(bed.words(1, images.large), fetches);
      if (column === 0) costs.push((bed.cpu() - before) / fetches / (size / 1000 / megabyte));
      transfers[column].push(size / megabyte / (median(took) / 1000));
      const begin = performance.now();
      fetched(bed.words(1, images.small), requests);
      rates[column].push(requests / ((performance.now() - begin) / 1000));
      await web.stop();
      await bed.stop();
    }
  }
  const row = (name, results) => {
    const values = results.map(median);
    const ratio = (other) => `${(values[0] / other).toFixed(2)}x`;
    return [name, ...values.map((value) => Math.round(value)), ...values.slice(1).map(ratio)];
  };
  table(
    `Two unix images, ours on both sides (medians of ${rounds} rounds)`,
    ["", ...beds.map(([name]) => name), "to frames", "to pieces"],
    [row("one transfer, MB/s", transfers), row("requests/s, one at a time", rates)],
  );
  console.log(`the switch's processor time for a gigabyte: ${median(costs).toFixed(2)} s`);
}

/** A server, and who fetches a large file of it, or an empty one many times. */
function build(apps, folder) {
  const make = (app, name, settings) => {
    const output = join(folder, name);
    const words = settings.flatMap((setting) => ["--set", setting]);
    apps.unipkg("-C", app, "build", "--target", "unix", ...words, "--output", output);
    return output;
  };
  const site = join(folder, "large-files");
  const fetch = join(folder, "fetcher");
  apps.unipkg("init", site, "--template", "web");
  apps.unipkg("init", fetch, "--template", "fetch");
  writeFileSync(join(site, "public/large"), Buffer.alloc(size, 0x55));
  writeFileSync(join(site, "public/small"), "");
  for (const app of [site, fetch]) {
    apps.unipkg("-C", app, "solve", "--target", "unix", "--with", "tcpip");
  }
  const from = (path, times) => [
    `tcpip.address=${client}/24`,
    `fetcher.url=http://${server}:8080/${path}`,
    `fetcher.times=${times}`,
  ];
  return {
    web: make(site, "web", [`tcpip.address=${server}/24`]),
    large: make(fetch, "large", from("large", fetches)),
    small: make(fetch, "small", from("small", requests)),
  };
}

/** Milliseconds of each request. */
function fetched(words, count) {
  const { status, stdout, stderr } = spawnSync(words[0], words.slice(1), { encoding: "utf8" });
  const times = [...stdout.matchAll(/fetch: 200, \d+ bytes in (\d+) ms/g)].map(([, time]) => +time);
  if (status !== 0 || times.length !== count)
    throw new Error(`${words.join(" ")}:\n${stdout}${stderr}`);
  return times;
}

async function switchBed(apps, folder) {
  const socket = join(folder, "bench.sock");
  const words = [apps.cli, "switch", "--listen", "off", "--socket", socket];
  const env = { ...process.env, XDG_RUNTIME_DIR: folder };
  const child = spawn(process.execPath, words, { env, stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  return {
    words: (_, image) => ["env", `UNIPKG_NET0=switch:${socket}`, image],
    cpu: () => processorSeconds(child.pid),
    stop: async () => {
      const ended = once(child, "close");
      child.stdout.resume();
      child.kill("SIGTERM");
      await ended;
    },
  };
}

async function bridgeBed(variables) {
  const name = `unipkg-bench-${process.pid}`;
  ip(`netns add ${name}`);
  ip(`-n ${name} link add bridge0 type bridge`);
  for (const tap of ["tap0", "tap1"]) {
    ip(`-n ${name} tuntap add ${tap} mode tap`);
    ip(`-n ${name} link set ${tap} master bridge0`);
    ip(`-n ${name} link set ${tap} up`);
  }
  ip(`-n ${name} link set bridge0 up`);
  const all = Object.entries(variables).map(([key, value]) => `${key}=${value}`);
  return {
    words: (tap, image) => [
      ...["ip", "netns", "exec", name, "env", `UNIPKG_NET0=tap${tap}`],
      ...all,
      image,
    ],
    cpu: () => 0,
    stop: async () => ip(`netns delete ${name}`),
  };
}

/** User and system time of a process (proc(5)). */
function processorSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "latin1")
    .replace(/^.*\) /, "")
    .split(" ");
  const ticks = 100;
  return (Number(fields[11]) + Number(fields[12])) / ticks;
}
