/**
 * Frames that nobody should send: right but for what chance changes, so that they get far in. The same random numbers
 * give the same frames.
 */
import type { Random } from "../../../linker/simulator/random.ts";
import { prefix } from "./bench6.ts";
import * as frame from "./frame.ts";

export const ours = 0x020000000001n;
export const theirs = 0x020000000002n;
export const us = "10.0.0.1";
export const them = "10.0.0.2";
export const us6 = "fd00::1";
export const them6 = "fd00::2";
/** What a stack makes of its hardware address. */
const linkLocal = "fe80::ff:fe00:1";

/** The latest segment that the stack sent, and to which end, for frames that fit. */
export interface Latest {
  readonly segment: frame.TcpSegment;
  readonly source: string;
  readonly destination: string;
}

export function hostileFrame(random: Random, latest: Latest | null, six: boolean): Uint8Array {
  const [type, payload] = six && random.chance(0.7) ? ipv6(random, latest) : ipv4(random, latest);
  const to = random.chance(0.95) ? ours : random.pick([0xffffffffffffn, 0x333300000001n]);
  const bytes = Buffer.from(frame.ethernet(to, theirs, type, payload));
  if (random.chance(0.5)) return bytes;
  // Half of the frames are damaged, and of these half have their checksums made good again, to get further in.
  const changes = 1 + random.below(4);
  for (let i = 0; i < changes; i++) bytes[random.below(bytes.length)] = random.below(256);
  const cut = random.chance(0.2) ? bytes.subarray(0, random.below(bytes.length + 1)) : bytes;
  return random.chance(0.5) ? cut : repaired(cut);
}

function ipv4(random: Random, latest: Latest | null): [number, Uint8Array] {
  const kind = random.below(10);
  const source = random.chance(0.95)
    ? them
    : random.pick(["10.0.0.255", "224.0.0.1", us, "0.0.0.0", "192.0.2.7"]);
  const packet = (protocol: number, payload: Uint8Array): [number, Uint8Array] => [
    0x0800,
    frame.ipv4({
      source,
      destination: random.chance(0.95)
        ? us
        : random.pick(["255.255.255.255", "10.0.0.255", "10.0.0.9"]),
      protocol,
      identification: random.below(4),
      moreFragments: random.chance(0.1),
      fragmentOffset: random.chance(0.1) ? 8 * random.below(8191) : 0,
      payload,
    }),
  ];
  if (kind < 6) return packet(6, frame.tcp(them, us, segment(random, latest?.segment ?? null)));
  if (kind === 6) {
    const ports = [random.pick([67, 53, 5000]), random.pick([53, 68, 99])] as const;
    return packet(17, frame.udp(them, ports[0], us, ports[1], octets(random)));
  }
  if (kind === 7) {
    const type = random.pick([0, 3, 3, 5, 8, 8, 11, 13]);
    const quoted =
      latest !== null && latest.source === us && random.chance(0.7)
        ? frame.ipv4({ source: us, destination: them, protocol: 6, payload: quote(latest) })
        : octets(random);
    return packet(1, frame.icmp(type, random.below(6), random.below(2 ** 32), quoted));
  }
  if (kind === 8) {
    const sender = random.pick([them, "10.0.0.7", us]);
    const hardware = random.chance(0.5) ? theirs : BigInt(random.below(2 ** 32));
    return [0x0806, frame.arp(random.below(3), hardware, sender, 0n, random.pick([us, them]))];
  }
  // A DHCP answer, or something like it.
  const reply = Buffer.alloc(240 + random.below(60), random.below(256));
  reply.set([2, 1, 6], 0);
  reply.set(frame.macOctets(ours), 28);
  reply.writeUInt32BE(0x63825363, 236);
  return packet(17, frame.udp(them, 67, us, 68, reply));
}

function ipv6(random: Random, latest: Latest | null): [number, Uint8Array] {
  const source = random.chance(0.9)
    ? random.pick([them6, "fe80::2", "fe80::fe"])
    : random.pick(["::", "ff02::1", us6, "::1", "::ffff:a00:2"]);
  const destination = random.chance(0.8)
    ? random.pick([us6, us6, linkLocal])
    : random.pick(["ff02::1", "ff02::1:ff00:1", "ff02::2", "fd00::9"]);
  const kind = random.below(10);
  let [nextHeader, payload]: [number, Uint8Array] = [59, octets(random)];
  if (kind < 4) {
    nextHeader = 6;
    payload = frame.tcp(source, destination, segment(random, latest?.segment ?? null));
  } else if (kind === 4) {
    nextHeader = 17;
    payload = frame.udp(source, 5000, destination, random.pick([53, 99]), octets(random));
  } else if (kind < 9) {
    nextHeader = 58;
    const [type, rest, data] = message(random, latest);
    payload = frame.icmpv6(source, destination, type, random.chance(0.9) ? 0 : 4, rest, data);
  }
  while (random.chance(0.25)) [nextHeader, payload] = extended(random, nextHeader, payload);
  const hopLimit = random.pick([255, 255, 255, 64, 1]);
  return [0x86dd, frame.ipv6({ source, destination, nextHeader, hopLimit, payload })];
}

/** Type, second word and body of a message of ICMPv6. */
function message(random: Random, latest: Latest | null): [number, number, Uint8Array] {
  const word = random.below(2 ** 32);
  const type = random.pick([
    1, 2, 3, 4, 128, 129, 130, 131, 133, 134, 134, 135, 135, 136, 136, 137,
  ]);
  if (type < 128) {
    const six = latest?.source.includes(":") === true;
    const { source = us6, destination = them6 } = six ? latest : {};
    const quoted = { source, destination, nextHeader: 6 };
    const payload = six ? quote(latest) : octets(random);
    return [type, random.pick([0, 1, 1280, 1400, word]), frame.ipv6({ ...quoted, payload })];
  }
  if (type === 130) return [type, word, Buffer.alloc(random.pick([16, 20, 8]), 0)];
  if (type === 134) {
    const times = Buffer.alloc(8, random.chance(0.8) ? 0 : random.below(256));
    const options = Array.from({ length: random.below(4) }, () =>
      random.chance(0.7)
        ? prefix(
            `2001:db8:${random.below(16).toString(16)}::`,
            random.pick([0, 1, 10_000, 0xffffffff]),
            random.pick([0, 1, 5000, 0xffffffff]),
            random.pick([0xc0, 0xc0, 0x40, 0x80]),
            random.pick([64, 64, 0, 48, 128]),
          )
        : Uint8Array.of(random.pick([1, 5, 25]), random.pick([1, 1, 0, 2]), ...octets(random, 6)),
    );
    return [type, random.pick([0, 1800, word]), Buffer.concat([times, ...options])];
  }
  if (type === 135 || type === 136) {
    const target = random.pick([us6, linkLocal, them6, "fe80::2", "fe80::fe"]);
    const hardware = random.chance(0.8) ? theirs : null;
    const body = frame.neighbour(target, type === 135 ? 1 : 2, hardware);
    return [type, random.pick([0x60000000, 0x20000000, 0x80000000, word]), body];
  }
  return [type, word, octets(random)];
}

/** What there is with one more header before it. */
function extended(random: Random, nextHeader: number, payload: Uint8Array): [number, Uint8Array] {
  const kind = random.pick([0, 43, 44, 44, 60]);
  if (kind === 44) {
    const pieces = frame.fragments6(
      payload,
      nextHeader,
      random.below(4),
      8 * random.pick([1, 3, 90]),
    );
    return [44, pieces.length === 0 ? payload : random.pick(pieces)];
  }
  const options = octets(random, 6);
  return [kind, Buffer.concat([Uint8Array.of(nextHeader, 0), options, payload])];
}

/** A segment that fits to the latest one of the stack, more or less. */
function segment(random: Random, latest: frame.TcpSegment | null): frame.TcpSegment {
  const near = (value: number) =>
    (value + random.pick([0, 0, 0, 1, -1, 100, 1000, 70000, -5000])) >>> 0;
  const fits = latest !== null && random.chance(0.9);
  const next = fits
    ? latest.sequence + latest.data.length + (/[SF]/.test(latest.flags) ? 1 : 0)
    : 0;
  const options: { -readonly [K in keyof frame.TcpOptions]: frame.TcpOptions[K] } = {};
  if (random.chance(0.5)) options.mss = random.pick([0, 1, 536, 1460, 65535]);
  if (random.chance(0.5)) options.wscale = random.below(20);
  if (random.chance(0.5)) options.sackOK = true;
  if (random.chance(0.5)) options.timestamps = [random.below(2 ** 32), random.below(2 ** 32)];
  if (random.chance(0.3)) {
    options.sack = Array.from({ length: 1 + random.below(2) }, () => {
      const left = near(latest?.sequence ?? 0);
      return [left, near(left + 500)] as const;
    });
  }
  const known = latest !== null && random.chance(0.7);
  return {
    sourcePort: known ? latest.destinationPort : 1 + random.below(40),
    destinationPort: known ? latest.sourcePort : random.pick([80, 80, 81]),
    sequence: fits ? near(latest.acknowledgment) : random.below(2 ** 32),
    acknowledgment: fits ? near(next) : random.below(2 ** 32),
    flags: random.chance(0.9)
      ? random.pick(["S", "S.", ".", ".", "P.", "P.", "F.", "R", "R."])
      : [..."FSRP.U"].filter(() => random.chance(0.5)).join(""),
    window: random.pick([0, 1, 1000, 65535]),
    options,
    data: octets(random),
  };
}

/** The latest segment as an error quotes it. */
function quote({ segment: sent, source, destination }: Latest): Uint8Array {
  return frame.tcp(source, destination, { ...sent, data: new Uint8Array(0) });
}

function octets(random: Random, length?: number): Uint8Array {
  const size = length ?? random.below(random.chance(0.1) ? 1400 : 60);
  return new Uint8Array(size).map(() => random.below(256));
}

/** Makes the checksums of a damaged frame good again, where it is whole enough to have them. */
function repaired(bytes: Buffer): Buffer {
  if (bytes.length < 54) return bytes;
  const type = bytes.readUInt16BE(12);
  if (type === 0x0800) return repaired4(bytes);
  return type === 0x86dd ? repaired6(bytes) : bytes;
}

function repaired4(bytes: Buffer): Buffer {
  const at = 14;
  const header = (bytes[at]! & 15) * 4;
  const total = bytes.readUInt16BE(at + 2);
  if (header < 20 || bytes.length < at + total || total < header + 20) return bytes;
  bytes.writeUInt16BE(0, at + 10);
  bytes.writeUInt16BE(frame.internetChecksum(bytes.subarray(at, at + header)), at + 10);
  const protocol = bytes[at + 9]!;
  const body = bytes.subarray(at + header, at + total);
  const pseudo = Buffer.concat([
    bytes.subarray(at + 12, at + 20),
    Buffer.from([0, protocol, body.length >> 8, body.length & 255]),
  ]);
  putChecksum(body, protocol, protocol === 1 ? Buffer.alloc(0) : pseudo);
  return bytes;
}

function repaired6(bytes: Buffer): Buffer {
  const length = bytes.readUInt16BE(18);
  if (length < 20 || bytes.length < 54 + length) return bytes;
  const protocol = bytes[20]!;
  const tail = Buffer.from([0, 0, length >> 8, length & 255, 0, 0, 0, protocol]);
  putChecksum(
    bytes.subarray(54, 54 + length),
    protocol,
    Buffer.concat([bytes.subarray(22, 54), tail]),
  );
  return bytes;
}

function putChecksum(body: Buffer, protocol: number, pseudo: Buffer): void {
  const where = protocol === 6 ? 16 : protocol === 17 ? 6 : 2;
  body.writeUInt16BE(0, where);
  body.writeUInt16BE(frame.internetChecksum(pseudo, body), where);
}
