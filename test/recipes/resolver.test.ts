// dns-resolver under virtual time, its servers played by the test: what it asks, whom it believes, what it keeps.
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { ImageParts } from "../../linker/node-host/image.ts";
import { VirtualHost } from "../../linker/node-host/virtual.ts";
import { decode, encodeName, name, type RecordData, types } from "../dns/support/message.ts";
import { Random } from "../net/support/random.ts";
import { projectRoot } from "../support/unipkg.ts";
import { link } from "./link.ts";

let image: ImageParts;
beforeAll(async () => {
  image = await link(join(projectRoot, "test/recipes/apps/resolver-probe"), {
    "dns-resolver": { servers: "192.0.2.1 2001:db8::2", cacheEntries: 3, concurrent: 4 },
  });
}, 60_000);

const first = Uint8Array.of(192, 0, 2, 1);
const second = Uint8Array.of(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2);

type Sent = VirtualHost["datagrams"][number];

interface Reply {
  readonly code?: number;
  readonly flags?: number;
  readonly answer?: readonly RecordData[];
  readonly authority?: readonly RecordData[];
  /** Changes the message at the end. */
  readonly change?: (message: Buffer) => void;
}

function record(owner: string, type: number, data: Buffer | string, ttl = 300): RecordData {
  const hex = typeof data === "string" ? data : data.toString("hex");
  return { owner: name(owner), type, class: 1, ttl, data: hex };
}

function answerTo(question: Uint8Array, reply: Reply): Buffer {
  const end = Buffer.from(question).indexOf(0, 12) + 5;
  const header = Buffer.from(question.subarray(0, 12));
  header.writeUInt16BE(0x8180 | (reply.flags ?? 0) | (reply.code ?? 0), 2);
  header.writeUInt16BE(reply.answer?.length ?? 0, 6);
  header.writeUInt16BE(reply.authority?.length ?? 0, 8);
  header.writeUInt16BE(0, 10);
  const records = [...(reply.answer ?? []), ...(reply.authority ?? [])].map(
    ({ owner, type, ttl, data }) => {
      const fixed = Buffer.alloc(10);
      fixed.writeUInt16BE(type);
      fixed.writeUInt16BE(1, 2);
      fixed.writeUInt32BE(ttl, 4);
      fixed.writeUInt16BE(data.length / 2, 8);
      return Buffer.concat([encodeName(owner), fixed, Buffer.from(data, "hex")]);
    },
  );
  const message = Buffer.concat([header, question.subarray(12, end), ...records]);
  reply.change?.(message);
  return message;
}

class Desk {
  readonly host: VirtualHost;

  private constructor(host: VirtualHost) {
    this.host = host;
  }

  static async open(): Promise<Desk> {
    return new Desk(await VirtualHost.start(image));
  }

  lookup(text: string): this {
    this.host.datagram(7, { address: first, port: 9 }, Buffer.from(text));
    this.host.settle();
    return this;
  }

  /** The last datagram that was sent. */
  get last(): Sent {
    return this.host.datagrams.at(-1)!;
  }

  reply(
    reply: Reply,
    to: Sent = this.last,
    from: { address: Uint8Array; port: number } = to,
  ): this {
    this.host.datagram(to.from, from, answerTo(to.data, reply));
    this.host.settle();
    return this;
  }

  /** What was printed, and forgets it. */
  told(): string {
    const { printed } = this.host;
    this.host.printed = "";
    return printed;
  }
}

const address = record("www.example.org", types.A, "c0000250");

describe("a question", () => {
  test("goes to the first server, with recursion, EDNS and a spelling of its own", async () => {
    const desk = (await Desk.open()).lookup("1 www.example.org");
    const { data, port, address: to } = desk.last;
    expect([...to]).toEqual([...first]);
    expect(port).toBe(53);
    const message = decode(Buffer.from(data));
    expect(message.flags).toBe(0x0100);
    expect(message.additional).toMatchObject([{ type: types.OPT, class: 1232 }]);
    const asked = message.questions[0]!.name.join(".");
    expect(asked.toLowerCase()).toBe("www.example.org");
    expect(asked).not.toBe("www.example.org");
    expect(desk.reply({ answer: [address] }).told()).toBe(
      "www.example.org 0 www.example.org. 300 [c0000250]\n",
    );
  });

  test("is asked again, of each server in turn, later and later, and fails in the end", async () => {
    const desk = (await Desk.open()).lookup("1 www.example.org");
    const times: bigint[] = [];
    let count = 0;
    while (desk.told() === "" && times.length < 20) {
      if (desk.host.datagrams.length > count) times.push(desk.host.now);
      count = desk.host.datagrams.length;
      desk.host.advance(100);
    }
    const seconds = times.map((time) => Number(time - times[0]!) / 1e9);
    expect(seconds.map((time) => Math.round(time))).toEqual([0, 1, 2, 4, 6, 10]);
    const asked = desk.host.datagrams;
    expect(asked.map((one) => one.address.length)).toEqual([4, 16, 4, 16, 4, 16]);
    const ids = asked.map(({ data }) => Buffer.from(data).readUInt16BE(0));
    expect(new Set(ids).size).toBe(6);
    const spellings = asked.map(({ data }) => Buffer.from(data).toString("latin1", 12, 29));
    expect(new Set(spellings).size).toBeGreaterThan(3);
    expect(desk.host.openHandles).toBe(1);
  });

  test("that is asked twice at one time is asked once", async () => {
    const desk = (await Desk.open()).lookup("1 www.example.org").lookup("1 WWW.example.org.");
    expect(desk.host.datagrams).toHaveLength(1);
    expect(desk.reply({ answer: [address] }).told()).toBe(
      "www.example.org 0 www.example.org. 300 [c0000250]\nWWW.example.org. 0 www.example.org. 300 [c0000250]\n",
    );
  });

  test("beyond the limit fails at once", async () => {
    const desk = await Desk.open();
    for (const of of ["a", "b", "c", "d", "e"]) desk.lookup(`1 ${of}.test`);
    expect(desk.told()).toBe("e.test 3 e.test 0 []\n");
    expect(desk.host.datagrams).toHaveLength(4);
  });

  test.each(["", ".a", "a..b", `${"x".repeat(64)}.test`, "ü.test"])(
    "for %j is none",
    async (of) => {
      const desk = (await Desk.open()).lookup(`1 ${of}`);
      expect(desk.told()).toBe(`${of} 4 ${of} 0 []\n`);
      expect(desk.host.datagrams).toEqual([]);
    },
  );

  test("goes over TCP when the answer was cut off", async () => {
    const desk = (await Desk.open()).lookup("1 www.example.org");
    const peer = desk.host.expectConnection(53);
    desk.reply({ flags: 0x0200 });
    desk.host.settle();
    const received = peer.received;
    expect(received.readUInt16BE(0)).toBe(received.length - 2);
    const message = answerTo(received.subarray(2), { answer: [address] });
    const length = Buffer.alloc(2);
    length.writeUInt16BE(message.length);
    peer.sendIn(Buffer.concat([length, message]), [1, 2, 7]);
    desk.host.settle();
    expect(desk.told()).toBe("www.example.org 0 www.example.org. 300 [c0000250]\n");
    expect(desk.host.openHandles).toBe(1);
  });

  test("goes to the next server when TCP is refused, or ends too soon", async () => {
    const desk = (await Desk.open()).lookup("1 www.example.org").reply({ flags: 0x0200 });
    desk.host.advance(10);
    expect([...desk.last.address]).toEqual([...second]);
    const peer = desk.host.expectConnection(53);
    desk.reply({ flags: 0x0200 });
    peer.send("\0").end();
    desk.host.settle();
    expect([...desk.last.address]).toEqual([...first]);
    expect(desk.host.datagrams).toHaveLength(3);
  });
});

describe("an answer that is not believed", () => {
  const other = Uint8Array.of(192, 0, 2, 66);
  const forged: Reply = { answer: [record("www.example.org", types.A, "06060606")] };

  test.each<readonly [string, (desk: Desk) => void]>([
    ["from another address", (desk) => desk.reply(forged, desk.last, { address: other, port: 53 })],
    ["from another port", (desk) => desk.reply(forged, desk.last, { address: first, port: 54 })],
    [
      "with another id",
      (desk) => desk.reply({ ...forged, change: (bytes) => bytes.writeUInt8(bytes[0]! ^ 1, 0) }),
    ],
    [
      "with another spelling",
      (desk) =>
        desk.reply({ ...forged, change: (bytes) => bytes.writeUInt8(bytes[13]! ^ 0x20, 13) }),
    ],
    [
      "for another type",
      (desk) =>
        desk.reply({
          ...forged,
          change: (bytes) => bytes.writeUInt8(28, bytes.indexOf(0, 12) + 2),
        }),
    ],
    [
      "that is a question",
      (desk) => desk.reply({ ...forged, change: (bytes) => bytes.writeUInt8(1, 2) }),
    ],
    [
      "that is no message",
      (desk) => desk.host.datagram(desk.last.from, desk.last, Buffer.alloc(11)),
    ],
  ])("%s is dropped, and the true one waited for", async (_what, forge) => {
    const desk = (await Desk.open()).lookup("1 www.example.org");
    forge(desk);
    desk.host.settle();
    expect(desk.told()).toBe("");
    expect(desk.host.datagrams).toHaveLength(1);
    expect(desk.reply({ answer: [address] }).told()).toContain("c0000250");
  });

  test.each<readonly [string, Reply]>([
    ["a failure", { code: 2 }],
    ["a refusal", { code: 5 }],
    [
      "records that end too soon",
      { answer: [address], change: (bytes) => bytes.writeUInt16BE(2, 6) },
    ],
    [
      "aliases in a circle",
      {
        answer: [
          record("www.example.org", types.CNAME, encodeName(name("b.test"))),
          record("b.test", types.CNAME, encodeName(name("www.example.org"))),
        ],
      },
    ],
  ])("%s has the next server asked", async (_what, reply) => {
    const desk = (await Desk.open()).lookup("1 www.example.org").reply(reply);
    expect(desk.told()).toBe("");
    expect([...desk.last.address]).toEqual([...second]);
    expect(desk.reply({ answer: [address] }).told()).toContain("c0000250");
  });
});

describe("an answer", () => {
  test("may go by aliases, whose least TTL counts", async () => {
    const desk = (await Desk.open()).lookup("1 a.test").reply({
      answer: [
        record("c.test", types.A, "01020304", 900),
        record("a.test", types.CNAME, encodeName(name("b.test")), 60),
        record("b.test", types.CNAME, encodeName(name("C.test")), 600),
      ],
    });
    expect(desk.told()).toBe("a.test 0 C.test. 60 [01020304]\n");
  });

  test("does not say anything of other names", async () => {
    const desk = (await Desk.open()).lookup("1 a.test").reply({
      answer: [record("a.test", types.A, "01020304"), record("bank.test", types.A, "06060606")],
      authority: [record("bank.test", types.NS, encodeName(name("evil.test")))],
    });
    expect(desk.told()).toContain("[01020304]");
    desk.lookup("1 bank.test");
    expect(desk.told()).toBe("");
    expect(desk.host.datagrams).toHaveLength(2);
  });

  test("of several records, and of names within the data", async () => {
    const data = Buffer.concat([Buffer.from([0, 10]), encodeName(name("mx.test"))]);
    const desk = (await Desk.open()).lookup("15 a.test").reply({
      answer: [record("a.test", types.MX, data), record("a.test", types.MX, data)],
    });
    expect(desk.told()).toBe(
      `a.test 0 a.test. 300 [${data.toString("hex")},${data.toString("hex")}]\n`,
    );
  });

  test("is kept for its TTL, and tells what is left of it", async () => {
    const desk = (await Desk.open()).lookup("1 www.example.org").reply({ answer: [address] });
    desk.told();
    desk.host.advance(100_000);
    expect(desk.lookup("1 Www.Example.org").told()).toBe(
      "Www.Example.org 0 www.example.org. 200 [c0000250]\n",
    );
    desk.lookup("28 www.example.org");
    expect(desk.told()).toBe("");
    desk.host.advance(200_000);
    desk.host.printed = "";
    desk.lookup("1 www.example.org");
    expect(desk.told()).toBe("");
  });

  test("of no seconds is not kept, one of a month for a day", async () => {
    const desk = (await Desk.open())
      .lookup("1 www.example.org")
      .reply({ answer: [{ ...address, ttl: 0 }] });
    desk.lookup("1 www.example.org");
    expect(desk.host.datagrams).toHaveLength(2);
    expect(desk.reply({ answer: [{ ...address, ttl: 2_592_000 }] }).told()).toContain(" 86400 ");
  });

  test("that there is nothing is kept as long as the SOA says (RFC 2308)", async () => {
    const soa = Buffer.concat([
      encodeName(name("ns.test")),
      encodeName(name("h.test")),
      Buffer.alloc(16),
      Buffer.from([0, 0, 0, 60]),
    ]);
    const desk = (await Desk.open())
      .lookup("1 no.test")
      .reply({ code: 3, authority: [record("test", types.SOA, soa, 900)] });
    expect(desk.told()).toBe("no.test 2 no.test. 60 []\n");
    expect(desk.lookup("1 no.test").told()).toBe("no.test 2 no.test. 60 []\n");
    desk.host.advance(60_000);
    desk.lookup("1 no.test").reply({ authority: [record("test", types.SOA, soa, 30)] });
    expect(desk.told()).toBe("no.test 1 no.test. 30 []\n");
    expect(desk.host.datagrams).toHaveLength(2);
  });

  test("that there is nothing is not kept without a SOA, nor by that of another zone", async () => {
    const soa = Buffer.concat([encodeName([]), encodeName([]), Buffer.alloc(20, 1)]);
    const desk = await Desk.open();
    for (const authority of [[], [record("other", types.SOA, soa)]]) {
      desk.lookup("1 no.test").reply({ code: 3, authority });
      expect(desk.told()).toBe("no.test 2 no.test. 0 []\n");
    }
    expect(desk.host.datagrams).toHaveLength(2);
  });

  test("makes room for others when it was used longest ago", async () => {
    const desk = await Desk.open();
    for (const of of ["a", "b", "c", "a", "d"]) {
      const before = desk.host.datagrams.length;
      desk.lookup(`1 ${of}.test`);
      if (desk.host.datagrams.length > before)
        desk.reply({ answer: [record(`${of}.test`, types.A, "01020304")] });
    }
    expect(desk.host.datagrams).toHaveLength(4);
    desk.lookup("1 a.test");
    expect(desk.host.datagrams).toHaveLength(4);
    desk.lookup("1 b.test");
    expect(desk.host.datagrams).toHaveLength(5);
  });
});

test("over a network that loses half of everything, and says nonsense, every look-up ends in the truth or a failure", async () => {
  const random = new Random(3);
  const desk = await Desk.open();
  let found = 0;
  for (let count = 0; count < 300; count++) {
    const of = `n${count}.test`;
    desk.lookup(`1 ${of}`);
    for (let step = 0; desk.host.printed === "" && step < 200; step++) {
      const { last } = desk;
      if (random.below(2) === 0) {
        desk.reply(
          {
            answer: [record(of, types.A, "01020304")],
            change: (bytes) => {
              // Nonsense keeps the data out of the changes, so that what is told shows whether it was believed.
              if (random.below(2) === 0) bytes[random.below(bytes.length - 20)] = random.below(256);
            },
          },
          last,
        );
      }
      desk.host.advance(500);
    }
    const told = desk.told();
    expect(told).toMatch(/^n\d+\.test (0 n\d+\.test\. \d+ \[01020304\]|[123] .* \[\])\n$/);
    if (told.includes("01020304")) found++;
  }
  expect(found).toBeGreaterThan(200);
  expect(desk.host.openHandles).toBe(1);
  expect(desk.host.trap).toBeNull();
});
