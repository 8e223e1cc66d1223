import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { accepts } from "../../../model/accepts.ts";
import { extract } from "../../../registry/extract.ts";
import { describeScenario, parsePackages } from "./scenario.ts";

const folder = import.meta.dirname;
const scenarios = readdirSync(folder).filter((name) => name.endsWith(".scenario"));

describe("types: extraction and acceptance", () => {
  it.each(scenarios)("%s", async (name) => {
    const told = describeScenario(readFileSync(join(folder, name), "utf8"));
    await expect(told).toMatchFileSnapshot(`snapshots/${name.replace(/\.scenario$/, ".txt")}`);
  });

  // The other judge: AssemblyScript, with the provider's own source where the interface's declarations stood.
  it.each(scenarios)("%s: what is accepted compiles", (name) => {
    const packages = parsePackages(readFileSync(join(folder, name), "utf8"));
    const find = (required: string) => packages.get(required) ?? null;
    for (const [consumerName, consumer] of packages) {
      const own = extract(consumer, find);
      if (!own.ok) continue;
      for (const { slot, of } of consumer.manifest.requires) {
        const promised = find(of);
        const required = promised === null ? null : extract(promised, find);
        if (!required?.ok || required.value.signature === null) continue;
        for (const [providerName, provider] of packages) {
          const module = provider.manifest.provides.find((each) => each.interface === of)?.module;
          const provided = extract(provider, find);
          const signature = provided.ok ? provided.value.provided[of] : undefined;
          if (module === undefined || signature === undefined || provider === consumer) continue;
          const fits = accepts(required.value.signature, signature, own.value.uses[slot] ?? []);
          // The provider's own slot of the interface is filled by the declarations, not by itself.
          const requires = provider.manifest.requires.map((each) =>
            each.of === of ? { ...each, of: `declared:${of}` } : each,
          );
          const stand = { ...provider, manifest: { ...provider.manifest, module, requires } };
          const linked = extract(consumer, (wanted) =>
            wanted === of ? stand : find(wanted.replace(/^declared:/, "")),
          );
          const pair = `${consumerName} with ${providerName}`;
          if (fits.length === 0) expect(linked, pair).toMatchObject({ ok: true });
        }
      }
    }
  });
});
