// Two instances of a registry on one PostgreSQL and one object store: what one acknowledges, the other has, whichever of them
// is killed (SIGKILL), and when the database goes away for a moment. UNIPKG_PUBLISHES=1000 for the long run.
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { expect, test } from "vitest";
import { TrustStore } from "../../registry/client/trust-store.ts";
import { startPostgres } from "../support/postgres.ts";
import { expectChained, expectGoesOn, expectWhole, publish } from "../support/publisher.ts";
import { random } from "../support/random.ts";
import { Person, startRegistry } from "../support/registry.ts";
import { startObjectStore } from "../support/s3.ts";
import { testFolder } from "../support/unipkg.ts";

const wanted = Number(process.env["UNIPKG_PUBLISHES"] ?? 60);

test("two instances lose no acknowledged version to SIGKILL", { timeout: 900_000 }, async () => {
  const database = await startPostgres();
  const store = await startObjectStore();
  const options = ["--database", database.url, "--blobs", store.address];
  const environment = { AWS_ACCESS_KEY_ID: store.key.id, AWS_SECRET_ACCESS_KEY: store.key.secret };
  const first = await startRegistry(options, undefined, environment);
  const { token } = first;

  // Another instance without the first one's keys would sign in another name.
  const stranger = join(testFolder(), "data");
  await expect(startRegistry(options, { data: stranger, token }, environment)).rejects.toThrow(
    "every instance needs the file of the first",
  );
  const data = join(testFolder(), "data");
  mkdirSync(data);
  copyFileSync(join(first.data, "keys.json"), join(data, "keys.json"));
  const instances = [first, await startRegistry(options, { data, token }, environment)];

  const heads = new TrustStore(testFolder());
  // What one has acknowledged, the other answers with at once.
  for (let number = 0; number < 10; number++) {
    const version = `1.0.${number}`;
    expect(await publish(instances[number % 2]!, "@acme/both", version)).toBe(true);
    await expectGoesOn(instances[(number + 1) % 2]!, heads);
    await expectWhole(
      instances[(number + 1) % 2]!,
      "@acme/both",
      [version],
      new Set(Array.from({ length: number + 1 }, (_, each) => `1.0.${each}`)),
    );
  }
  // Of two who publish one version, one is told no.
  const races = await Promise.all(instances.map((each) => publish(each, "@acme/both", "2.0.0")));
  expect(races.filter(Boolean)).toHaveLength(1);

  const next = random(11);
  const acknowledged = new Map<string, string[]>();
  const tried = new Map<string, Set<string>>();
  let published = 0;
  let number = 0;
  for (let round = 0; published < wanted; round++) {
    let isGoingOn = true;
    const writers = Array.from({ length: 4 }, async (_, writer) => {
      // Two writers at each package, one by each instance.
      const name = `@acme/package${writer >> 1}`;
      while (isGoingOn && published < wanted) {
        const version = `1.0.${number++}`;
        tried.set(name, (tried.get(name) ?? new Set()).add(version));
        const at = instances[writer & 1]!;
        if (!(await publish(at, name, version))) {
          // Killed, or somebody else was faster at the package.
          await new Promise((resolve) => setTimeout(resolve, 5));
          continue;
        }
        published++;
        acknowledged.set(name, [...(acknowledged.get(name) ?? []), version]);
      }
    });
    const target = published + 3 + Math.floor(next() * 12);
    while (published < Math.min(target, wanted))
      await new Promise((resolve) => setTimeout(resolve, 1));
    const victim = Math.floor(next() * 2);
    if (round % 3 === 2) {
      database.stop();
      const ready = await fetch(`${instances[0]!.url}-/ready`);
      expect(ready.status).toBe(503);
      database.start();
    } else {
      await new Promise((resolve) => setTimeout(resolve, next() * 8));
      instances[victim]!.running.child.kill("SIGKILL");
    }
    isGoingOn = false;
    await Promise.all(writers);
    if (round % 3 !== 2) {
      await instances[victim]!.running.ended;
      instances[victim] = await startRegistry(options, instances[victim], environment);
    }
    for (const instance of instances) await expectGoesOn(instance, heads);
    for (const [name, versions] of acknowledged) {
      for (const instance of instances)
        await expectWhole(instance, name, versions, tried.get(name)!);
    }
  }
  for (const instance of instances) await instance.running.stop();

  // Back to a folder, and to another database: the same log.
  const operator = new Person(environment);
  const both = ["--database", database.url, "--blobs", store.address];
  const told = (words: readonly string[]) =>
    operator
      .unipkgOk(".", ["registry", ...words])
      .stdout.split("\n")
      .at(-2);
  const head = told(["verify", "--data", data, ...both]);
  const folder = join(testFolder(), "data");
  mkdirSync(folder);
  copyFileSync(join(first.data, "keys.json"), join(folder, "keys.json"));
  expect(told(["migrate", "--back", "--data", folder, ...both])).toBe(head);
  expect(told(["verify", "--data", folder])).toBe(head);
  const embedded = await startRegistry([], { data: folder, token });
  await expectGoesOn(embedded, heads);
  expect(await publish(embedded, "@acme/both", "3.0.0")).toBe(true);
  await embedded.running.stop();
  expect(told(["migrate", "--data", folder, ...both])).toBe(told(["verify", "--data", folder]));
  const again = await startRegistry(options, { data, token }, environment);
  await expectGoesOn(again, heads);
  expect(await publish(again, "@acme/both", "4.0.0")).toBe(true);

  // A log is not put in the place of another.
  const other = await startRegistry();
  await other.running.stop();
  const mixed = ["registry", "migrate", "--data", other.data, "--database", database.url];
  expect(operator.unipkg(".", mixed).stderr).toContain("the database has another log already");

  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const { rows } = await client.query<{ line: string }>("SELECT line FROM unipkg_log ORDER BY seq");
  await client.end();
  expectChained(rows.map(({ line }) => line));
});
