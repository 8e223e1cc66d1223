// Messages that are changed at random: every answer is well-formed, none is longer than it may be, nothing grows.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { Random } from "../net/support/random.ts";
import { projectRoot } from "../support/unipkg.ts";
import { zonesModule } from "./support/build.ts";
import { decode, flags, name, opt, query, types } from "./support/message.ts";
import { LoadedZones } from "./support/zones.ts";

const cases = Number(process.env["UNIPKG_CASES"] ?? "40000");
const seed = Number(process.env["UNIPKG_SEED"] ?? "1");

let zones: LoadedZones;
beforeAll(async () => {
  const text = readFileSync(join(projectRoot, "recipes/apps/dns/zones/example.org.zone"), "latin1");
  zones = new LoadedZones(await zonesModule(), { "example.org.zone": text });
});

const names = [
  "example.org",
  "www.example.org",
  "blog.example.org",
  "x.apps.example.org",
  "x.lab.example.org",
  "no.example.org",
  ".",
];

function whole(random: Random): Buffer {
  const of = name(names[random.below(names.length)]!);
  const type = [1, 2, 5, 6, 15, 16, 28, 33, 43, 251, 252, 255, 257][random.below(13)]!;
  const payload = [undefined, 0, 512, 1232, 65535][random.below(5)];
  return query(of, type, {
    id: random.below(65536),
    flags: random.below(4) === 0 ? random.below(65536) : 0,
    ...(payload === undefined ? {} : { payload }),
  });
}

function broken(random: Random): Buffer {
  let message = whole(random);
  if (random.below(4) === 0)
    message = Buffer.concat([message, opt(random.below(65536), random.below(3))]);
  for (let changes = random.below(5); changes > 0; changes--) {
    message[random.below(message.length)] =
      random.below(3) === 0 ? 0xc0 | random.below(64) : random.below(256);
  }
  if (random.below(3) === 0) message = message.subarray(0, random.below(message.length + 1));
  if (random.below(20) === 0)
    message = Buffer.concat([message, Buffer.alloc(random.below(3000), random.below(256))]);
  return message;
}

// A long run has as long as it needs.
test(`${cases} messages`, { timeout: 120_000 + cases }, () => {
  const random = new Random(seed);
  let answered = 0;
  zones.ask(query(name("www.example.org"), types.A));
  const before = zones.memory;
  for (let count = 0; count < cases; count++) {
    const message = broken(random);
    const overTcp = random.below(4) === 0;
    const answers = zones.ask(message, overTcp);
    // Not by `expect`, which takes longer than an answer.
    const demand = (holds: boolean, what: string) => {
      if (!holds) throw new Error(`${what}: ${message.toString("hex")}`);
    };
    demand(overTcp || answers.length <= 1, "several answers over UDP");
    for (const bytes of answers) {
      answered++;
      const answer = decode(bytes);
      demand(answer.id === message.readUInt16BE(0), "another id");
      demand((answer.flags & flags.response) !== 0, "no response");
      demand((message.readUInt16BE(2) & flags.response) === 0, "a response to a response");
      demand(overTcp || bytes.length <= 1232, "too long for UDP");
      // What has no sense is answered shortly: nothing is won by asking it in another's name.
      const code = answer.flags & 15;
      demand(![1, 4, 5].includes(code) || bytes.length <= message.length + 11, "long refusal");
    }
  }
  expect(answered).toBeGreaterThan(cases / 3);
  expect(zones.memory).toBe(before);
});
