// DNS queries per second over taps: the image of `dns` with our own TCP/IP, and nsd and bind9 of Linux at the other end
// of joined taps. As bench/net.mjs, of which it is a part: only root can run it.
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { configure, install, load, zone } from "./dns.mjs";
import { median, table } from "./measure.mjs";
import { far, imageBed, linuxBed } from "./net-bed.mjs";

const rounds = 3;

export async function dnsOverTaps(apps, folder, wire) {
  install();
  const app = join(folder, "names");
  const zones = join(app, "zones");
  apps.unipkg("init", app, "--template", "dns");
  rmSync(zones, { recursive: true });
  mkdirSync(zones);
  const { text, queries } = zone();
  const file = join(folder, "queries");
  writeFileSync(join(zones, "bench.test.zone"), text);
  writeFileSync(file, queries);
  const image = join(folder, "dns-tcpip");
  apps.unipkg("-C", app, "solve", "--target", "unix", "--with", "tcpip");
  const set = ["--set", `tcpip.address=${far}/24`, "--set", "names.port=53"];
  apps.unipkg("-C", app, "build", "--target", "unix", ...set, "--output", image);
  configure(folder, zones, far, { nsd: 53, named: 53 });
  const nsd = ["nsd", "-d", "-c", join(folder, "nsd.conf")];
  const named = ["named", "-f", "-n", "1", "-c", join(folder, "named.conf")];
  const beds = [
    ["dns, tcpip on a tap", () => imageBed(image, "")],
    ["nsd, taps joined", () => linuxBed(wire, "--join-large", nsd, "")],
    ["bind9, taps joined", () => linuxBed(wire, "--join-large", named, "")],
  ];
  const rates = beds.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, [name, open]] of beds.entries()) {
      const bed = await open();
      try {
        waitFor(bed.client, name);
        rates[index].push(load(file, far, 53, bed.client).rate);
      } finally {
        await bed.stop();
      }
    }
  }
  const rate = rates.map(median);
  table(
    `DNS queries/s over taps (median of ${rounds} x 3 s)`,
    ["server", "queries/s", "ours is"],
    beds.map(([name], index) => [
      name,
      Math.round(rate[index]),
      index === 0 ? "" : `${(rate[0] / rate[index]).toFixed(2)}x`,
    ]),
  );
}

/** Asks until there is an answer. */
function waitFor([command, ...words], name) {
  for (let attempt = 0; attempt < 50; attempt++) {
    const asked = ["dig", "+short", "+time=1", "+tries=1", `@${far}`, "ns1.bench.test", "A"];
    const { stdout } = spawnSync(command, [...words, ...asked], { encoding: "utf8" });
    if (stdout.trim() === "192.0.2.1") return;
  }
  throw new Error(`${name} does not answer`);
}
