// The reader of scenarios: every mistake is told with its place, and no text makes it throw.
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseScenario } from "../../linker/simulator/scenario-reader.ts";
import type { Problem } from "../../model/problem.ts";

const whole = {
  about: "two machines",
  seed: 4,
  duration: "10s",
  nodes: {
    server: { app: "web", address: "10.0.0.9", memory: 32 },
    client: {
      app: "fetch",
      count: 3,
      start: "1s",
      stagger: "10ms",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the scenario's own
      settings: { fetch: { url: "http://${server}:8080/", times: 2 } },
    },
  },
  switches: { lan: { subnet: "10.0.0.0/24" }, hall: {} },
  links: {
    up: { between: ["lan", "hall"], bandwidth: "1Mbit", queue: "16KiB", back: { loss: "2%" } },
    rack: { between: ["server", "lan"], latency: "1ms", mtu: 9000 },
    desk: { between: ["client", "hall"], loss: 0.5, reorder: "1%", duplicate: 0, corrupt: "100%" },
  },
  events: [
    { at: "1s", down: "desk-2" },
    { at: "2s", up: "desk" },
    { at: "2s", change: "up", to: { loss: "3%" } },
    { at: "3s", stop: "client-1" },
    { at: "4s", start: "client" },
    { at: "5s", ping: "client-3", within: "20ms" },
    { at: "6s", send: "hello", to: "server", port: 7, answer: "hello" },
  ],
  expect: [
    { node: "client", console: "200", by: "5s" },
    { node: "client-2", status: 0 },
    { node: "server", never: "error" },
    { node: "server", running: true },
  ],
};

test("a scenario with everything in it is read", () => {
  const read = parseScenario(JSON.stringify(whole, null, 1), "whole.json");
  const places = (_: string, value: unknown) =>
    typeof value === "object" && value !== null && "line" in value ? `line ${value.line}` : value;
  expect(JSON.stringify(read.ok ? read.value : read, places, 1)).toMatchSnapshot();
});

/** Each with one mistake, or a few that are told together. */
const mistakes: Readonly<Record<string, string>> = {
  "not JSON": '{ "nodes": { "a": { "app": "web" }, } }',
  "no nodes": '{ "duration": "1s" }',
  "unknown keys": '{ "node": {}, "nodes": { "a": { "aap": "web" } } }',
  "a time without a unit": '{ "duration": 60, "nodes": { "a": { "app": "web" } } }',
  "qualities of a link": `{
  "nodes": { "a": { "app": "web" } },
  "switches": { "s": {} },
  "links": { "l": { "between": ["a", "s"], "loss": "110%", "latency": "5", "bandwidth": "0bit", "mtu": 10 } }
}`,
  "ends of a link": `{
  "nodes": { "client": { "app": "web" }, "many": { "app": "web", "count": 2 } },
  "switches": { "lan": {} },
  "links": {
    "one": { "between": ["clinet", "lan"] },
    "two": { "between": ["client"] },
    "three": { "between": ["many", "many"] },
    "four": { "between": ["lan", "lan"] }
  }
}`,
  "a circle": `{
  "nodes": { "a": { "app": "web" } },
  "switches": { "x": {}, "y": {}, "z": {} },
  "links": {
    "xy": { "between": ["x", "y"] },
    "yz": { "between": ["y", "z"] },
    "zx": { "between": ["z", "x"] }
  }
}`,
  subnets: `{
  "nodes": { "a": { "app": "web", "count": 9 }, "b": { "app": "web", "address": "10.0.1.5" } },
  "switches": { "x": { "subnet": "10.0.0.0/29" }, "y": { "subnet": "10.1.0.0/30" }, "z": { "subnet": "10.2.0.0/24" } },
  "links": {
    "a": { "between": ["a", "x"] },
    "b": { "between": ["b", "x"] },
    "xz": { "between": ["x", "z"] }
  }
}`,
  "an address that nobody knows":
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the scenario's own
    '{ "nodes": { "a": { "app": "web", "settings": { "web": { "index": "${b}" } } } } }',
  "too many":
    '{ "nodes": { "a": { "app": "web", "count": 9999 }, "b": { "app": "web", "count": 2 } } }',
  "names of two things": '{ "nodes": { "a": { "app": "web" } }, "switches": { "a": {} } }',
  events: `{
  "duration": "5s",
  "nodes": { "a": { "app": "web" } },
  "events": [
    { "at": "6s", "stop": "a" },
    { "at": "1s" },
    { "at": "1s", "stop": "a", "start": "a" },
    { "at": "1s", "down": "wire" },
    { "at": "1s", "ping": "a" },
    { "at": "1s", "stop": "a", "within": "1s" },
    { "at": "1s", "send": "x", "to": "a", "port": 70000 }
  ]
}`,
  expectations: `{
  "duration": "5s",
  "nodes": { "server": { "app": "web" } },
  "expect": [
    { "node": "sever", "running": true },
    { "node": "server", "running": false },
    { "node": "server", "status": -1 },
    { "console": "x" },
    { "node": "server", "console": "x", "by": "10s" }
  ]
}`,
};

test.each(Object.entries(mistakes))("is told: %s", (_, text) => {
  const read = parseScenario(text, "s.json");
  expect(read.ok).toBe(false);
  if (!read.ok) expect(`\n${read.problems.map(line).join("\n")}\n`).toMatchSnapshot();
});

function line({ code, message, place, hint }: Problem): string {
  const at = place === undefined ? "" : ` at ${place.line}:${place.column}`;
  return `${code}${at} ${message}${hint === undefined ? "" : `\n  ${hint}`}`;
}

test("no text makes it throw", () => {
  const keys = [
    ...["app", "count", "between", "at", "node", "nodes", "links", "switches", "events", "expect"],
    ...["subnet", "address", "settings", "down", "send", "status", "back", "to", "a", "__proto__"],
  ];
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 6 },
      fc.constantFrom(
        "1s",
        "5%",
        "a",
        "b",
        "web",
        "10.0.0.0/24",
        "10.0.0.1",
        1,
        -1,
        0.5,
        true,
        null,
      ),
      fc.dictionary(fc.constantFrom(...keys), tie("tree"), { maxKeys: 5 }),
      fc.array(tie("tree"), { maxLength: 3 }),
    ),
  }));
  fc.assert(
    fc.property(
      fc.oneof(
        tree.map((value) => JSON.stringify(value)),
        fc.string(),
      ),
      (text) => {
        const read = parseScenario(text, "s.json");
        if (!read.ok) expect(read.problems.every(({ code }) => /^UP60[45]$/.test(code))).toBe(true);
      },
    ),
    { seed: 604, numRuns: Number(process.env["UNIPKG_CASES"] ?? 2000) },
  );
});
