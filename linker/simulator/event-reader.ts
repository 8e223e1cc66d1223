import type { JsonReader, JsonValue } from "../../registry/json-reader.ts";
import { nearest } from "../../solver/suggest.ts";
import { pathKeys, readPath } from "./path-reader.ts";
import { readTime } from "./quantity.ts";
import type { EventPlan, ExpectationPlan } from "./scenario.ts";

/** What events and expectations may be about. */
export interface EventScope {
  /** Of the scenario, nanoseconds. */
  readonly duration: number;
  readonly nodes: ReadonlySet<string>;
  /** Machines that the simulator's station can reach. */
  readonly withStation: ReadonlySet<string>;
  readonly links: ReadonlySet<string>;
}

/** What one event does, by the key that says so; each with the keys that go with it. */
const deeds: Readonly<Record<string, readonly string[]>> = {
  change: ["to"],
  down: [],
  ping: ["within"],
  send: ["to", "port", "answer", "within"],
  start: [],
  stop: [],
  up: [],
};

const claims: Readonly<Record<string, readonly string[]>> = {
  console: ["by"],
  never: [],
  running: [],
  status: ["by"],
};

const usualPatience = 1e9;

/** Reads the parts `events` and `expect` of a scenario. */
export class EventReader {
  readonly #reader: JsonReader;
  readonly #scope: EventScope;

  constructor(reader: JsonReader, scope: EventScope) {
    this.#reader = reader;
    this.#scope = scope;
  }

  /** In the order of the file. */
  events(value: JsonValue | undefined): readonly EventPlan[] {
    const items = value === undefined ? [] : this.#reader.items(value);
    return items.flatMap((item) => this.#event(item) ?? []);
  }

  expectations(value: JsonValue | undefined): readonly ExpectationPlan[] {
    const items = value === undefined ? [] : this.#reader.items(value);
    return items.flatMap((item) => this.#expectation(item) ?? []);
  }

  #event(item: JsonValue): EventPlan | null {
    const reader = this.#reader;
    const chosen = this.#choose(item, deeds, ["at"]);
    if (chosen === null) return null;
    const { kind, value, fields } = chosen;
    const timing = fields.get("at");
    if (timing === undefined) reader.fault(item, "needs the key `at`");
    const at = this.#time(timing, 0);
    const event = { at, place: reader.place(item) };
    const within = this.#time(fields.get("within"), usualPatience);
    switch (kind) {
      case "down":
      case "up": {
        const link = this.#name(value, this.#scope.links, "link");
        return link === null ? null : { ...event, kind, link };
      }
      case "change": {
        const link = this.#name(value, this.#scope.links, "link");
        const to = fields.get("to");
        if (to === undefined) reader.fault(item, "needs `to`: the link's new qualities");
        if (link === null || to === undefined) return null;
        return { ...event, kind, link, path: readPath(reader, reader.fields(to, pathKeys), {}) };
      }
      case "stop":
      case "start": {
        const node = this.#name(value, this.#scope.nodes, "node");
        return node === null ? null : { ...event, kind, node };
      }
      case "ping": {
        const node = this.#reachable(value);
        return node === null ? null : { ...event, kind, node, within };
      }
      default: {
        const to = fields.get("to");
        const port = fields.get("port")?.node.value as unknown;
        const node = to === undefined ? null : this.#reachable(to);
        const text = reader.text(value);
        if (to === undefined) reader.fault(item, "needs `to`: a node");
        if (typeof port !== "number" || !Number.isInteger(port) || port < 1 || port > 65535) {
          reader.fault(fields.get("port") ?? item, "needs `port`: a number from 1 to 65535");
          return null;
        }
        const answerField = fields.get("answer");
        const answer = answerField === undefined ? null : reader.text(answerField);
        if (node === null || text === null) return null;
        return { ...event, kind: "send", node, port, data: Buffer.from(text), answer, within };
      }
    }
  }

  #expectation(item: JsonValue): ExpectationPlan | null {
    const reader = this.#reader;
    const chosen = this.#choose(item, claims, ["node"]);
    if (chosen === null) return null;
    const { kind, value, fields } = chosen;
    const nodeField = fields.get("node");
    if (nodeField === undefined) reader.fault(item, "needs the key `node`");
    const node = nodeField === undefined ? null : this.#name(nodeField, this.#scope.nodes, "node");
    if (node === null) return null;
    const claim = { node, place: reader.place(item) };
    const by = this.#time(fields.get("by"), this.#scope.duration);
    switch (kind) {
      case "console": {
        const text = reader.text(value);
        return text === null ? null : { ...claim, kind, text, by };
      }
      case "never": {
        const text = reader.text(value);
        return text === null ? null : { ...claim, kind, text };
      }
      case "status": {
        const status = value.node.value as unknown;
        if (typeof status !== "number" || !Number.isInteger(status) || status < 0) {
          reader.fault(value, "must be an exit status, such as 0");
          return null;
        }
        return { ...claim, kind, status, by };
      }
      default:
        if (!reader.bool(value)) {
          reader.fault(value, "must be true; of a node that is to end, expect its `status`");
        }
        return { ...claim, kind: "running" };
    }
  }

  /** The one key of `choices` that an item has, and its fields. */
  #choose(
    item: JsonValue,
    choices: Readonly<Record<string, readonly string[]>>,
    common: readonly string[],
  ): { kind: string; value: JsonValue; fields: ReadonlyMap<string, JsonValue> } | null {
    const reader = this.#reader;
    const names = Object.keys(choices);
    const fields = reader.fields(item, [
      ...new Set([...common, ...names, ...Object.values(choices).flat()]),
    ]);
    if (item.node.type !== "object") return null;
    const [kind, another] = names.filter((name) => fields.has(name));
    if (kind === undefined || another !== undefined) {
      reader.fault(item, `needs one of the keys ${names.join(", ")}, and only one`);
      return null;
    }
    for (const [name, field] of fields) {
      if (name === kind || common.includes(name) || choices[kind]!.includes(name)) continue;
      reader.fault(field, `has no meaning beside \`${kind}\``);
    }
    return { kind, value: fields.get(kind)!, fields };
  }

  /** One machine that the station can ask. */
  #reachable(value: JsonValue): string | null {
    const name = this.#name(value, this.#scope.nodes, "node");
    if (name === null || this.#scope.withStation.has(name)) return name;
    this.#reader.fault(
      value,
      `names \`${name}\`, which the simulator cannot reach`,
      "give the switch that it is on a `subnet`; one of a group is named as in `client-1`",
    );
    return null;
  }

  #name(value: JsonValue, known: ReadonlySet<string>, what: string): string | null {
    const name = this.#reader.text(value);
    if (name === null || known.has(name)) return name;
    const [near] = nearest(name, [...known]);
    const hint = near === undefined ? undefined : `did you mean \`${near}\`?`;
    this.#reader.fault(value, `names \`${name}\`, and there is no such ${what}`, hint);
    return null;
  }

  /** A time that is within the scenario's. */
  #time(value: JsonValue | undefined, usual: number): number {
    if (value === undefined) return usual;
    const time = readTime(value.node.value);
    if (time === null) this.#reader.fault(value, 'must be a time such as "1.5s"');
    else if (time > this.#scope.duration) {
      this.#reader.fault(value, "is after the end of the scenario, its `duration`");
    }
    return time ?? usual;
  }
}
