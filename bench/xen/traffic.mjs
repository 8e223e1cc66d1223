// Requests a second and throughput of two guests that run side by side and are asked in turns.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { median } from "../measure.mjs";
import { configuration } from "./guests.mjs";

const rounds = 7;
const requestRounds = 3;
const seconds = 3;

export async function measureTraffic(bed, guests, wrk) {
  const kinds = [
    ["unipkg", guests.bigWeb],
    ["Linux", guests.linuxBigWeb],
  ];
  for (const [name, guest] of kinds) {
    writeFileSync(join(bed.folder, `${name}.cfg`), configuration(name, guest));
    await bed.do(`xl create -q /shared/${name}.cfg
      until curl -fs --connect-timeout 0.5 --max-time 5 -o /dev/null http://${guest.address}:8080/index.html; do :; done`);
  }
  const speeds = kinds.map(() => []);
  const requests = kinds.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, [, { address }]] of kinds.entries()) {
      const speed = await bed.do(
        `curl -fsS --max-time 60 -o /dev/null -w '%{speed_download}' http://${address}:8080/big.bin`,
      );
      speeds[index].push(Number(speed) / 2 ** 20);
      if (round >= requestRounds) continue;
      const load = await bed.do(`${wrk} -t1 -c16 -d${seconds}s http://${address}:8080/index.html`);
      requests[index].push(Number(/Requests\/sec:\s*([\d.]+)/.exec(load)[1]));
    }
  }
  for (const [name] of kinds) await bed.do(`xl destroy ${name}`);
  console.error(`throughput, MiB/s, by turns: ${JSON.stringify(speeds)}`);
  return [
    { what: "requests/s, 16 connections", values: requests.map(median), less: false },
    { what: "throughput of one connection, MiB/s", values: speeds.map(median), less: false },
  ];
}
