// The host beside an image in a browser: it gives the address, and opens connections.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { dotted } from "../../linker/ethernet/address.ts";
import { maskOf, readDhcp } from "../../linker/ethernet/dhcp.ts";
import {
  arpType,
  everyone,
  ipv4Type,
  readArp,
  readFrame,
  view,
  writeArp,
  writeFrame,
} from "../../linker/ethernet/frame.ts";
import {
  readDatagram,
  readPacket,
  writeDatagram,
  writePacket,
} from "../../linker/ethernet/packet.ts";
import { parseIpv4 } from "../../model/setting.ts";
import { Neighbour } from "../../recipes/targets/browser/runtime/neighbour/neighbour.ts";

const hardware = 0x06_00_00_01_02_03;

/** A message of the client (RFC 2131, table 1), as it comes from the image. */
function fromClient(type: number, options: readonly number[] = []): Uint8Array {
  const message = Buffer.alloc(240);
  message[0] = 1;
  message[1] = 1;
  message[2] = 6;
  message.writeUInt32BE(0x1234, 4);
  message.writeUIntBE(hardware, 28, 6);
  message.writeUInt32BE(0x63825363, 236);
  const data = Buffer.concat([message, Buffer.from([53, 1, type, ...options, 255])]);
  const packet = writeDatagram(0, 0xffffffff, { sourcePort: 68, destinationPort: 67, data });
  const payload = writePacket(packet);
  return writeFrame({ to: everyone, from: hardware, type: ipv4Type, payload });
}

interface Bench {
  readonly neighbour: Neighbour;
  readonly delivered: Uint8Array[];
  readonly addresses: string[];
}

function bench(serves = true, address: number | null = null): Bench {
  const delivered: Uint8Array[] = [];
  const addresses: string[] = [];
  const neighbour = new Neighbour({
    ...{ hardware, serves, address },
    deliver: (frame) => delivered.push(frame),
    addressed: (text) => addresses.push(text),
  });
  return { neighbour, delivered, addresses };
}

function dhcpOf(frame: Uint8Array | undefined) {
  const packet = readPacket(readFrame(frame!)!.payload)!;
  return readDhcp(readDatagram(packet)!.data)!;
}

/** Asks for an address, and takes the one that is offered. */
function ask({ neighbour, delivered }: Bench): number {
  expect(neighbour.fromImage(fromClient(1))).toBe(true);
  const offer = dhcpOf(delivered.pop());
  expect(offer.type).toBe(2);
  expect(maskOf(offer)).toBe(0xff000000);
  const wanted = [50, 4, ...Buffer.from(Uint32Array.of(offer.given).buffer).reverse()];
  expect(neighbour.fromImage(fromClient(3, wanted))).toBe(true);
  const answer = dhcpOf(delivered.pop());
  expect(answer).toMatchObject({ type: 5, given: offer.given });
  return answer.given;
}

test("an address is made of the card's, another one when that is declined, or the one wanted", () => {
  const own = bench();
  expect(dotted(ask(own))).toBe("10.1.2.3");
  expect(own.addresses).toEqual(["10.1.2.3"]);
  expect(own.neighbour.fromImage(fromClient(4))).toBe(true);
  const other = ask(own);
  expect(dotted(other)).toMatch(/^10\.(?!1\.2\.3$)/);
  expect(dotted(ask(bench(true, parseIpv4("10.0.0.53"))))).toBe("10.0.0.53");
});

test("an address that was not given is refused, and another server's client is left alone", () => {
  const { neighbour, delivered } = bench();
  neighbour.fromImage(fromClient(3, [50, 4, 10, 9, 9, 9]));
  expect(dhcpOf(delivered.pop()).type).toBe(6);
  neighbour.fromImage(fromClient(3, [50, 4, 10, 1, 2, 3, 54, 4, 10, 9, 0, 1]));
  expect(delivered).toEqual([]);
});

test("where a switch serves, questions go out, and its answer is heard", () => {
  const { neighbour, delivered, addresses } = bench(false);
  const question = fromClient(1);
  expect(neighbour.fromImage(question)).toBe(false);
  expect(delivered).toEqual([]);
  const ours = bench(true, parseIpv4("10.9.0.200"));
  ours.neighbour.fromImage(fromClient(3, [50, 4, 10, 9, 0, 200]));
  const answer = ours.delivered[0]!;
  neighbour.toImage(answer);
  expect(addresses).toEqual(["10.9.0.200"]);
  // The answer to another station's question says nothing of ours.
  const other = answer.slice();
  view(other).setUint8(14 + 20 + 8 + 33, 0x77);
  // Zero says that there is no checksum.
  view(other).setUint16(14 + 20 + 6, 0);
  const third = bench(false);
  third.neighbour.toImage(other);
  expect(third.addresses).toEqual([]);
});

test("only what is for the neighbour stays with it", () => {
  const { neighbour, delivered } = bench();
  const asked = (target: string) => {
    const cards = { senderHardware: hardware, targetHardware: 0 };
    const addresses = { sender: parseIpv4("10.1.2.3")!, target: parseIpv4(target)! };
    const payload = writeArp({ operation: 1, ...cards, ...addresses });
    return writeFrame({ to: everyone, from: hardware, type: arpType, payload });
  };
  expect(neighbour.fromImage(asked("10.77.1.1"))).toBe(false);
  expect(delivered).toEqual([]);
  // The last but one address of the image's network, /24 as long as nobody has said otherwise.
  expect(neighbour.fromImage(asked("10.1.2.254"))).toBe(true);
  const answer = readArp(readFrame(delivered[0]!)!.payload)!;
  expect(dotted(answer.sender)).toBe("10.1.2.254");
});

test("any frame is dealt with", () => {
  const templates = [fromClient(1), fromClient(3, [50, 4, 10, 1, 2, 3]), fromClient(4)];
  const changed = fc
    .tuple(fc.constantFrom(...templates), fc.array(fc.tuple(fc.nat(400), fc.nat(255))), fc.nat(400))
    .map(([template, changes, length]) => {
      const frame = template.slice(0, length);
      for (const [at, value] of changes) if (at < frame.length) frame[at] = value;
      return frame;
    });
  const { neighbour } = bench();
  fc.assert(
    fc.property(fc.oneof(changed, fc.uint8Array({ maxLength: 200 })), (frame) => {
      neighbour.fromImage(frame);
      neighbour.toImage(frame);
    }),
    { seed: 9, numRuns: 5000 },
  );
});

test("addresses are written as they are read", () => {
  fc.assert(
    fc.property(fc.ipV4(), (text) => {
      expect(dotted(parseIpv4(text)!)).toBe(text);
    }),
  );
});
