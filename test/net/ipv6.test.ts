import { beforeAll, describe, expect, test } from "vitest";
import {
  Bench6,
  groupHardware,
  ourLinkLocal,
  ours,
  prefix,
  router,
  routerHardware,
  routers,
  theirLinkLocal,
  theirs,
  them,
  us,
} from "./support/bench6.ts";
import { stackModule } from "./support/build.ts";
import * as frame from "./support/frame.ts";
import type { WasmModule } from "./support/webassembly.ts";

let module: WasmModule;
beforeAll(async () => {
  module = await stackModule();
});

const text = (string: string) => Buffer.from(string);
const solicited = 0x40000000;
const override = 0x20000000;
const fromRouter = 0x80000000;

describe("RFC 4861: neighbours", () => {
  test("7.2.4: a solicitation is answered, and its sender learned", () => {
    const bench = new Bench6(module);
    bench.take();
    bench.solicit(us);
    const [answer] = bench.take();
    expect([answer?.to, answer?.packet.source, answer?.packet.destination]).toEqual([
      theirs,
      us,
      them,
    ]);
    expect(answer?.packet.hopLimit).toBe(255);
    const { type, rest, data } = frame.readIcmpv6(answer!.packet);
    expect([type, rest]).toEqual([136, solicited + override]);
    expect(data).toEqual(Buffer.from(frame.neighbour(us, 2, ours)));
    bench.stack.bind(1000, () => undefined)!.send(them, 2000, text("x"));
    expect(bench.take().map(({ to, packet }) => [to, packet.nextHeader])).toEqual([[theirs, 17]]);
  });

  test("7.1: what came through a router, for others, or is malformed is not", () => {
    const bench = new Bench6(module);
    bench.take();
    bench.solicit(us, them, { hopLimit: 254 });
    bench.solicit("fd00::9");
    bench.solicit(us, "::", { destination: us });
    const bare = { source: them, destination: us, hopLimit: 255 };
    bench.icmp({ type: 135, code: 1, data: frame.neighbour(us, 1, theirs) }, bare);
    bench.icmp({ type: 135, data: frame.neighbour(us, 1, theirs).subarray(0, 15) }, bare);
    const noLength = Buffer.from(frame.neighbour(us, 1, theirs));
    noLength[17] = 0;
    bench.icmp({ type: 135, data: noLength }, bare);
    const tooLong = Buffer.from(frame.neighbour(us, 1, theirs));
    tooLong[17] = 2;
    bench.icmp({ type: 135, data: tooLong }, bare);
    expect(bench.take()).toEqual([]);
  });

  test("7.2.2: an address is asked for three times; packets wait, the oldest go; then the peer is unreachable", () => {
    const bench = new Bench6(module);
    bench.take();
    const reasons: number[] = [];
    bench.stack.connect(them, 80, { onClose: (reason) => reasons.push(reason) });
    bench.wait(10);
    const asked = bench.take();
    expect(asked.map(({ to }) => to)).toEqual(Array(3).fill(groupHardware("ff02::1:ff00:2")));
    const { type, data } = frame.readIcmpv6(asked[0]!.packet);
    expect([type, data]).toEqual([135, Buffer.from(frame.neighbour(them, 1, ours))]);
    expect(reasons).toEqual([3]);
    const socket = bench.stack.bind(1000, () => undefined)!;
    for (let i = 0; i < 12; i++) socket.send(them, 2000, text(String(i)));
    bench.take();
    bench.advertise(them, solicited + override);
    expect(
      bench.take().map(({ packet }) => String(Buffer.from(packet.payload).subarray(8))),
    ).toEqual(["4", "5", "6", "7", "8", "9", "10", "11"]);
  });

  test("7.3: what is reachable is used; then it is used and confirmed after 5 s; then asked for; then given up", () => {
    const bench = new Bench6(module);
    bench.stack.bind(1000, () => undefined)!.send(them, 2000, text("x"));
    bench.advertise(them, solicited + override);
    bench.take();
    const socket = bench.stack.bind(1001, () => undefined)!;
    const types = () => bench.take().map(({ to, packet }) => [to === theirs, packet.nextHeader]);
    bench.wait(29);
    socket.send(them, 2000, text("reachable"));
    bench.wait(6);
    expect(types()).toEqual([[true, 17]]);
    socket.send(them, 2000, text("stale"));
    bench.wait(4);
    expect(types()).toEqual([[true, 17]]);
    bench.wait(1.5);
    // A probe, to itself.
    expect(types()).toEqual([[true, 58]]);
    bench.advertise(them, solicited);
    bench.wait(10);
    expect(types()).toEqual([]);
    bench.wait(30);
    socket.send(them, 2000, text("stale"));
    bench.wait(10);
    // Two probes to itself, the last one to all (RFC 7048), then it is asked for anew.
    expect(types()).toEqual([
      [true, 17],
      [true, 58],
      [true, 58],
      [false, 58],
    ]);
    socket.send(them, 2000, text("unknown"));
    expect(types()).toEqual([[false, 58]]);
  });

  test("7.3.1: a peer that acknowledges is not asked", () => {
    const bench = new Bench6(module);
    bench.know();
    const sent = (bytes: Buffer) =>
      frame.readTcp({ source: us, destination: them, payload: bytes });
    let connection: { write(data: Uint8Array): number } | null = null;
    bench.stack.listen(80, (accepted) => {
      connection = accepted;
      return {};
    });
    const segment = (part: Partial<frame.TcpSegment>) =>
      bench.deliver({
        nextHeader: 6,
        payload: frame.tcp(them, us, {
          ...{ sourcePort: 5, destinationPort: 80, sequence: 0, acknowledgment: 0, flags: "." },
          ...{ window: 65535, options: {}, data: new Uint8Array(0) },
          ...part,
        }),
      });
    segment({ flags: "S" });
    const answer = sent(bench.take()[0]!.packet.payload);
    segment({ sequence: 1, acknowledgment: answer.sequence + 1 });
    for (let i = 1; i <= 100; i++) {
      connection!.write(Uint8Array.of(i));
      bench.wait(0.05);
      segment({ sequence: 1, acknowledgment: answer.sequence + 1 + i });
      bench.wait(0.95);
    }
    expect(bench.take().every(({ packet }) => packet.nextHeader === 6)).toBe(true);
  });

  test("7.2.5: an address that is not to be overruled stays, but is in doubt", () => {
    const bench = new Bench6(module);
    bench.stack.bind(1000, () => undefined)!.send(them, 2000, text("x"));
    bench.advertise(them, solicited + override);
    bench.advertise(them, solicited, 0x020000000099n);
    bench.take();
    const socket = bench.stack.bind(1001, () => undefined)!;
    socket.send(them, 2000, text("x"));
    bench.wait(5.5);
    expect(bench.take().map(({ to, packet }) => [to, packet.nextHeader])).toEqual([
      [theirs, 17],
      [theirs, 58],
    ]);
    bench.advertise(them, override, 0x020000000099n);
    socket.send(them, 2000, text("x"));
    expect(bench.take().map(({ to }) => to)).toEqual([0x020000000099n]);
  });

  test("7.2.5: an advertisement of whom nobody asked for makes no neighbour", () => {
    const bench = new Bench6(module);
    bench.take();
    bench.advertise(them, override);
    bench.stack.bind(1000, () => undefined)!.send(them, 2000, text("x"));
    expect(bench.take().map(({ packet }) => packet.nextHeader)).toEqual([58]);
  });

  test("the table has a limit", () => {
    const bench = new Bench6(module, { settings: { neighbourLimit: 4 } });
    for (let i = 16; i < 256; i++) {
      bench.wait(0.001);
      bench.solicit(us, `fd00::${i.toString(16)}`);
    }
    bench.take();
    const socket = bench.stack.bind(1000, () => undefined)!;
    socket.send("fd00::ff", 1, text("x"));
    socket.send("fd00::10", 1, text("x"));
    expect(bench.take().map(({ packet }) => packet.nextHeader)).toEqual([17, 58]);
  });
});

describe("RFC 4862: addresses", () => {
  const auto = { address6: "auto", settings: { duplicateChecks: 1 } };
  const summary = (bench: Bench6) => bench.takeIcmp().map(({ type, to }) => `${type} ${to}`);

  test("5.4: an address is asked for, without one, and ours a second later; then routers are asked", () => {
    const bench = new Bench6(module, auto);
    const [question] = bench.take();
    expect([question?.packet.source, question?.packet.destination]).toEqual([
      "::",
      "ff02::1:ff00:1",
    ]);
    const { data } = frame.readIcmpv6(question!.packet);
    // RFC 4861, 7.1.1: without the option.
    expect(data).toEqual(Buffer.from(frame.neighbour(ourLinkLocal, 1, null)));
    expect(bench.stack.addresses6).toEqual([]);
    // 5.4: nothing comes to an address that is not ours yet.
    bench.icmp(
      { type: 128, data: text("x") },
      { source: theirLinkLocal, destination: ourLinkLocal },
    );
    bench.solicit(ourLinkLocal, theirLinkLocal);
    expect(bench.take()).toEqual([]);
    bench.wait(1);
    expect(bench.stack.addresses6).toEqual([ourLinkLocal]);
    bench.wait(30);
    expect(summary(bench)).toEqual(["133 ff02::2", "133 ff02::2", "133 ff02::2"]);
  });

  test.each([
    [
      "5.4.4: who has it answers",
      (bench: Bench6) =>
        bench.advertise(ourLinkLocal, override, theirs, { destination: "ff02::1" }),
    ],
    ["5.4.3: who wants it too asks", (bench: Bench6) => bench.solicit(ourLinkLocal, "::")],
  ])("%s, and then it is not ours", (_, happen) => {
    const bench = new Bench6(module, auto);
    happen(bench);
    bench.wait(30);
    expect(bench.stack.addresses6).toEqual([]);
    expect(bench.stack.log).toContain(`tcpip: another host has ${ourLinkLocal}`);
  });

  test("RFC 7217: with a secret, addresses are others in each network, and another is made for one that is taken", () => {
    const secret = { duplicateChecks: 1, addressSecret: 12345 };
    const first = new Bench6(module, { address6: "auto", settings: secret });
    first.wait(2);
    const [mine] = first.stack.addresses6;
    expect(mine).toMatch(/^fe80::/);
    expect(mine).not.toBe(ourLinkLocal);
    const same = new Bench6(module, { address6: "auto", seed: 99, settings: secret });
    same.advertise(mine!, override, theirs, { destination: "ff02::1" });
    same.wait(2);
    expect(same.stack.addresses6).toHaveLength(1);
    expect(same.stack.addresses6).not.toEqual([mine]);
    first.advertiseRouter(1800, [
      prefix("2001:db8:1::", 3600, 1800),
      prefix("2001:db8:2::", 3600, 1800),
    ]);
    first.wait(2);
    const lows = first.stack.addresses6.map((address) => frame.octets(address).slice(8).join());
    expect(new Set(lows).size).toBe(3);
  });

  test("5.5: an address is made of a router's prefix; it is deprecated, and ends", () => {
    const bench = new Bench6(module, auto);
    bench.wait(1.1);
    bench.take();
    bench.advertiseRouter(1800, [routerHardware, prefix("2001:db8::", 8000, 4000)]);
    expect(summary(bench)).toEqual(["135 ff02::1:ff00:1"]);
    bench.wait(1.1);
    expect(bench.stack.addresses6).toEqual([ourLinkLocal, "2001:db8::ff:fe00:1"]);
    expect(bench.stack.log).toContain("tcpip: 2001:db8::ff:fe00:1/64");
    // RFC 4861, 6.3.7: nobody is asked any more.
    bench.wait(60);
    expect(summary(bench)).toEqual([]);
    const socket = bench.stack.bind(1000, () => undefined)!;
    expect(socket.send("2001:db8:ffff::1", 7, text("far"))).toBe(true);
    const [far] = bench.take();
    expect([far?.to, far?.packet.source]).toEqual([routers, "2001:db8::ff:fe00:1"]);
    // On its link, without the router.
    socket.send("2001:db8::7", 7, text("near"));
    expect(summary(bench)).toEqual(["135 ff02::1:ff00:7"]);
    // Another one is preferred once the first is deprecated (RFC 6724, 5, rule 3).
    bench.wait(3900);
    bench.advertiseRouter(1800, [prefix("2001:db8:1::", 90000, 80000)]);
    bench.wait(50);
    bench.take();
    socket.send("2001:db8::7", 7, text("x"));
    bench.wait(0);
    expect(bench.take().map(({ packet }) => packet.source)).toEqual(["2001:db8:1::ff:fe00:1"]);
    bench.wait(4000);
    expect(bench.stack.addresses6).toEqual([ourLinkLocal, "2001:db8:1::ff:fe00:1"]);
  });

  test("5.5.3: prefixes that are of no use make no address; nor do those of others than neighbours", () => {
    const bench = new Bench6(module, auto);
    bench.wait(2);
    bench.advertiseRouter(1800, [prefix("2001:db8::", 100, 200)]);
    bench.advertiseRouter(1800, [prefix("2001:db8::", 100, 100, 0x80)]);
    bench.advertiseRouter(1800, [prefix("2001:db8::", 100, 100, 0xc0, 48)]);
    bench.advertiseRouter(1800, [prefix("fe80::", 100, 100)]);
    bench.advertiseRouter(1800, [prefix("ff0e::", 100, 100)]);
    bench.advertiseRouter(1800, [prefix("2001:db8::", 100, 100)], { source: "2001:db8::9" });
    bench.advertiseRouter(1800, [prefix("2001:db8::", 100, 100)], { hopLimit: 64 });
    const cut = Buffer.from(prefix("2001:db8::", 100, 100));
    cut[1] = 5;
    bench.advertiseRouter(1800, [cut]);
    bench.wait(5);
    expect(bench.stack.addresses6).toEqual([ourLinkLocal]);
  });

  test("5.5.3, (e): nobody can end an address at once, but in two hours", () => {
    const bench = new Bench6(module, auto);
    bench.wait(2);
    bench.advertiseRouter(1800, [prefix("2001:db8::", 86400, 86400)]);
    bench.wait(2);
    bench.advertiseRouter(1800, [prefix("2001:db8::", 1, 1)]);
    bench.wait(7000);
    expect(bench.stack.addresses6).toHaveLength(2);
    bench.wait(300);
    expect(bench.stack.addresses6).toHaveLength(1);
  });

  test("a flood of prefixes and routers stays within limits", () => {
    const bench = new Bench6(module, auto);
    bench.wait(2);
    const before = bench.stack.memorySize;
    for (let i = 1; i < 2000; i++) {
      const options = [prefix(`2001:db8:${i.toString(16)}::`, 3600, 3600)];
      bench.advertiseRouter(1800, options, { source: `fe80::${i.toString(16)}` });
    }
    bench.wait(2);
    bench.take();
    expect(bench.stack.addresses6).toHaveLength(8);
    expect(bench.stack.memorySize).toBe(before);
  });

  test("RFC 4861, 6.3.6: with two routers, another one is taken when one does not answer", () => {
    const bench = new Bench6(module, auto);
    bench.wait(2);
    bench.advertiseRouter(9000, [prefix("2001:db8::", 86400, 86400)]);
    bench.advertiseRouter(9000, [], { source: "fe80::fd" });
    bench.wait(2);
    bench.take();
    const socket = bench.stack.bind(1000, () => undefined)!;
    socket.send("2001:db8:1::1", 7, text("x"));
    bench.wait(5);
    socket.send("2001:db8:1::1", 7, text("y"));
    expect(summary(bench)).toEqual([
      "135 ff02::1:ff00:fe",
      "135 ff02::1:ff00:fe",
      "135 ff02::1:ff00:fe",
      "135 ff02::1:ff00:fd",
    ]);
    // 7.2.5: who is no router any more is not used as one.
    bench.advertise("fe80::fd", solicited + override, theirs, { destination: ourLinkLocal });
    bench.take();
    bench.advertiseRouter(0, []);
    bench.advertise("fe80::fd", fromRouter, theirs, { destination: ourLinkLocal });
    bench.advertise("fe80::fd", override, theirs, { destination: ourLinkLocal });
    expect(socket.send("2001:db8:1::1", 7, text("z"))).toBe(false);
  });

  test("a connection that is asked for before there is an address waits for one, or for the last router", () => {
    const bench = new Bench6(module, auto);
    const reasons: number[] = [];
    bench.stack.connect("2001:db8:1::1", 80, { onClose: (reason) => reasons.push(reason) });
    bench.wait(1.5);
    bench.advertiseRouter(1800, [routerHardware, prefix("2001:db8::", 86400, 86400)]);
    bench.wait(2);
    const syn = bench.take().find(({ packet }) => packet.nextHeader === 6);
    expect([syn?.to, syn?.packet.source]).toEqual([routers, "2001:db8::ff:fe00:1"]);
    const alone = new Bench6(module, auto);
    alone.stack.connect("2001:db8:1::1", 80, { onClose: (reason) => reasons.push(reason) });
    alone.wait(20);
    expect(reasons).toEqual([3]);
    expect(alone.stack.connect("2001:db8:1::1", 80, {})).toBeNull();
  });

  test("RFC 4861, 6.3.7: when the link comes back, routers are asked again", () => {
    const bench = new Bench6(module, auto);
    bench.wait(2);
    bench.advertiseRouter(1800, [routerHardware, prefix("2001:db8::", 86400, 86400)]);
    bench.wait(2);
    bench.take();
    bench.stack.link(false);
    bench.wait(5);
    expect(bench.take()).toEqual([]);
    bench.stack.link(true);
    bench.wait(0.1);
    expect(summary(bench)).toEqual(["133 ff02::2"]);
    expect(bench.stack.addresses6).toHaveLength(2);
  });

  test("a static address needs no router's word, and has the gateway that it is given", () => {
    const bench = new Bench6(module, { gateway6: router });
    expect(bench.stack.addresses6).toEqual([ourLinkLocal, us]);
    bench.advertiseRouter(1800, [prefix("2001:db8::", 86400, 86400)]);
    bench.wait(10);
    expect(bench.stack.addresses6).toEqual([ourLinkLocal, us]);
    bench.take();
    bench.stack.bind(1000, () => undefined)!.send("2001:db8::1", 1, text("x"));
    expect(summary(bench)).toEqual(["135 ff02::1:ff00:fe"]);
    const bare = new Bench6(module);
    expect(bare.stack.bind(1000, () => undefined)!.send("2001:db8::1", 1, text("x"))).toBe(false);
  });

  test("RFC 8200, 5: there is no IPv6 on a link that takes less than 1280 octets", () => {
    const bench = new Bench6(module, { mtu: 1279 });
    bench.wait(10);
    bench.solicit(us);
    expect(bench.take()).toEqual([]);
  });
});

describe("RFC 3810: groups", () => {
  test("5.2: joining is reported twice; a query is answered by all; 8.3.2: in its version", () => {
    const bench = new Bench6(module);
    // Both addresses have one solicited-node address.
    expect(bench.takeReports().map(({ type, rest }) => [type, rest])).toEqual([[143, 1]]);
    bench.wait(5);
    const [again, ...others] = bench.takeReports();
    expect(others).toEqual([]);
    expect([again!.data[0], again!.data.subarray(4).toString("hex")]).toEqual([
      4,
      "ff0200000000000000000001ff000001",
    ]);
    const query = (length: number, group: string, packet: Partial<frame.Packet6> = {}) => {
      const data = Buffer.alloc(length);
      data.set(frame.octets(group).slice(0, length));
      const common = { source: router, destination: "ff02::1", hopLimit: 1 };
      bench.icmp({ type: 130, rest: 1000 << 16, data }, { ...common, ...packet }, routers);
      bench.wait(1.1);
      return bench.takeReports().map(({ type, data: answer }) => [type, answer[0]]);
    };
    expect(query(20, "::")).toEqual([[143, 2]]);
    expect(query(20, "ff02::1:ff00:1")).toEqual([[143, 2]]);
    expect(query(16, "::")).toEqual([[131, 0xff]]);
    expect(query(20, "ff02::1:ff00:9")).toEqual([]);
    expect(query(20, "::", { source: "2001:db8::1" })).toEqual([]);
    expect(query(20, "::", { hopLimit: 255 })).toEqual([]);
    expect(query(8, "ff00::")).toEqual([]);
  });
});

describe("RFC 4443: ICMP", () => {
  test("4.2: an echo is answered with its data, fragments and all; one to a group is not", () => {
    const bench = new Bench6(module);
    bench.know();
    bench.icmp({ type: 128, rest: 0x12345678, data: text("hello") });
    expect(bench.takeIcmp()).toMatchObject([
      { type: 129, code: 0, rest: 0x12345678, data: text("hello"), to: them },
    ]);
    bench.icmp({ type: 128, data: text("x") }, { destination: "ff02::1" });
    expect(bench.take()).toEqual([]);
    const data = new Uint8Array(4000).map((_, i) => i * 7);
    const whole = frame.icmpv6(them, us, 128, 0, 1, data);
    for (const payload of frame.fragments6(whole, 58, 77, 1448)) {
      bench.deliver({ nextHeader: 44, payload });
    }
    const pieces = bench.take().map(({ packet }) => packet.payload);
    expect(pieces.map((piece) => [piece[0], piece.readUInt16BE(2)])).toEqual([
      [58, 1],
      [58, 1448 + 1],
      [58, 2896],
    ]);
    const answer = Buffer.concat(pieces.map((piece) => piece.subarray(8)));
    expect(answer).toEqual(Buffer.from(frame.icmpv6(us, them, 129, 0, 1, data)));
  });

  test("2.4: nothing is said about errors, groups, wrong checksums, and senders that are none", () => {
    const bench = new Bench6(module);
    bench.know();
    const datagram = frame.udp(them, 1, us, 2, text("x"));
    const quoted = frame.ipv6({ source: us, destination: them, nextHeader: 17, payload: datagram });
    bench.icmp({ type: 1, code: 4, data: quoted });
    const bad = Buffer.from(frame.icmpv6(them, us, 128, 0, 1, text("x")));
    bad[7]! ^= 1;
    bench.deliver({ nextHeader: 58, payload: bad });
    bench.deliver({
      nextHeader: 17,
      destination: "ff02::1",
      payload: frame.udp(them, 1, "ff02::1", 2, text("x")),
    });
    for (const source of [
      "ff02::5",
      "::",
      "::1",
      "::ffff:10.0.0.2".replace("10.0.0.2", "a00:2"),
      us,
    ]) {
      bench.deliver({ nextHeader: 17, source, payload: frame.udp(source, 1, us, 2, text("x")) });
    }
    // 8.1 of RFC 8200: a checksum is not left out.
    const none = Buffer.from(datagram);
    none.writeUInt16BE(0, 6);
    bench.deliver({ nextHeader: 17, payload: none });
    expect(bench.take()).toEqual([]);
  });

  test("3.1, 3.4: closed ports and unknown protocols are told, within a limit, with as much as fits into 1280", () => {
    const bench = new Bench6(module, { settings: { errorRate: 3 } });
    bench.know();
    const datagram = frame.udp(them, 1, us, 2, new Uint8Array(1400));
    bench.deliver({ nextHeader: 17, payload: datagram });
    bench.deliver({ nextHeader: 200, payload: text("what is this") });
    const [port, protocol] = bench.takeIcmp();
    expect([port?.type, port?.code, port?.data.length]).toEqual([1, 4, 1280 - 48]);
    expect([protocol?.type, protocol?.code, protocol?.rest]).toEqual([4, 1, 6]);
    for (let i = 0; i < 10; i++) bench.deliver({ nextHeader: 17, payload: datagram });
    expect(bench.takeIcmp()).toHaveLength(1);
    bench.wait(1);
    bench.deliver({ nextHeader: 17, payload: datagram });
    expect(bench.takeIcmp()).toHaveLength(1);
  });
});

describe("RFC 8200: headers and fragments", () => {
  const datagram = frame.udp(them, 7, us, 1000, text("hello"));
  /** A header of options or a route: what follows, and what is in it. */
  const header = (next: number, ...body: number[]) => {
    const length = Math.ceil((body.length + 2) / 8) * 8;
    return Buffer.concat([Uint8Array.of(next, length / 8 - 1, ...body)], length);
  };
  const receiving = (options = {}) => {
    const bench = new Bench6(module, options);
    bench.know();
    const got: string[] = [];
    bench.stack.bind(1000, (_address, _port, data) => got.push(String(Buffer.from(data))));
    return { bench, got };
  };

  test("4: options and routes that are at their end are passed over", () => {
    const { bench, got } = receiving();
    const chain = Buffer.concat([
      header(60, 1, 4),
      header(43, 5, 2, 0, 0, 1, 0),
      header(44, 4, 0),
      // RFC 6946: a packet of one fragment.
      Uint8Array.of(17, 0, 0, 0, 1, 2, 3, 4),
      datagram,
    ]);
    bench.deliver({ nextHeader: 0, payload: chain });
    expect(got).toEqual(["hello"]);
    expect(bench.take()).toEqual([]);
  });

  test.each([
    ["RFC 5095: a route that is not at its end", 43, header(17, 0, 1), [4, 0, 42]],
    [
      "4.1: hop-by-hop options that do not come first",
      60,
      Buffer.concat([header(0), header(17)]),
      [4, 1, 40],
    ],
    ["4.2: an option that must be known (10)", 60, header(17, 0x9e, 0), [4, 2, 42]],
    ["4.2: an option that must be known (11)", 60, header(17, 1, 0, 0xde, 0), [4, 2, 44]],
    ["4.2: an option that must be known, silently (01)", 60, header(17, 0x5e, 0), null],
    ["4.2: an option beyond its header", 60, header(17, 0x1e, 5), null],
    ["a header beyond its packet", 60, Uint8Array.of(17, 200, 1, 4, 0, 0, 0, 0), null],
  ] as const)("%s is refused", (_, nextHeader, headers, answer) => {
    const { bench, got } = receiving();
    bench.deliver({ nextHeader, payload: Buffer.concat([headers, datagram]) });
    expect(got).toEqual([]);
    const sent = bench.takeIcmp().map(({ type, code, rest }) => [type, code, rest]);
    expect(sent).toEqual(answer === null ? [] : [answer]);
  });

  test("4.2: of an option in a packet to a group, the sender is told by 10 and not by 11", () => {
    const { bench } = receiving();
    const payload = (kind: number) => Buffer.concat([header(17, kind, 0), datagram]);
    bench.deliver({ nextHeader: 60, destination: "ff02::1", payload: payload(0xde) });
    expect(bench.take()).toEqual([]);
    bench.deliver({ nextHeader: 60, destination: "ff02::1", payload: payload(0x9e) });
    expect(bench.takeIcmp().map(({ type, code }) => [type, code])).toEqual([[4, 2]]);
  });

  test("RFC 8504, 5.3: chains and options have limits", () => {
    const { bench, got } = receiving();
    const long = Buffer.concat([...Array(8).fill(header(60)), header(17), datagram]);
    bench.deliver({ nextHeader: 60, payload: long });
    const many = Array.from({ length: 9 }, () => [0x1e, 0]).flat();
    bench.deliver({ nextHeader: 60, payload: Buffer.concat([header(17, ...many), datagram]) });
    expect(got).toEqual([]);
    const few = Buffer.concat([...Array(6).fill(header(60)), header(17, 0x1e, 0), datagram]);
    bench.deliver({ nextHeader: 60, payload: few });
    expect(got).toEqual(["hello"]);
  });

  const data = new Uint8Array(5000).map((_, i) => i * 13);
  const whole = frame.udp(them, 7, us, 1000, data);

  test("4.5: fragments in any order, some twice, make one datagram, of any length", () => {
    const bench = new Bench6(module);
    bench.know();
    const got: Uint8Array[] = [];
    const socket = bench.stack.bind(1000, (_address, _port, bytes) => got.push(bytes))!;
    const pieces = frame.fragments6(whole, 17, 5, 1000);
    for (const index of [3, 0, 1, 1, 5, 4, 2])
      bench.deliver({ nextHeader: 44, payload: pieces[index]! });
    expect(got.map((bytes) => Buffer.compare(bytes, data))).toEqual([0]);
    const longest = new Uint8Array(65507).map((_, i) => i * 3);
    for (const payload of frame.fragments6(frame.udp(them, 7, us, 1000, longest), 17, 6, 1448)) {
      bench.deliver({ nextHeader: 44, payload });
    }
    expect(Buffer.compare(got[1]!, longest)).toBe(0);
    expect(socket.send(them, 7, longest)).toBe(true);
    const back = Buffer.concat(bench.take().map(({ packet }) => packet.payload.subarray(8)));
    expect(back).toEqual(Buffer.from(frame.udp(us, 1000, them, 7, longest)));
  });

  test("RFC 5722, RFC 7112, RFC 8200, 4.5: what overlaps, is too long or has no headers is given up", () => {
    const { bench, got } = receiving();
    const pieces = frame.fragments6(whole, 17, 5, 1000);
    bench.deliver({ nextHeader: 44, payload: pieces[0]! });
    const overlapping = Buffer.from(pieces[1]!);
    overlapping.writeUInt16BE(992 + 1, 2);
    bench.deliver({ nextHeader: 44, payload: overlapping });
    for (const piece of pieces.slice(1)) bench.deliver({ nextHeader: 44, payload: piece });
    const head = frame.fragments6(whole, 17, 6, 1000)[0]!;
    bench.deliver({ nextHeader: 44, payload: Buffer.from(head).subarray(0, 8 + 1001 - 8) });
    bench.deliver({ nextHeader: 44, payload: Buffer.from(head).subarray(0, 8 + 4) });
    expect(bench.takeIcmp().map(({ type, code, rest }) => [type, code, rest])).toEqual([[4, 0, 4]]);
    const far = Buffer.from(head);
    far.writeUInt16BE(65528 + 1, 2);
    bench.deliver({ nextHeader: 44, payload: far });
    expect(bench.takeIcmp().map(({ type, code, rest }) => [type, code, rest])).toEqual([
      [4, 0, 42],
    ]);
    expect(got).toEqual([]);
    // RFC 4443, 3.3: the sender is told, if the beginning is there.
    bench.deliver({ nextHeader: 44, payload: head });
    bench.wait(29);
    bench.know();
    bench.wait(2);
    expect(bench.takeIcmp().map(({ type, code }) => [type, code])).toEqual([[3, 1]]);
  });

  test("RFC 6980: neighbour discovery in fragments is none", () => {
    const bench = new Bench6(module);
    bench.take();
    const message = frame.icmpv6(them, us, 135, 0, 0, frame.neighbour(us, 1, theirs));
    for (const payload of frame.fragments6(message, 58, 1, 16)) {
      bench.deliver({ nextHeader: 44, hopLimit: 255, payload });
    }
    expect(bench.take()).toEqual([]);
  });

  test("RFC 8201: datagrams to a path that takes less go in fragments that it takes", () => {
    const bench = new Bench6(module);
    bench.know();
    const socket = bench.stack.bind(1000, () => undefined)!;
    socket.send(them, 7, new Uint8Array(1400));
    const [sent] = bench.take();
    const quoted = frame.ipv6(sent!.packet);
    bench.icmp({ type: 2, rest: 1300, data: quoted.subarray(0, 1232) });
    socket.send(them, 7, new Uint8Array(1400));
    expect(bench.take().map(({ packet }) => 40 + packet.payload.length)).toEqual([1296, 208]);
    // 4: after a while it is tried again.
    bench.wait(601);
    bench.know();
    socket.send(them, 7, new Uint8Array(1400));
    expect(bench.take().map(({ packet }) => 40 + packet.payload.length)).toEqual([1448]);
  });
});

describe("UDP and TCP", () => {
  test("datagrams go both ways; an answer goes out from where the question went to", () => {
    const bench = new Bench6(module);
    bench.know();
    bench.know(theirLinkLocal);
    const got: unknown[] = [];
    const socket = bench.stack.bind(53, (address, port, data) => {
      got.push([address, port, String(Buffer.from(data))]);
      socket.send(address, port, text("answer"));
    })!;
    bench.deliver({ nextHeader: 17, payload: frame.udp(them, 7, us, 53, text("question")) });
    bench.deliver({
      nextHeader: 17,
      destination: ourLinkLocal,
      payload: frame.udp(them, 7, ourLinkLocal, 53, text("other")),
    });
    expect(got).toEqual([
      [them, 7, "question"],
      [them, 7, "other"],
    ]);
    expect(bench.take().map(({ packet }) => packet.source)).toEqual([us, ourLinkLocal]);
  });

  test("RFC 4291, 2.5.5.2: an address that stands for one of IPv4 is one; those that nobody has are refused", () => {
    const bench = new Bench6(module);
    const ipv4: number[] = [];
    const transmit = bench.stack.transmit;
    bench.stack.transmit = (bytes) => {
      ipv4.push(frame.readEthernet(bytes).type);
      return transmit(bytes);
    };
    const connection = bench.stack.connect("::ffff:a00:2", 80, {});
    expect(connection?.remoteAddress).toBe("10.0.0.2");
    expect(ipv4).toContain(0x0806);
    for (const address of ["::", "::1", "::a00:2", us, "ff02::1"]) {
      expect(bench.stack.connect(address, 80, {}), address).toBeNull();
    }
    expect(bench.stack.connect(them, 80, {})?.remoteAddress).toBe(them);
  });

  test("two connections that differ in our address alone are two", () => {
    const bench = new Bench6(module);
    bench.know();
    const accepted: string[] = [];
    bench.stack.listen(80, (connection, port) => {
      accepted.push(`${connection.remoteAddress} ${port}`);
      return {};
    });
    for (const destination of [us, ourLinkLocal]) {
      const segment = (part: Partial<frame.TcpSegment>) =>
        bench.deliver({
          nextHeader: 6,
          destination,
          payload: frame.tcp(them, destination, {
            ...{ sourcePort: 5, destinationPort: 80, sequence: 0, acknowledgment: 0, flags: "." },
            ...{ window: 65535, options: {}, data: new Uint8Array(0) },
            ...part,
          }),
        });
      segment({ flags: "S" });
      const [answer] = bench.take();
      const { sequence } = frame.readTcp(answer!.packet);
      segment({ sequence: 1, acknowledgment: sequence + 1 });
    }
    expect(accepted).toEqual([`${them} 5`, `${them} 5`]);
    expect(bench.stack.connections).toBe(2);
  });
});
