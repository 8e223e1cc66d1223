import { ok, type Result } from "../../model/problem.ts";
import { parseIpv4, parseIpv4Cidr } from "../../model/setting.ts";
import { JsonReader, type JsonValue } from "../../registry/json-reader.ts";
import { nearest } from "../../solver/suggest.ts";
import { dotted } from "../ethernet/address.ts";
import { AddressPlan, type SwitchWish, type Tenant } from "./address-plan.ts";
import { EventReader } from "./event-reader.ts";
import { pathKeys, readPath } from "./path-reader.ts";
import { readSize, readTime } from "./quantity.ts";
import type { LinkPlan, MachinePlan, Scenario } from "./scenario.ts";

/** More machines than this are a mistake rather than a wish. */
const mostMachines = 10_000;

const usualMtu = 1500;

/** The smallest that every IPv4 host takes (RFC 791, 3.2), and what is left of an IPv4 packet's length. */
const mtuBounds = [68, 65535] as const;

/**
 * Reads a scenario (docs/simulator.md describes the format). All mistakes are told at once, each with the key and its
 * place. Never throws, whatever the text.
 *
 * @param file what the text is called in messages
 */
export function parseScenario(text: string, file: string): Result<Scenario> {
  const reader = new JsonReader(text, file, { syntax: "UP604", value: "UP605" });
  const root = reader.root(text);
  const scenario = root === null ? null : new ScenarioReader(reader).read(root);
  return scenario === null || reader.problems.length > 0
    ? { ok: false, problems: reader.problemsByPlace() }
    : ok(scenario);
}

/** A node as it is written: one machine, or a group of them. */
interface Group {
  readonly name: string;
  /** Null for one machine of the group's own name. */
  readonly count: number | null;
  readonly fields: ReadonlyMap<string, JsonValue>;
  readonly value: JsonValue;
}

class ScenarioReader {
  readonly #reader: JsonReader;

  constructor(reader: JsonReader) {
    this.#reader = reader;
  }

  read(root: JsonValue): Scenario {
    const reader = this.#reader;
    const fields = reader.fields(root, [
      ...["about", "seed", "duration", "nodes", "switches", "links", "events", "expect"],
    ]);
    const about = fields.get("about");
    if (about !== undefined) reader.text(about);
    const duration = this.#time(fields.get("duration"), 60e9);
    const groups = this.#groups(fields.get("nodes"), root);
    const wishes = this.#switches(fields.get("switches"));
    for (const { name, value } of wishes) {
      if (groups.some((group) => group.name === name)) reader.fault(value, "is a node's name, too");
    }
    const links = this.#links(fields.get("links"), groups, wishes);
    const tenants = groups.flatMap((group) => this.#tenants(group));
    const addresses = new AddressPlan(reader, wishes, links, tenants);
    const machines = groups.flatMap((group) => this.#machines(group, addresses));
    const events = new EventReader(reader, {
      duration,
      nodes: namesOf(machines),
      withStation: new Set(
        addresses.switches.flatMap(({ subnet }) =>
          (subnet?.leases ?? []).filter(({ card }) => card === 0).map(({ machine }) => machine),
        ),
      ),
      links: namesOf(links),
    });
    return {
      seed: this.#seed(fields.get("seed")),
      duration,
      machines,
      switches: addresses.switches,
      links: links.map(({ value: _, ...link }) => link),
      events: events.events(fields.get("events")),
      expectations: events.expectations(fields.get("expect")),
    };
  }

  #seed(value: JsonValue | undefined): number {
    return this.#number(value, 1, 0, 2 ** 32 - 1);
  }

  #groups(value: JsonValue | undefined, root: JsonValue): readonly Group[] {
    const reader = this.#reader;
    const entries = value === undefined ? [] : reader.entries(value);
    if (entries.length === 0) reader.fault(value ?? root, "needs nodes: at least one machine");
    let total = 0;
    return entries.map(([name, entry]): Group => {
      this.#checkName(name, entry);
      const known = ["app", "count", "address", "settings", "memory", "start", "stagger"];
      const fields = reader.fields(entry, known);
      const countField = fields.get("count");
      const count = countField === undefined ? null : this.#number(countField, 1, 1, mostMachines);
      total += count ?? 1;
      if (total > mostMachines) reader.fault(entry, `makes more than ${mostMachines} machines`);
      return { name, count: total > mostMachines ? 1 : count, fields, value: entry };
    });
  }

  #tenants(group: Group): readonly Tenant[] {
    const field = group.fields.get("address");
    let address: number | null = null;
    if (field !== undefined) {
      address = parseIpv4(String(field.node.value));
      if (address === null) this.#reader.fault(field, 'must be an address such as "10.0.0.2"');
      if (group.count !== null) {
        this.#reader.fault(field, "is for one machine, and this node has a count");
      }
    }
    return memberNames(group).map((name) => ({ name, address, value: field ?? group.value }));
  }

  #machines(group: Group, addresses: AddressPlan): readonly MachinePlan[] {
    const reader = this.#reader;
    const { fields, value } = group;
    const app = fields.get("app");
    if (app === undefined) reader.fault(value, "needs the key `app`");
    const start = this.#time(fields.get("start"), 0);
    const stagger = this.#time(fields.get("stagger"), 0);
    const plan = {
      group: group.name,
      app: (app === undefined ? null : reader.text(app)) ?? "",
      appPlace: reader.place(app ?? value),
      settings: this.#settings(fields.get("settings"), addresses),
      memory: this.#number(fields.get("memory"), 64, 1, 4096),
    };
    return memberNames(group).map((name, index) => ({
      ...plan,
      name,
      start: start + index * stagger,
    }));
  }

  #settings(value: JsonValue | undefined, addresses: AddressPlan): MachinePlan["settings"] {
    const reader = this.#reader;
    const settings: Record<string, Record<string, string>> = {};
    for (const [owner, entry] of value === undefined ? [] : reader.entries(value)) {
      const values: Record<string, string> = {};
      for (const [name, field] of reader.entries(entry)) {
        if (!["string", "number", "boolean"].includes(field.node.type)) {
          reader.fault(field, "must be a text, a number, true or false");
          continue;
        }
        values[name] = this.#withAddresses(String(field.node.value), field, addresses);
      }
      settings[owner] = values;
    }
    return settings;
  }

  /** Puts a machine's address where `${machine}` is. */
  #withAddresses(text: string, value: JsonValue, addresses: AddressPlan): string {
    return text.replace(/\$\{([^}]*)\}/g, (_, name: string) => {
      const address = addresses.addressOf(name);
      if (address !== null) return dotted(address);
      this.#reader.fault(
        value,
        `asks for the address of \`${name}\`, which is not known`,
        "it is for a machine on a switch that has a `subnet`, or with an `address`; one machine of a group is named as in `client-1`",
      );
      return "";
    });
  }

  #switches(value: JsonValue | undefined): readonly SwitchWish[] {
    const reader = this.#reader;
    return (value === undefined ? [] : reader.entries(value)).map(([name, entry]) => {
      this.#checkName(name, entry);
      const field = reader.fields(entry, ["subnet"]).get("subnet");
      const subnet = field === undefined ? null : parseIpv4Cidr(String(field.node.value));
      if (field !== undefined && (subnet === null || subnet.prefix > 29)) {
        reader.fault(field, 'must be a network such as "10.0.0.0/24", of /29 or larger');
        return { name, value: entry, subnet: null };
      }
      return { name, value: entry, subnet };
    });
  }

  #links(
    value: JsonValue | undefined,
    groups: readonly Group[],
    switches: readonly SwitchWish[],
  ): readonly (LinkPlan & { readonly value: JsonValue })[] {
    const reader = this.#reader;
    return (value === undefined ? [] : reader.entries(value)).flatMap(([name, entry]) => {
      this.#checkName(name, entry);
      const fields = reader.fields(entry, ["between", "mtu", "back", ...pathKeys]);
      const mtu = this.#number(fields.get("mtu"), usualMtu, ...mtuBounds);
      const path = { ...readPath(reader, fields, {}), mtu };
      const backField = fields.get("back");
      const back =
        backField === undefined ? path : readPath(reader, reader.fields(backField, pathKeys), path);
      const ends = this.#ends(fields.get("between"), entry, groups, switches);
      return ends.map((between, index) => ({
        name: ends.length > 1 ? `${name}-${index + 1}` : name,
        group: name,
        between,
        there: path,
        back,
        mtu,
        value: entry,
      }));
    });
  }

  /** The pairs that a link joins: one, or one for each machine of a group. */
  #ends(
    value: JsonValue | undefined,
    link: JsonValue,
    groups: readonly Group[],
    switches: readonly SwitchWish[],
  ): readonly (readonly [string, string])[] {
    const reader = this.#reader;
    const items = value === undefined ? [] : reader.items(value);
    const known = [...groups, ...switches].map(({ name }) => name);
    const sides = items.map((item) => {
      const name = reader.text(item);
      if (name === null) return [];
      const group = groups.find((each) => each.name === name);
      if (group !== undefined) return memberNames(group);
      if (known.includes(name)) return [name];
      const [near] = nearest(name, known);
      const hint = near === undefined ? undefined : `did you mean \`${near}\`?`;
      reader.fault(item, `names \`${name}\`, which is neither a node nor a switch`, hint);
      return [];
    });
    const [first, second] = sides;
    if (first === undefined || second === undefined || sides.length !== 2) {
      reader.fault(value ?? link, 'needs `between`: two names, as in ["server", "lan"]');
      return [];
    }
    if (first.length > 1 && second.length > 1) {
      reader.fault(value!, "joins two groups; at most one side may have a count");
      return [];
    }
    if (first[0] !== undefined && first[0] === second[0]) {
      reader.fault(value!, "joins something with itself");
      return [];
    }
    return first.flatMap((a) => second.map((b) => [a, b] as const));
  }

  #checkName(name: string, value: JsonValue): void {
    if (/^[A-Za-z][A-Za-z0-9-]*$/.test(name)) return;
    this.#reader.fault(value, "is no name: letters, digits and dashes, a letter first");
  }

  #time(value: JsonValue | undefined, usual: number): number {
    if (value === undefined) return usual;
    const time = readTime(value.node.value);
    if (time === null) this.#reader.fault(value, 'must be a time such as "1.5s"');
    return time ?? usual;
  }

  #number(value: JsonValue | undefined, usual: number, least: number, most: number): number {
    if (value === undefined) return usual;
    const number = value.node.type === "number" ? readSize(value.node.value) : null;
    if (number !== null && number >= least && number <= most) return number;
    this.#reader.fault(value, `must be a whole number from ${least} to ${most}`);
    return usual;
  }
}

function memberNames({ name, count }: Group): readonly string[] {
  if (count === null) return [name];
  return Array.from({ length: count }, (_, index) => `${name}-${index + 1}`);
}

/** Every name that means one of them, or some. */
function namesOf(
  things: readonly { readonly name: string; readonly group: string }[],
): ReadonlySet<string> {
  return new Set(things.flatMap(({ name, group }) => [group, name]));
}
