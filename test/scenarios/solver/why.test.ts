import { expect, test } from "vitest";
import { solve } from "../../../solver/solve.ts";
import { why } from "../../../solver/why.ts";
import { MemoryUniverse, releaseOf, releasesOf, requestOf } from "./compact.ts";

const packages = {
  "unix@1.0.0": { kind: "target", requires: { event: "*" } },
  "event@1.0.0": { kind: "interface" },
  "kv@1.0.0": { kind: "interface" },
  "log@1.0.0": { kind: "interface" },
  "loop@1.0.0": { provides: { event: "1.0.0" }, requires: { log: "*" } },
  "files@1.0.0": { provides: { kv: "1.0.0" }, requires: { log: "*" } },
  "logger@1.0.0": { provides: { log: "1.0.0" } },
  "extra@1.0.0": {},
} as const;

function chains(name: string): readonly string[] {
  const root = releaseOf(
    "web",
    "1.0.0",
    { kind: "app", requires: { a: { of: "kv" }, b: { of: "kv" } } },
    packages,
  );
  const answer = solve(
    requestOf(root, { with: ["extra"] }),
    new MemoryUniverse(releasesOf(packages)),
  );
  if (!answer.ok) throw new Error("no plan");
  return why(answer.plans[0]!, name).map((chain) =>
    chain.map((one) => `${one.consumer}.${one.slot} <- ${one.provider}`).join(", "),
  );
}

test("why gives the shortest chain to a package", () => {
  expect(chains("logger")).toEqual(["web.a <- files#web.a, files#web.a.log <- logger"]);
});

test("why gives a chain for each instance", () => {
  expect(chains("files")).toEqual(["web.a <- files#web.a", "web.b <- files#web.b"]);
});

test("why leads from an interface to its providers", () => {
  expect(chains("event")).toEqual(["unix.event <- loop"]);
});

test("why has no chain to what nobody requires", () => {
  expect(["web", "unix", "extra", "absent"].map(chains)).toEqual([[], [], [], []]);
});
