import { fixedLeases } from "../ethernet/dhcp.ts";
import { Station } from "../ethernet/station.ts";
import type { Capture } from "./capture.ts";
import { Channel, type Path } from "./channel.ts";
import { Device } from "./device.ts";
import type { Machine } from "./machine.ts";
import { Random } from "./random.ts";
import { type LinkPlan, machinesNamed, type Scenario, type Subnet } from "./scenario.ts";
import type { Schedule } from "./schedule.ts";
import { type Endpoint, Switch } from "./switch.ts";

/** Locally administered addresses of one station each (IEEE 802, 8.4): machines' cards, and the simulator's own. */
export const cardAddresses = 0x020000000000;
const stationAddresses = 0x02ff00000000;

/** A link with both its directions. */
export interface Link {
  readonly name: string;
  readonly group: string;
  readonly there: Channel;
  readonly back: Channel;
}

export type FrameListener = (machine: Machine, direction: "in" | "out", frame: Uint8Array) => void;

/** Cards, cables, switches and stations of a scenario. */
export class Topology {
  readonly links: readonly Link[];
  readonly #schedule: Schedule;
  readonly #seed: number;
  readonly #switches: ReadonlyMap<string, Switch>;
  readonly #stations = new Map<string, { readonly station: Station; readonly address: number }>();

  constructor(
    scenario: Scenario,
    machines: readonly Machine[],
    schedule: Schedule,
    seed: number,
    capture: Capture,
    onFrame: FrameListener,
    cardsFrom: number,
  ) {
    this.#schedule = schedule;
    this.#seed = seed;
    const switches = new Map(scenario.switches.map(({ name }) => [name, new Switch()]));
    this.#switches = switches;
    const byName = new Map(machines.map((machine) => [machine.name, machine]));
    let cards = 0;
    const end = (name: string, { mtu }: LinkPlan): Endpoint => {
      const machine = byName.get(name);
      if (machine === undefined) return switches.get(name)!.port();
      const device = new Device(cardsFrom + ++cards, mtu);
      const number = capture.interface(`${name}.${machine.devices.push(device) - 1}`);
      device.onFrame = (direction, frame) => {
        capture.add(schedule.now, number, direction, frame);
        onFrame(machine, direction, frame);
      };
      return device;
    };
    this.links = scenario.links.map((plan) => {
      const [a, b] = plan.between.map((name) => end(name, plan)) as [Endpoint, Endpoint];
      const there = this.#channel(`${plan.name}>`, plan.there, b);
      const back = this.#channel(`${plan.name}<`, plan.back, a);
      a.out = there;
      b.out = back;
      return { name: plan.name, group: plan.group, there, back };
    });
    for (const [index, { name, subnet }] of scenario.switches.entries()) {
      if (subnet !== null) this.#attach(switches.get(name)!.port(), index, subnet, byName);
    }
  }

  /** Links of a group, or the one of this name. */
  linksNamed(name: string): readonly Link[] {
    return machinesNamed(this.links, name);
  }

  /** The station that gave a machine's first card its address, and that address. */
  stationOf(machine: string): { readonly station: Station; readonly address: number } {
    return this.#stations.get(machine)!;
  }

  /** A port of a switch for what is not of the scenario: `send` is given its frames, those that come are given to the answer. */
  join(name: string, send: (frame: Uint8Array) => void): (frame: Uint8Array) => void {
    const port = this.#switches.get(name)!.port();
    port.out = this.#channel("", {}, { receive: send });
    return (frame) => port.receive(frame);
  }

  #attach(
    port: Endpoint,
    index: number,
    { mask, station: address, leases }: Subnet,
    machines: ReadonlyMap<string, Machine>,
  ): void {
    const byCard = new Map(
      leases.map((lease) => [
        machines.get(lease.machine)!.devices[lease.card]!.address,
        lease.address,
      ]),
    );
    const server = { address, mask, router: address, leases: fixedLeases(byCard) };
    const station = new Station(stationAddresses + index, server);
    port.out = this.#channel("", {}, station);
    station.out = this.#channel("", {}, port);
    for (const lease of leases) {
      if (lease.card === 0) this.#stations.set(lease.machine, { station, address: lease.address });
    }
  }

  #channel(name: string, path: Path, to: Pick<Endpoint, "receive">): Channel {
    const random = randomOf(this.#seed, `link ${name}`);
    return new Channel(this.#schedule, random, path, (frame) => to.receive(frame));
  }
}

/** A source of its own for everything that has chance, so that one thing more does not change all others. */
export function randomOf(seed: number, name: string): Random {
  // FNV-1a (RFC 9923 has its constants), over the seed as text and the name.
  let hash = 0x811c9dc5;
  for (const character of `${seed} ${name}`) {
    hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193);
  }
  return new Random(hash);
}
