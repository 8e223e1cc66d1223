// Addresses by DHCP: nobody's twice, mostly the same again.
import fc from "fast-check";
import { expect, test } from "vitest";
import { answerDhcp, leaseSeconds, readDhcp } from "../../linker/ethernet/dhcp.ts";
import { LeasePool, rangeOf } from "../../linker/ethernet/lease-pool.ts";

const network = 0x0a090000;
const numRuns = Number(process.env["UNIPKG_CASES"] ?? 300);

test("the upper half of a network is given away, the first address is the switch's", () => {
  expect(rangeOf(network + 77, 24)).toEqual({
    mask: 0xffffff00,
    station: network + 1,
    first: network + 128,
    last: network + 252,
  });
  expect(rangeOf(network, 28)).toEqual({
    mask: 0xfffffff0,
    station: network + 1,
    first: network + 8,
    last: network + 12,
  });
});

const act = fc.record({
  client: fc.integer({ min: 1, max: 12 }),
  kind: fc.constantFrom("get", "get", "taken", "declined"),
  pause: fc.constantFrom(0, 1_000, 61_000, leaseSeconds * 500),
});

test("an address is one client's at a time, and its as long as it was promised", () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60 }), fc.constantFrom(26, 27, 28), (acts, prefix) => {
      let now = 0;
      const range = rangeOf(network, prefix);
      const pool = new LeasePool(range, () => now);
      /** By client: the address and until when it was promised. */
      const promised = new Map<number, { readonly address: number; readonly until: number }>();
      for (const { client, kind, pause } of acts) {
        now += pause;
        const before = promised.get(client);
        const holds = before !== undefined && before.until > now;
        if (kind === "declined") {
          pool.declined(client);
          promised.delete(client);
        } else if (kind === "taken") {
          pool.taken(client);
          if (holds) promised.set(client, { ...before, until: now + leaseSeconds * 1000 });
        } else {
          const address = pool.get(client);
          if (holds) expect(address).toBe(before.address);
          if (address === undefined) continue;
          expect(address >= range.first && address <= range.last).toBe(true);
          for (const [other, { address: theirs, until }] of promised) {
            if (other !== client && until > now) expect(theirs).not.toBe(address);
          }
          const until = holds ? before.until : now + 60_000;
          promised.set(client, { address, until });
        }
        const current = promised.get(client);
        const wanted = current !== undefined && current.until > now ? current.address : undefined;
        expect(pool.find(client)).toBe(wanted);
      }
    }),
    { seed: 1, numRuns },
  );
});

test("a server that has forgotten everything gives the same address again", () => {
  const one = new LeasePool(rangeOf(network, 24), () => 0);
  const other = new LeasePool(rangeOf(network, 24), () => 0);
  for (let client = 0x02aabbcc0000; client < 0x02aabbcc0004; client++) {
    expect(other.get(client)).toBe(one.get(client));
  }
});

test("when all addresses are given, the next client gets no answer, and another one after a declined offer", () => {
  const range = { ...rangeOf(network, 28), last: network + 10 };
  const pool = new LeasePool(range, () => 0);
  const server = { address: range.station, mask: range.mask, router: null, leases: pool };
  const discover = (client: number, type = 1) => {
    const message = Buffer.alloc(244);
    message.set([1, 1, 6]);
    message.writeUIntBE(client, 28, 6);
    message.writeUInt32BE(0x63825363, 236);
    message.set([53, 1, type, 255], 240);
    const answer = answerDhcp(server, readDhcp(message)!);
    return answer === null ? undefined : readDhcp(answer)!.given;
  };
  const given = [1, 2, 3].map((client) => discover(client));
  expect([...given].sort()).toEqual([range.first, range.first + 1, range.last]);
  expect(discover(4)).toBeUndefined();
  expect(discover(3)).toBe(given[2]);
  expect(discover(3, 4)).toBeUndefined();
  expect(discover(3)).toBeUndefined();
});
