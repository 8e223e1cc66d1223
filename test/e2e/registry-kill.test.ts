// The server is killed (SIGKILL) at random moments while versions are published. What it acknowledged is there when it
// starts again, nothing is there in part, and its log verifies. UNIPKG_PUBLISHES=1000 for the long run.
import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { TrustStore } from "../../registry/client/trust-store.ts";
import { verifyRegistry } from "../../registry/server/verify.ts";
import { expectChained, expectGoesOn, expectWhole, publish } from "../support/publisher.ts";
import { random } from "../support/random.ts";
import { startRegistry } from "../support/registry.ts";
import { testFolder } from "../support/unipkg.ts";

const wanted = Number(process.env["UNIPKG_PUBLISHES"] ?? 120);

test("no acknowledged version is lost to SIGKILL", { timeout: 900_000 }, async () => {
  const next = random(7);
  const acknowledged = new Map<string, string[]>();
  const tried = new Map<string, Set<string>>();
  let registry = await startRegistry();
  let published = 0;
  let number = 0;
  const store = new TrustStore(testFolder());
  for (let round = 0; published < wanted; round++) {
    let isAlive = true;
    const writers = Array.from({ length: 4 }, async (_, writer) => {
      const name = `@acme/package${writer}`;
      while (isAlive && published < wanted) {
        const version = `1.0.${number++}`;
        tried.set(name, (tried.get(name) ?? new Set()).add(version));
        if (!(await publish(registry, name, version))) return;
        published++;
        acknowledged.set(name, [...(acknowledged.get(name) ?? []), version]);
      }
    });
    // After some publishes of this round, in the middle of others.
    const target = published + 3 + Math.floor(next() * 20);
    while (published < Math.min(target, wanted))
      await new Promise((resolve) => setTimeout(resolve, 1));
    await new Promise((resolve) => setTimeout(resolve, next() * 8));
    isAlive = false;
    registry.running.child.kill("SIGKILL");
    await Promise.all([registry.running.ended, ...writers]);
    // Half a line is what a kill in the middle of a write leaves.
    if (round % 3 === 0) appendFileSync(join(registry.data, "log.ndjson"), '{"seq":1,"time":"20');
    registry = await startRegistry([], registry);
    for (const [name, versions] of acknowledged)
      await expectWhole(registry, name, versions, tried.get(name)!);
    await expectGoesOn(registry, store);
  }
  await registry.running.stop();
  expectChained(readFileSync(join(registry.data, "log.ndjson"), "utf8").trimEnd().split("\n"));
  const verified = await verifyRegistry({
    data: registry.data,
    ...{ database: null, blobs: null, environment: {} },
  });
  expect(verified.faults).toEqual([]);
  expect(verified.versions).toBeGreaterThanOrEqual(wanted);
});
