// `unipkg tree --target all`: the plans of one lockfile side by side.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { comparePlans, comparisonLines } from "../../cli/plan-comparison.ts";
import { styleFor } from "../../cli/style.ts";
import type { Plan } from "../../model/plan.ts";
import { testFolder } from "../support/unipkg.ts";
import { runCli } from "./harness.ts";

const plain = styleFor({ terminal: false, columns: 80, write: () => {} }, "never", {});

async function told(folder: string, line: string): Promise<string> {
  const { status, stdout, whole } = await runCli(folder, line.split(" "));
  if (status !== 0) throw new Error(whole);
  return stdout;
}

test.each(["web", "dns"])(
  "%s: one lockfile for all targets, and where they differ",
  async (app) => {
    const folder = testFolder();
    await told(folder, `init site --template ${app}`);
    const site = join(folder, "site");
    await told(site, "solve --target kernel-module,unix,xen");
    const shown = await told(site, "tree --target all");
    expect(shown).toMatchSnapshot();
    expect(Math.max(...shown.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);

    await told(site, "solve --target all");
    const targets = (await told(site, "targets --quiet")).trim().split("\n");
    const lock = JSON.parse(readFileSync(join(site, "unipkg.lock"), "utf8"));
    expect(Object.keys(lock.plans).sort()).toEqual(targets);
    const { plans, comparison } = JSON.parse(await told(site, "tree --target all --json"));
    expect(comparison.targets).toEqual(targets);
    const tcp = comparison.slots.find((each: { slot: string }) => each.slot === "tcp");
    expect(tcp).toMatchObject({ same: false, providers: { unix: "kernel-sockets", xen: "tcpip" } });
    for (const { packages } of plans as Plan[]) {
      for (const { name, version } of packages) {
        expect(comparison.versions[name] ?? version, name).toBe(version);
      }
    }
  },
);

test("fetch has floating point where it may, and whole numbers in the kernel", async () => {
  const folder = testFolder();
  await told(folder, "init fetcher --template fetch");
  const app = join(folder, "fetcher");
  await told(app, "solve --target all");
  const { comparison } = JSON.parse(await told(app, "tree --target all --json"));
  const { providers } = comparison.slots.find(
    (each: { slot: string }) => each.slot === "statistics",
  );
  for (const [target, provider] of Object.entries(providers)) {
    const kind = target === "kernel-module" ? "integer" : "float";
    expect(provider, target).toBe(`${kind}-statistics`);
  }
  const asked = ["why-not", "float-statistics", "--target", "kernel-module"];
  expect((await runCli(app, asked)).stdout).toMatchInlineSnapshot(`
    "float-statistics cannot be in the image for kernel-module: float-statistics 1.0.0 computes with floating point in Summary#constructor (src/statistics.ts:4:22), which kernel-module forbids
    "
  `);
});

test("names that are too long for columns make a list, a line each target", () => {
  const plan = (target: string, provider: string): Plan => ({
    target,
    root: "app",
    packages: [provider, "log"].map((name) => ({ name, version: "1.2.3", integrity: "" })),
    bindings: [
      { consumer: "app", slot: "log", interface: null, provider: "log", reason: "only provider" },
      {
        consumer: "log",
        slot: "sink",
        interface: "stream",
        provider: `${provider}#log.sink`,
        reason: "newest",
      },
    ],
  });
  const comparison = comparePlans([
    plan("unix", "@organisation/a-provider-with-a-long-name"),
    plan("xen", "@organisation/another-provider-with-a-long-name"),
  ]);
  expect(comparisonLines("app 1.0.0", comparison, plain).join("\n")).toMatchInlineSnapshot(`
    "app 1.0.0 for unix, xen

    Filled by different packages, or not needed (-)
      log.sink: stream
        unix  @organisation/a-provider-with-a-long-name
        xen   @organisation/another-provider-with-a-long-name
      versions: @organisation/a-provider-with-a-long-name 1.2.3,
      @organisation/another-provider-with-a-long-name 1.2.3

    Filled by the same package on all
      log  log 1.2.3"
  `);
});

test("one plan alone is a list of what fills its slots", async () => {
  const folder = testFolder();
  await told(folder, "init greeting --template hello");
  expect(await told(join(folder, "greeting"), "tree --target all")).toMatchInlineSnapshot(`
    "greeting 1.0.0 for unix

    Filled by
      console  host-console 1.0.0
      event    event-loop 1.0.0
    "
  `);
});
