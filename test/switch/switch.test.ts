// The switch itself: what it learns, where frames go, and what bounds it, against a model that keeps lists.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Port, Switch, type SwitchRules, unlimited } from "../../linker/ethernet/switch.ts";

const everyone = 255;
const runs = Number(process.env["UNIPKG_CASES"] ?? 300);

/** From and to are the last octets of addresses; 255 is all stations. */
function frame(to: number, from: number, length = 60): Uint8Array {
  const bytes = new Uint8Array(length);
  bytes.set(to === everyone ? [255, 255, 255, 255, 255, 255] : [2, 0, 0, 0, 0, to]);
  bytes.set([2, 0, 0, 0, 0, from], 6);
  return bytes;
}

/** A switch whose ports note what goes out. */
function bench(rules: SwitchRules, count: number) {
  const device = new Switch(rules);
  const out: number[] = [];
  const ports = Array.from({ length: count }, (_, index) =>
    device.attach({
      send: () => {
        out.push(index);
        return true;
      },
    }),
  );
  const send = (port: number, bytes: Uint8Array, now = 0) => {
    out.length = 0;
    ports[port]!.receive(bytes, now);
    return [...out];
  };
  return { device, ports, send };
}

interface Step {
  readonly port: number;
  readonly to: number;
  readonly from: number;
  /** Since the step before. */
  readonly pause: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  port: fc.integer({ min: 0, max: 3 }),
  to: fc.oneof(fc.integer({ min: 1, max: 6 }), fc.constant(everyone)),
  from: fc.integer({ min: 1, max: 6 }),
  pause: fc.integer({ min: 0, max: 60 }),
});

test("a frame goes to where its destination was heard last within the time, else to all other ports", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const ageing = 100;
      const { send } = bench({ ...unlimited, ageing }, 4);
      const heard: { readonly station: number; readonly port: number; readonly at: number }[] = [];
      let now = 0;
      for (const { port, to, from, pause } of steps) {
        now += pause;
        heard.push({ station: from, port, at: now });
        const last = heard.findLast(({ station }) => station === to);
        const known = last !== undefined && now - last.at < ageing ? last.port : null;
        const others = [0, 1, 2, 3].filter((other) => other !== port);
        const wanted = known === null ? others : others.filter((other) => other === known);
        expect(send(port, frame(to, from), now)).toEqual(wanted);
      }
    }),
    { seed: 1, numRuns: runs },
  );
});

test("over any tree of switches each frame to all comes to each station once, and never back", () => {
  const tree = fc.array(fc.nat(), { minLength: 1, maxLength: 7 });
  fc.assert(
    fc.property(tree, fc.nat(), (parents, start) => {
      const switches = parents.map(() => new Switch(unlimited));
      const got: number[] = switches.map(() => 0);
      const stations = switches.map((device, index) =>
        device.attach({
          send: () => {
            got[index]!++;
            return true;
          },
        }),
      );
      for (const [index, parent] of parents.entries()) {
        if (index === 0) continue;
        cable(switches[index]!, switches[parent % index]!);
      }
      const from = start % switches.length;
      stations[from]!.receive(frame(everyone, 1), 0);
      expect(got).toEqual(switches.map((_, index) => (index === from ? 0 : 1)));
    }),
    { seed: 2, numRuns: runs },
  );
});

function cable(a: Switch, b: Switch): void {
  const ends: Port[] = [];
  const towards = (other: number) => ({
    send: (bytes: Uint8Array) => {
      ends[other]!.receive(bytes, 0);
      return true;
    },
  });
  ends.push(a.attach(towards(1)), b.attach(towards(0)));
}

describe("what bounds it", () => {
  test("a port has so many stations and no more; others are not forgotten for it", () => {
    const { device, ports, send } = bench({ ...unlimited, stationsPerPort: 2 }, 3);
    send(1, frame(everyone, 50));
    for (let from = 1; from < 40; from++) send(0, frame(everyone, from));
    expect(device.stationsOf(ports[0]!, 0)).toEqual([0x020000000001, 0x020000000002]);
    expect(send(2, frame(50, 60))).toEqual([1]);
    // One that has moved makes room.
    send(1, frame(everyone, 1));
    send(0, frame(everyone, 3));
    expect(send(2, frame(3, 60))).toEqual([0]);
  });

  test("a port may flood at its rate; what has one destination passes all the same", () => {
    const { ports, send } = bench({ ...unlimited, floodRate: 10, floodBurst: 5 }, 2);
    send(1, frame(everyone, 9));
    const flood = (now: number) => {
      let passed = 0;
      for (let index = 0; index < 100; index++) {
        passed += send(0, frame(everyone, 1), now).length;
      }
      return passed;
    };
    expect(flood(0)).toBe(5);
    expect(send(0, frame(9, 1))).toEqual([1]);
    expect(flood(200)).toBe(2);
    // A long silence is no more than one burst.
    expect(flood(1_000_000)).toBe(5);
    expect(ports[0]!.tally.refused).toBe(288);
  });

  test("a full queue is counted at the port that it is of", () => {
    const device = new Switch(unlimited);
    const full = device.attach({ send: () => false });
    const other = device.attach({ send: () => true });
    other.receive(frame(everyone, 1, 100), 0);
    expect(full.tally).toMatchObject({ sent: 0, dropped: 1, received: 0 });
    expect(other.tally).toMatchObject({ received: 1, receivedOctets: 100 });
  });

  test("what is too short, or for bridges alone, goes nowhere", () => {
    const { ports, send } = bench(unlimited, 2);
    expect(send(0, new Uint8Array(13))).toEqual([]);
    expect(ports[0]!.tally.refused).toBe(1);
    const pause = frame(1, 2);
    pause.set([0x01, 0x80, 0xc2, 0, 0, 1]);
    expect(send(0, pause)).toEqual([]);
  });

  test("a port that is taken away is forgotten with its stations", () => {
    const { device, ports, send } = bench(unlimited, 3);
    send(1, frame(everyone, 9));
    device.detach(ports[1]!);
    expect(send(0, frame(9, 1))).toEqual([2]);
  });

  test("stations that are past their time make room", () => {
    const { device, ports, send } = bench({ ...unlimited, ageing: 100, stationsPerPort: 1 }, 2);
    send(0, frame(everyone, 1), 0);
    device.age(99);
    expect(device.stationsOf(ports[0]!, 99)).toHaveLength(1);
    device.age(100);
    send(0, frame(everyone, 2), 100);
    expect(device.stationsOf(ports[0]!, 100)).toEqual([0x020000000002]);
  });
});
