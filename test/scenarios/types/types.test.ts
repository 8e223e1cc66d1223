import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { describeScenario } from "./scenario.ts";

const folder = import.meta.dirname;
const scenarios = readdirSync(folder).filter((name) => name.endsWith(".scenario"));

describe("types: extraction and acceptance", () => {
  it.each(scenarios)("%s", async (name) => {
    const told = describeScenario(readFileSync(join(folder, name), "utf8"));
    await expect(told).toMatchFileSnapshot(`snapshots/${name.replace(/\.scenario$/, ".txt")}`);
  });
});
