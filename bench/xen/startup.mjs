// How long a guest takes from `xl create` to its first answer, and the least memory that it serves with.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { median } from "../measure.mjs";
import { configuration } from "./guests.mjs";

const rounds = 3;

/** Milliseconds from `xl create` to its end, and to the first answer; null when there is none. The guest is gone afterwards. */
async function firstAnswer(bed, name, guest, memory, patience) {
  writeFileSync(join(bed.folder, `${name}.cfg`), configuration(name, guest, { memory }));
  const url = `http://${guest.address}:8080/index.html`;
  const printed = await bed.do(`
    now() { cut -d' ' -f1 /proc/uptime; }
    begin=$(now); xl create -q /shared/${name}.cfg || exit 0; created=$(now)
    # Whoever asked too early asks again at once, and not when its SYN is sent again a second later.
    while ! curl -fs --connect-timeout 0.15 --max-time 2 -o /dev/null ${url}; do
      [ $(($(cut -d. -f1 /proc/uptime) - \${begin%.*})) -gt ${patience} ] && exit 0
    done
    echo "times $begin $created $(now)"`);
  await bed.run(`xl destroy ${name}`);
  const [, begin, created, first] = /times (\S+) (\S+) (\S+)/.exec(printed) ?? [];
  if (begin === undefined) return null;
  return { created: (created - begin) * 1000, first: (first - begin) * 1000 };
}

/** Rows of a table. Guests take turns. */
export async function measureStartup(bed, guests) {
  const kinds = [
    { name: "unipkg", guest: guests.web, tries: [14, 12, 10, 9, 8, 7, 6, 5, 4], patience: 10 },
    { name: "Linux", guest: guests.linuxWeb, tries: [128, 96, 80, 64, 48], patience: 45 },
  ];
  const times = kinds.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, { name, guest }] of kinds.entries()) {
      const time = await firstAnswer(bed, name, guest, guest.memory, 90);
      if (time === null) throw new Error(`${name} does not answer\n${bed.console(name)}`);
      times[index].push(time);
    }
  }
  const least = [];
  for (const { name, guest, tries, patience } of kinds) {
    let { memory } = guest;
    for (const next of tries) {
      if ((await firstAnswer(bed, name, guest, next, patience)) === null) break;
      memory = next;
    }
    least.push(memory);
  }
  const middle = (key) => times.map((each) => median(each.map(key)));
  return [
    { what: "xl create to first answer, ms", values: middle(({ first }) => first), less: true },
    { what: "  of which xl create", values: middle(({ created }) => created), less: true },
    {
      what: "  of which after it",
      values: middle(({ first, created }) => first - created),
      less: true,
    },
    { what: "least memory that it serves with, MiB", values: least, less: true },
  ];
}
