// The guests that are compared: images of ours, and the same work done by a minimal Linux.
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../scripts/setup.mjs";
import { makeLinuxGuest } from "./linux-guest.mjs";

/** What the big file of the sites has, in bytes: one transfer of the measurement of throughput. */
export const bigFile = 8 << 20;

const page = ["index.html", Buffer.from(`<!doctype html>${"x".repeat(440)}\n`)];
const big = ["big.bin", Buffer.alloc(bigFile, "0123456789abcdef")];

/** Bytes / 1024 that are read in each measurement of the disk. */
const kilobytesRead = 8192;

/**
 * Makes all guests in a folder. A guest has files for dom0, lines for its configuration, memory in MiB that is ample, and an address if it serves; ours
 * also what `unipkg build --json` says.
 */
export function makeGuests(apps, folder) {
  mkdirSync(folder, { recursive: true });
  const application = (template, files = []) => {
    const app = join(folder, `my-${template}${files.length > 1 ? "-big" : ""}`);
    apps.unipkg("-C", folder, "init", app, "--template", template);
    for (const [name, content] of files) writeFileSync(join(app, "public", name), content);
    return app;
  };
  const built = (name, app, memory, ...words) => {
    const image = join(folder, name);
    const all = ["--target", "xen", "--output", image, "--memory", String(memory), ...words];
    const { images } = JSON.parse(apps.unipkg("-C", app, "build", ...all, "--json"));
    return { ...images[0], files: [image], lines: [`kernel = "/tmp/${name}"`] };
  };
  const linux = (name, options) => ({
    bytes: makeLinuxGuest(folder, name, options),
    files: [join(folder, `${name}.kernel`), join(folder, `${name}.initramfs`)],
    lines: [
      `kernel = "/tmp/${name}.kernel"`,
      `ramdisk = "/tmp/${name}.initramfs"`,
      'extra = "console=hvc0 quiet"',
    ],
  });
  const set = ["--set", "tcpip.address=10.0.0.2/24"];
  const ours = "10.0.0.2";
  const theirs = "10.0.0.3";
  const readsApp = join(folder, "random-reads");
  cpSync(join(root, "test/recipes/apps/random-reads"), readsApp, { recursive: true });
  const readsSet = ["--set", `random-reads.kilobytes=${kilobytesRead}`];
  const bigMemory = 6 + bigFile / 2 ** 20;
  return {
    hello: built("hello", application("hello"), 16),
    dns: built("dns", application("dns"), 16, ...set),
    web: { ...built("web", application("web", [page]), 4, ...set), memory: 16, address: ours },
    linuxWeb: {
      ...linux("linux-web", { address: theirs, files: [page] }),
      ...{ memory: 192, address: theirs },
    },
    bigWeb: {
      ...built("big-web", application("web", [page, big]), bigMemory, ...set),
      ...{ memory: bigMemory + 18, address: ours },
    },
    linuxBigWeb: {
      ...linux("linux-big-web", { address: theirs, files: [page, big] }),
      ...{ memory: 256, address: theirs },
    },
    reads: { ...built("reads", readsApp, 16, ...readsSet), memory: 32 },
    linuxReads: { ...linux("linux-reads", { reads: [kilobytesRead] }), memory: 192 },
  };
}

/** The text of a guest's configuration: the same for both kinds, but for what they are. */
export function configuration(name, guest, { memory = guest.memory, disk = null } = {}) {
  return `${[
    `name = "${name}"`,
    'type = "pvh"',
    `memory = ${memory}`,
    "vcpus = 1",
    // Without it the emulated machine ends a guest that uses RDTSCP, as Linux does.
    'tsc_mode = "native"',
    ...guest.lines,
    ...(guest.address === undefined ? [] : [`vif = [ "bridge=xenbr0,mac=${macOf(guest)}" ]`]),
    ...(disk === null ? [] : [`disk = [ "format=raw,vdev=xvda,access=r,target=${disk}" ]`]),
  ].join("\n")}\n`;
}

/** So that dom0 need not ask: its question would be answered after a second when it came too early. */
export function macOf({ address }) {
  return `00:16:3e:00:00:0${address.at(-1)}`;
}
