import type { JsonReader, JsonValue } from "../../registry/json-reader.ts";
import type { Lease, LinkPlan, Subnet, SwitchPlan } from "./scenario.ts";

/** A machine that wants addresses. */
export interface Tenant {
  readonly name: string;
  /** The address that the scenario gives it, for its first card. */
  readonly address: number | null;
  readonly value: JsonValue;
}

/** A switch as it is written. */
export interface SwitchWish {
  readonly name: string;
  readonly value: JsonValue;
  readonly subnet: { readonly address: number; readonly prefix: number } | null;
}

/** Gives every card an address of the network that it is in. Networks are switches that links join, without circles. */
export class AddressPlan {
  readonly switches: readonly SwitchPlan[];
  readonly #addresses = new Map<string, number>();

  constructor(
    reader: JsonReader,
    wishes: readonly SwitchWish[],
    links: readonly (LinkPlan & { readonly value: JsonValue })[],
    tenants: readonly Tenant[],
  ) {
    const networks = new Networks(wishes.map(({ name }) => name));
    for (const { between, value } of links) {
      const [a, b] = between;
      if (!networks.has(a) || !networks.has(b)) continue;
      if (!networks.join(a, b)) {
        reader.fault(
          value,
          "closes a circle of switches, in which a broadcast would never end",
          "leave one of the links out: the simulator's switches have no spanning tree",
        );
      }
    }
    const cards = cardsOf(links, tenants);
    const owners = new Map<string, string>();
    this.switches = wishes.map((wish): SwitchPlan => {
      if (wish.subnet === null) return { name: wish.name, subnet: null };
      const network = networks.of(wish.name);
      const owner = owners.get(network);
      if (owner !== undefined) {
        reader.fault(wish.value, `is one network with \`${owner}\`, which has a subnet already`);
        return { name: wish.name, subnet: null };
      }
      owners.set(network, wish.name);
      const inside = cards.filter(({ to }) => networks.has(to) && networks.of(to) === network);
      return { name: wish.name, subnet: this.#subnet(reader, wish, wish.subnet, inside) };
    });
    for (const { name, address } of tenants) {
      if (address !== null) this.#addresses.set(name, address);
    }
  }

  /** The address of a machine's first card; null when nobody knows it. */
  addressOf(machine: string): number | null {
    return this.#addresses.get(machine) ?? null;
  }

  #subnet(
    reader: JsonReader,
    wish: SwitchWish,
    { address, prefix }: { readonly address: number; readonly prefix: number },
    cards: readonly Card[],
  ): Subnet {
    const size = 2 ** (32 - prefix);
    const mask = 2 ** 32 - size;
    const first = Math.floor(address / size) * size;
    const station = first + 1;
    const taken = new Set([first, station, first + size - 1]);
    const leases: Lease[] = [];
    const give = ({ tenant, card }: Card, given: number) => {
      taken.add(given);
      leases.push({ machine: tenant.name, card, address: given });
      if (card === 0) this.#addresses.set(tenant.name, given);
    };
    const isAsked = ({ tenant, card }: Card) => card === 0 && tenant.address !== null;
    for (const card of cards.filter(isAsked)) {
      const { address: asked, value } = card.tenant;
      if (asked === null || asked < first || asked >= first + size || taken.has(asked)) {
        reader.fault(value, `cannot have this address: \`${wish.name}\` has none such to give`);
      } else {
        give(card, asked);
      }
    }
    let next = station;
    for (const card of cards.filter((each) => !isAsked(each))) {
      while (taken.has(next)) next++;
      if (next >= first + size) {
        reader.fault(
          wish.value,
          `has ${size - 3} addresses, and ${cards.length} cards want one`,
          "write a shorter prefix",
        );
        break;
      }
      give(card, next);
    }
    return { mask, station, leases };
  }
}

interface Card {
  readonly tenant: Tenant;
  /** Number of the machine's card. */
  readonly card: number;
  /** What it is joined to. */
  readonly to: string;
}

/** Cards by machine, numbered by the links in their order. */
function cardsOf(links: readonly LinkPlan[], tenants: readonly Tenant[]): Card[] {
  const ends = new Map<string, string[]>();
  for (const { between } of links) {
    const [a, b] = between;
    ends.set(a, [...(ends.get(a) ?? []), b]);
    ends.set(b, [...(ends.get(b) ?? []), a]);
  }
  return tenants.flatMap((tenant) =>
    (ends.get(tenant.name) ?? []).map((to, card) => ({ tenant, card, to })),
  );
}

/** Disjoint sets of switches. */
class Networks {
  readonly #parents: Map<string, string>;

  constructor(names: readonly string[]) {
    this.#parents = new Map(names.map((name) => [name, name]));
  }

  has(name: string): boolean {
    return this.#parents.has(name);
  }

  of(name: string): string {
    const parent = this.#parents.get(name)!;
    return parent === name ? name : this.of(parent);
  }

  /** False when they were one already. */
  join(a: string, b: string): boolean {
    const [one, other] = [this.of(a), this.of(b)];
    this.#parents.set(one, other);
    return one !== other;
  }
}
