import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { projectRoot } from "../support/unipkg.ts";
import { attacks } from "./attacks.ts";

test.each(attacks)("$attack: the tests are there", ({ client, server }) => {
  const named = [client, server].flatMap((side) => ("none" in side ? [] : side));
  expect(named.length).toBeGreaterThan(0);
  for (const one of named) {
    const [file = "", ...name] = one.split(": ");
    const source = readFileSync(join(projectRoot, "test", file), "utf8");
    expect(source, one).toContain(name.join(": "));
  }
});
