// On Xen, in the bed of test/e2e/xen (Xen 4.17 in an emulated machine of one processor): images against a minimal Linux guest, Debian's
// cloud kernel with busybox's httpd. Sizes, time to the first answer, memory, requests a second, throughput, reads of a disk. About eight minutes.
import { join } from "node:path";
import { Bed } from "../test/e2e/xen/bed.mjs";
import { needs, table } from "./measure.mjs";
import { measureDisk } from "./xen/disk.mjs";
import { macOf, makeGuests } from "./xen/guests.mjs";
import { measureStartup } from "./xen/startup.mjs";
import { measureTraffic } from "./xen/traffic.mjs";

const kib = (count) => `${(count / 1024).toFixed(1)} KB`;

export async function benchXen(apps) {
  needs({ wrk: "wrk" });
  const guests = makeGuests(apps, join(apps.folder, "xen"));
  const withoutFiles = ({ bytes, sizes }) =>
    bytes - (sizes.find(({ owner }) => owner === "files")?.bytes ?? 0);
  for (const name of ["hello", "dns", "web"]) {
    table(
      `${name} for xen: ${kib(withoutFiles(guests[name]))} without its own files`,
      ["of which", "bytes"],
      guests[name].sizes
        .slice(0, 8)
        .filter(({ owner }) => owner !== "files")
        .map(({ owner, bytes: share }) => [owner, share]),
    );
  }
  const bed = await Bed.start();
  try {
    // In dom0's memory: how fast the emulated machine reads its host's files is not what is asked.
    for (const { files } of Object.values(guests)) {
      for (const file of files) await bed.do(`cp ${bed.put(file)} /tmp/`);
    }
    for (const guest of [guests.web, guests.linuxWeb]) {
      await bed.do(`arp -i xenbr0 -s ${guest.address} ${macOf(guest)}`);
    }
    const size = [withoutFiles(guests.web), guests.linuxWeb.bytes].map((count) => count / 1024);
    const rows = [
      { what: "kernel and programs, KB", values: size, less: true },
      ...(await measureStartup(bed, guests)),
      ...(await measureTraffic(bed, guests, bed.putProgram("wrk"))),
      ...(await measureDisk(bed, guests)),
    ];
    table(
      "on Xen, in the bed (emulated: only the ratios mean something)",
      ["", "unipkg", "Linux", "unipkg is better by"],
      rows.map(({ what, values: [own, other], less }) => {
        const ratio = less ? other / own : own / other;
        const shown = (value) => value.toFixed(value < 100 ? 1 : 0);
        return [what, shown(own), shown(other), `${ratio.toFixed(ratio < 10 ? 2 : 0)}x`];
      }),
    );
  } finally {
    await bed.stop();
  }
}
