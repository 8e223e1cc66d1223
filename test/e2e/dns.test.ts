// dns on unix with the kernel's sockets, asked by dig, kdig and raw sockets; its answers beside those of nsd for the same
// zone. Needs: cc, dig, kdig, nsd (npm test installs them).
import { execFileSync, spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  decode,
  flags,
  key,
  type Message,
  name,
  opt,
  query,
  type RecordData,
  types,
} from "../dns/support/message.ts";
import {
  freePort,
  type Running,
  start,
  temporaryFolder,
  unipkg,
  unipkgOk,
} from "../support/unipkg.ts";

const folder = temporaryFolder();
const app = join(folder.path, "names");
let server: Running;
let peer: Running;
let port: number;
let peerPort: number;

/** All that a zone can have. */
const zone = `$TTL 1h
@ SOA ns1 hostmaster.mail ( 2026112100 ; serial
    2h 15m 2w 5m )
@ NS ns1
  NS ns2.far.test.
  MX 10 mail
  MX 20 mail.far.test.
  TXT "v=spf1 mx -all" "second \\"string\\" \\; \\195\\188"
  CAA 0 issue "ca.far.test"
  CAA 128 iodef "mailto:a@b"
  TYPE65534 \\# 4 DEADBEEF
ns1 A 192.0.2.1
ns1 AAAA 2001:db8::1
mail 300 IN A 192.0.2.25
www IN 60 A 192.0.2.80
WWW 60 A 192.0.2.81
www AAAA 2001:db8::80
Mixed.Case TXT Kept
alias CNAME www
chain1 CNAME chain2
chain2 CNAME chain3
chain3 CNAME alias
dangling CNAME nowhere
outside CNAME www.far.test.
loop1 CNAME loop2
loop2 CNAME loop1
to-wild CNAME any.wild
*.wild A 192.0.2.90
*.wild MX 5 mail
here.wild TXT "no A here"
*.wild-alias CNAME www
a.b.c.deep A 192.0.2.100
_imaps._tcp SRV 0 1 993 mail
_sip._udp SRV 10 60 5060 sip.far.test.
naptr NAPTR 100 10 "u" "E2U+sip" "!^.*$!sip:info@example.test!" .
host.ssh SSHFP 4 2 123456789abcdef67890123456789abcdef67890123456789abcdef123456789
_443._tcp.www TLSA 3 1 1 ( 0123456789abcdef0123456789abcdef
  0123456789abcdef0123456789abcdef )
keys DNSKEY 257 3 13 mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ==
hinfo HINFO "amd64" "unikernel"
person RP admin.mail person-text
10 PTR www
lab NS ns.lab
lab NS ns2.far.test.
lab DS 60485 5 1 2BB183AF5F22588179A53B0A 98631FAD1A292118
ns.lab A 192.0.2.53
ns.lab AAAA 2001:db8::53
deep.lab NS ns.deep.lab
ns.deep.lab A 192.0.2.54
big TXT ${Array.from({ length: 30 }, (_, index) => `"${String(index).padStart(2, "0").repeat(40)}"`).join(" ")}
many A 10.0.0.1
${Array.from({ length: 60 }, (_, index) => `many A 10.0.1.${index}`).join("\n")}
`;

beforeAll(async () => {
  unipkgOk(folder.path, "init", "names", "--template", "dns");
  rmSync(join(app, "zones"), { recursive: true });
  mkdirSync(join(app, "zones"));
  writeFileSync(join(app, "zones/example.test.zone"), zone);
  port = await freePort();
  const set = ["--set", `names.port=${port}`, "--set", "dns-zones.transferTo=::1"];
  unipkgOk(app, "build", "--target", "unix", ...set, "--output", "server");
  server = start(join(app, "server"), [], app);
  await server.until("dns: port");
  peerPort = await freePort();
  const configuration = `server:
  ip-address: 127.0.0.1@${peerPort}
  server-count: 1
  username: ""
  chroot: ""
  rrl-ratelimit: 0
  minimal-responses: yes
  zonesdir: "${app}/zones"
  database: ""
  pidfile: "${folder.path}/nsd.pid"
  xfrdfile: "${folder.path}/xfrd.state"
  zonelistfile: "${folder.path}/zone.list"
  xfrdir: "${folder.path}"
remote-control:
  control-enable: no
zone:
  name: example.test
  zonefile: example.test.zone
`;
  writeFileSync(join(folder.path, "nsd.conf"), configuration);
  peer = start("/usr/sbin/nsd", ["-d", "-c", join(folder.path, "nsd.conf")], folder.path);
  for (let attempt = 0; ; attempt++) {
    const answer = await ask(query(name("example.test"), types.SOA), peerPort, 200);
    if (answer !== null && (decode(answer).flags & 15) === 0) break;
    if (attempt === 150) throw new Error(`nsd does not answer:\n${peer.output()}`);
    await sleep(100);
  }
});

afterAll(async () => {
  await server?.stop();
  await peer?.stop();
  folder.remove();
});

/** The answer over UDP; null when there is none. */
function ask(message: Uint8Array, to = port, patience = 5000): Promise<Buffer | null> {
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    const finish = (answer: Buffer | null) => {
      clearTimeout(timeout);
      socket.close();
      resolve(answer);
    };
    const timeout = setTimeout(() => finish(null), patience);
    socket.on("error", () => {});
    socket.on("message", finish);
    socket.send(message, to, "127.0.0.1");
  });
}

/** Everything that comes back over one TCP connection until the peer ends it, or until `count` messages are there. */
function exchange(
  bytes: Uint8Array,
  count: number,
): Promise<{ messages: Buffer[]; ended: boolean }> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    const messages = () => {
      const found: Buffer[] = [];
      for (
        let at = 0;
        at + 2 <= received.length && at + 2 + received.readUInt16BE(at) <= received.length;
      ) {
        const length = received.readUInt16BE(at);
        found.push(received.subarray(at + 2, at + 2 + length));
        at += 2 + length;
      }
      return found;
    };
    const finish = (ended: boolean) => {
      socket.destroy();
      resolve({ messages: messages(), ended });
    };
    socket.on("data", (data) => {
      received = Buffer.concat([received, data]);
      if (messages().length >= count) finish(false);
    });
    socket.on("end", () => finish(true));
    socket.on("error", reject);
  });
}

function framed(message: Uint8Array): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}

function lines(records: readonly RecordData[]): string[] {
  const known = records.filter(({ type }) => type !== types.OPT);
  return known.map(({ owner, type, ttl, data }) => `${key(owner)} ${type} ${ttl} ${data}`).sort();
}

function dig(...words: readonly string[]): string {
  return execFileSync("dig", ["@127.0.0.1", "-p", `${port}`, "+time=5", "+tries=2", ...words], {
    encoding: "utf8",
  });
}

describe("answers are those of nsd", () => {
  const names = [
    ...[
      "",
      "ns1",
      "mail",
      "www",
      "WwW",
      "mixed.case",
      "alias",
      "chain1",
      "dangling",
      "outside",
      "to-wild",
    ],
    ...["x.wild", "X.Y.wild", "wild", "*.wild", "here.wild", "x.here.wild", "any.wild-alias"],
    ...[
      "deep",
      "c.deep",
      "b.c.deep",
      "a.b.c.deep",
      "x.a.b.c.deep",
      "z.deep",
      "_imaps._tcp",
      "_sip._udp",
    ],
    ...[
      "naptr",
      "host.ssh",
      "_443._tcp.www",
      "keys",
      "hinfo",
      "person",
      "10",
      "absent",
      "a.b.absent",
    ],
    ...["lab", "x.lab", "ns.lab", "deep.lab", "x.deep.lab"],
  ];
  const asked = [1, 2, 5, 6, 12, 13, 15, 16, 17, 28, 33, 35, 43, 44, 48, 52, 257, 65534, 999];

  test("for every name and type", async () => {
    const differences: string[] = [];
    let compared = 0;
    for (const front of names) {
      for (const type of asked) {
        const of = name(front === "" ? "example.test" : `${front}.example.test`);
        const message = query(of, type, { payload: 1232 });
        const [own, others] = await Promise.all([ask(message), ask(message, peerPort)]);
        if (own === null || others === null) throw new Error(`no answer for ${front} ${type}`);
        const shown = (decoded: Message) => ({
          flags: (decoded.flags & ~flags.recursion).toString(16),
          answer: lines(decoded.answer),
          authority: lines(decoded.authority),
        });
        const [a, b] = [shown(decode(own)), shown(decode(others))];
        if (JSON.stringify(a) !== JSON.stringify(b)) {
          differences.push(
            `${front} ${type}\n  ours ${JSON.stringify(a)}\n  nsd  ${JSON.stringify(b)}`,
          );
        }
        compared++;
      }
    }
    expect(compared).toBe(names.length * asked.length);
    expect(differences).toEqual([]);
  });
});

describe("dig", () => {
  test("shows every type as the zone file has it", () => {
    const shown = (of: string, type: string) => dig("+short", `${of}.example.test`, type).trim();
    expect(shown("mixed.case", "TXT")).toBe('"Kept"');
    expect(dig("+short", "example.test", "TXT").trim()).toBe(
      '"v=spf1 mx -all" "second \\"string\\" ; \\195\\188"',
    );
    expect(dig("+short", "example.test", "CAA").trim().split("\n").sort()).toEqual([
      '0 issue "ca.far.test"',
      '128 iodef "mailto:a@b"',
    ]);
    expect(shown("_imaps._tcp", "SRV")).toBe("0 1 993 mail.example.test.");
    expect(shown("naptr", "NAPTR")).toBe('100 10 "u" "E2U+sip" "!^.*$!sip:info@example.test!" .');
    expect(shown("host.ssh", "SSHFP")).toBe(
      "4 2 123456789ABCDEF67890123456789ABCDEF67890123456789ABCDEF1 23456789",
    );
    expect(dig("+short", "example.test", "TYPE65534").trim()).toBe("\\# 4 DEADBEEF");
    expect(shown("lab", "DS")).toBe("60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118");
  });

  test("keeps the case of the question, and that of the zone in the data", () => {
    const answer = dig("+noall", "+question", "+answer", "ALIAS.Example.TEST", "CNAME");
    expect(answer).toMatch(/^;ALIAS\.Example\.TEST\./m);
    expect(answer).toMatch(/^ALIAS\.Example\.TEST\.\s+3600\s+IN\s+CNAME\s+www\./m);
  });

  test("comes again over TCP when an answer is too long", () => {
    expect(dig("+ignore", "+bufsize=512", "big.example.test", "TXT")).toMatch(/flags: qr aa tc/);
    expect(dig("+short", "big.example.test", "TXT")).toContain('"2929');
    expect(dig("+short", "many.example.test", "A").trim().split("\n")).toHaveLength(61);
    expect(dig("+ignore", "+noedns", "many.example.test", "A")).toMatch(
      /flags: qr aa tc.*ANSWER: 0/,
    );
    expect(dig("+noedns", "+short", "many.example.test", "A").trim().split("\n")).toHaveLength(61);
  });

  test("has one set of records for ANY", () => {
    expect(dig("example.test", "ANY", "+notcp")).toMatch(/ANSWER: [12],/);
  });

  test("is refused what is not ours, and zones as a whole", () => {
    expect(dig("example.com", "A")).toContain("status: REFUSED");
    expect(dig("version.bind", "CH", "TXT")).toContain("status: REFUSED");
    expect(dig("example.test", "AXFR")).toContain("Transfer failed");
    expect(dig("example.test", "IXFR=1", "+tcp")).toMatch(/status: REFUSED|Transfer failed/);
  });

  test("has the whole zone from an address that may", () => {
    const words = ["@::1", "-p", `${port}`, "+noall", "+answer", "+onesoa", "example.test", "AXFR"];
    const { stdout } = spawnSync("dig", words, { encoding: "utf8" });
    const owners = stdout.trim().split("\n");
    expect(owners[0]).toMatch(/\sSOA\s/);
    const listed = zone
      .split("\n")
      .filter((line) => / (A|AAAA|NS|CNAME|TXT|MX|SRV|DS) /.test(line));
    expect(owners.length).toBeGreaterThan(listed.length);
    expect(stdout).toContain("ns.deep.lab.example.test.");
  });

  test("is told of EDNS that we do not know", () => {
    expect(dig("+edns=1", "+noednsnegotiation", "www.example.test")).toContain("status: BADVERS");
    const plain = dig("+dnssec", "www.example.test");
    expect(plain).toMatch(/EDNS: version: 0, flags: do; udp: 1232/);
    expect(dig("+noedns", "www.example.test")).not.toContain("EDNS");
    expect(dig("+opcode=notify", "example.test", "SOA")).toContain("status: NOTIMP");
    expect(dig("+opcode=update", "example.test", "SOA")).toContain("status: NOTIMP");
  });
});

test("kdig asks many questions over one connection", () => {
  const questions = Array.from({ length: 20 }, (_, index) => [
    "-q",
    `n${index}.wild.example.test`,
    "-t",
    "A",
  ]).flat();
  const words = ["@127.0.0.1", "-p", `${port}`, "+tcp", "+keepopen", ...questions];
  const answers = execFileSync("kdig", words, { encoding: "utf8" });
  expect(answers.match(/192\.0\.2\.90/g)).toHaveLength(20);
});

describe("hostile queries", () => {
  const good = query(name("www.example.test"), types.A);
  const changed = (change: (bytes: Buffer) => void, from = good) => {
    const bytes = Buffer.from(from);
    change(bytes);
    return bytes;
  };

  test.each([
    ["nothing", Buffer.alloc(0)],
    ["half a header", good.subarray(0, 11)],
    ["a response", changed((bytes) => bytes.writeUInt8(0x80, 2))],
  ])("%s is dropped", async (_what, message) => {
    expect(await ask(message, port, 300)).toBeNull();
  });

  test.each([
    ["no question", good.subarray(0, 12), 1],
    ["a question cut off", good.subarray(0, 20), 1],
    ["two questions", changed((bytes) => bytes.writeUInt16BE(2, 4)), 1],
    ["an answer in it", changed((bytes) => bytes.writeUInt16BE(1, 6)), 1],
    ["a name that points to itself", changed((bytes) => bytes.writeUInt16BE(0xc00c, 12)), 1],
    ["a name that points into the header", changed((bytes) => bytes.writeUInt16BE(0xc000, 12)), 1],
    ["a label of a kind that is not used", changed((bytes) => bytes.writeUInt8(0x41, 12)), 1],
    ["a label beyond the message", changed((bytes) => bytes.writeUInt8(63, 12)), 1],
    ["additional records that are not there", changed((bytes) => bytes.writeUInt16BE(9, 10)), 1],
    [
      "two OPT records",
      changed((bytes) => bytes.writeUInt16BE(2, 10), Buffer.concat([good, opt(1232), opt(1232)])),
      1,
    ],
    [
      "an OPT of another name",
      changed(
        (bytes) => bytes.writeUInt16BE(1, 10),
        Buffer.concat([good, Buffer.from([1, 97]), opt(1232)]),
      ),
      1,
    ],
    ["another class", changed((bytes) => bytes.writeUInt16BE(4, bytes.length - 2)), 5],
    ["a status query", changed((bytes) => bytes.writeUInt8(0x10, 2)), 4],
  ])("%s is answered by its code", async (_what, message, code) => {
    const answer = await ask(message);
    expect(answer).not.toBeNull();
    const decoded = decode(answer!);
    expect(decoded.flags & 15).toBe(code);
    expect(decoded.answer).toEqual([]);
    expect(answer!.length).toBeLessThanOrEqual(message.length + 11);
  });

  test("a name of 255 octets is one, of 256 is none", async () => {
    const longest = name(`${`${"a".repeat(63)}.`.repeat(3)}${"b".repeat(48)}.example.test`);
    const answer = decode((await ask(query(longest, types.A)))!);
    expect(answer.flags & 15).toBe(3);
    expect(decode((await ask(query(["x", ...longest], types.A)))!).flags & 15).toBe(1);
  });

  test("no UDP answer is longer than 1232 octets, whatever is asked for", async () => {
    for (const payload of [0, 512, 1232, 4096, 65535]) {
      const answer = (await ask(query(name("many.example.test"), types.A, { payload })))!;
      expect(answer.length).toBeLessThanOrEqual(Math.min(Math.max(payload, 512), 1232));
    }
  });

  test("messages in one piece, in many pieces, and half of one over TCP", async () => {
    const three = Buffer.concat(
      [1, 2, 3].map((id) => framed(query(name("www.example.test"), types.A, { id }))),
    );
    const { messages } = await exchange(three, 3);
    expect(messages.map((message) => decode(message).id)).toEqual([1, 2, 3]);
    const socket = connect(port, "127.0.0.1");
    const received: Buffer[] = [];
    socket.on("data", (data) => received.push(data));
    for (const octet of framed(good)) {
      socket.write(Buffer.from([octet]));
      await sleep(1);
    }
    while (Buffer.concat(received).length < 2) await sleep(10);
    socket.destroy();
    expect(Buffer.concat(received).readUInt16BE(0)).toBeGreaterThan(good.length);
  });

  test("a long answer to one who does not read holds up that one only", async () => {
    const asked = Buffer.concat(
      Array.from({ length: 3000 }, () => framed(query(name("big.example.test"), types.TXT))),
    );
    const socket = connect(port, "127.0.0.1", () => socket.pause());
    socket.write(asked);
    socket.on("error", () => {});
    await sleep(200);
    expect(decode((await ask(good))!).answer).toHaveLength(2);
    let bytes = 0;
    socket.on("data", (data) => {
      bytes += data.length;
    });
    socket.resume();
    socket.end();
    await new Promise((resolve) => socket.on("close", resolve));
    expect(bytes).toBe(
      3000 *
        (2 +
          (await exchange(framed(query(name("big.example.test"), types.TXT)), 1)).messages[0]!
            .length),
    );
  });

  test("10,000 broken messages do no harm", async () => {
    let state = 7;
    const random = (below: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    const socket = createSocket("udp4");
    for (let count = 0; count < 10_000; count++) {
      const message = changed(
        (bytes) => {
          for (let flips = random(6); flips >= 0; flips--)
            bytes[random(bytes.length)] = random(256);
        },
        Buffer.concat([good, opt(1232)]),
      );
      socket.send(message.subarray(0, random(message.length + 1)), port, "127.0.0.1");
      if (count % 200 === 0) await sleep(1);
    }
    socket.close();
    expect(decode((await ask(good))!).answer).toHaveLength(2);
  });
});

test("a mistake in a zone file is told at build time, with its place", () => {
  writeFileSync(
    join(app, "zones/broken.test.zone"),
    "$TTL 1h\n@ SOA a b 1 1 1 1 1\n@ NS a\na A 192.0.2.256\nb TXTT x\n",
  );
  const { status, stderr } = unipkg(app, "build", "--target", "unix", "--output", "other");
  rmSync(join(app, "zones/broken.test.zone"));
  expect(stderr).toMatchInlineSnapshot(`
    "error[UP506]: \`192.0.2.256\` is not an IPv4 address such as 192.0.2.1
      --> zones/broken.test.zone:4:5
       |
     4 | a A 192.0.2.256
       |     ^^^
    error[UP506]: \`TXTT\` is not a type of records
      --> zones/broken.test.zone:5:3
       |
     5 | b TXTT x
       |   ^^^^
    hint: any other type is written as TYPE and its number, with data as \\# LENGTH HEX
    "
  `);
  expect(status).toBe(65);
});
