// Simulations: the shipped scenarios and their replays in this process, failures as `unipkg sim` tells them.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { type CompiledImage, compileImage } from "../../linker/node-host/image.ts";
import { parseScenario } from "../../linker/simulator/scenario-reader.ts";
import { simulate, type Verdict } from "../../linker/simulator/simulation.ts";
import { link } from "../recipes/link.ts";
import { projectRoot, testFolder, unipkg, unipkgOk } from "../support/unipkg.ts";

const shipped = join(projectRoot, "docs/scenarios");
const providers = { netdev: "host-netdev", tcp: "tcpip", udp: "tcpip" };
const quiet = { onLine: () => {}, onEvent: () => {}, onProgress: () => {} };
const programs = new Map<string, CompiledImage>();

beforeAll(async () => {
  const add = async (name: string, folder: string, settings = {}) => {
    const linked = await link(join(projectRoot, folder), settings, providers);
    programs.set(name, await compileImage(linked));
  };
  // The server is the first machine of each scenario, and so has the first address.
  const fetch = { url: "http://10.0.0.2:8080/", times: 3, interval: 50 };
  await add("web", "recipes/apps/web");
  await add("fetch", "recipes/apps/fetch", { fetch });
  await add("echo", "test/recipes/apps/udp-echo");
});

function run(text: string, seed: number): Verdict {
  const scenario = parseScenario(text, "s.json");
  if (!scenario.ok) throw new Error(JSON.stringify(scenario.problems));
  return simulate({
    scenario: scenario.value,
    seed,
    programOf: ({ app }) => programs.get(app)!,
    listener: quiet,
    captureLimit: 64 << 20,
  });
}

const states = ({ claims }: Verdict) => [...new Set(claims.map(({ state }) => state))];

describe.each(readdirSync(shipped).sort())("the scenario %s", (name) => {
  const text = readFileSync(join(shipped, name), "utf8");

  test("is met, and another time to the same byte", () => {
    const verdict = run(text, 1);
    expect(verdict.problems).toEqual([]);
    expect(states(verdict)).toEqual(["met"]);
    const again = run(text, 1);
    expect(again.digest).toBe(verdict.digest);
    const files = [verdict, again].map(({ capture }) => capture.encode());
    expect(Buffer.compare(files[0]!, files[1]!)).toBe(0);
  });
});

test("another seed has another run, and each comes out well", () => {
  const text = readFileSync(join(shipped, "lossy.json"), "utf8");
  const seeds = Array.from({ length: Number(process.env["UNIPKG_SEEDS"] ?? 10) }, (_, i) => i + 1);
  const verdicts = seeds.map((seed) => run(text, seed));
  expect(verdicts.flatMap(({ problems }) => problems)).toEqual([]);
  expect(new Set(verdicts.map(({ digest }) => digest)).size).toBe(seeds.length);
});

test("what does not come true is told with its place, the console and a capture", () => {
  const folder = testFolder();
  const scenario = {
    duration: "3s",
    nodes: { greeter: { app: "hello" }, other: { app: "hello" } },
    expect: [
      { node: "greeter", console: "Hello" },
      { node: "greeter", never: "world" },
      { node: "other", status: 3 },
    ],
  };
  writeFileSync(join(folder, "s.json"), JSON.stringify(scenario, null, 1));
  const { status, stdout, stderr } = unipkg(folder, "sim", "s.json");
  expect(status).toBe(1);
  expect(stdout).toContain("failed: ");
  expect(stderr).toMatch(
    /error\[UP607\]: greeter printed "[^"]*world[^"]*", which it never should/,
  );
  expect(stderr).toMatch(/--> s\.json:\d+:\d+/);
  expect(stderr).toContain("greeter | ");
  expect(stderr).toContain("unipkg sim s.json --seed 1");
  expect(existsSync(join(folder, "s-1.pcapng"))).toBe(true);
});

test("a machine that traps fails it, and says where; a wrong setting, an unknown app and a bad file are told", () => {
  const folder = testFolder();
  unipkgOk(folder, "init", "app", "--template", "hello");
  writeFileSync(
    join(folder, "app/src/main.ts"),
    'import { log } from "console";\nexport function main(): void {\n  const list = new Array<i32>(1);\n  log("before");\n  log(list[list.length].toString());\n}\n',
  );
  const write = (node: object) =>
    writeFileSync(join(folder, "s.json"), JSON.stringify({ nodes: { node } }));
  write({ app: "./app" });
  const trapped = unipkg(folder, "sim", "s.json");
  expect(trapped.status).toBe(1);
  expect(trapped.stderr).toMatch(/UP607\]: node ended with status 134.*trap: .*src\/main\.ts:5/);
  write({ app: "./app", settings: { app: { nmae: "x" } } });
  expect(unipkg(folder, "sim", "s.json").stderr).toContain("error[UP104]");
  write({ app: "helo" });
  const unknown = unipkg(folder, "sim", "s.json");
  expect(unknown).toMatchObject({ status: 1 });
  expect(unknown.stderr).toMatch(/error\[UP606\].*\n[\s\S]*did you mean `hello`/);
  write({ app: "./none" });
  expect(unipkg(folder, "sim", "s.json").stderr).toContain("error[UP606]");
  writeFileSync(join(folder, "s.json"), "{");
  expect(unipkg(folder, "sim", "s.json")).toMatchObject({ status: 65 });
  expect(unipkg(folder, "sim", "none.json")).toMatchObject({ status: 74 });
  expect(unipkg(folder, "sim", "s.json", "--seed", "x")).toMatchObject({ status: 64 });
});

test("stop, start and datagrams: a machine is asked before, while and after it is off", () => {
  const scenario = {
    duration: "30s",
    nodes: { server: { app: "echo" } },
    switches: { lan: { subnet: "10.9.0.0/24" } },
    links: { cable: { between: ["server", "lan"], latency: "1ms" } },
    events: [
      { at: "5s", ping: "server", within: "5ms" },
      { at: "5s", send: "one", to: "server", port: 7, answer: "one", within: "5ms" },
      { at: "6s", stop: "server" },
      { at: "10s", start: "server" },
      { at: "20s", send: "two", to: "server", port: 7, answer: "two", within: "5ms" },
    ],
  };
  expect(states(run(JSON.stringify(scenario), 1))).toEqual(["met"]);
  scenario.events.splice(3, 1);
  const [problem] = run(JSON.stringify(scenario), 1).problems;
  expect(problem?.message).toBe(
    "server did not answer the datagram to port 7 of 20.000 s within 0.005 s",
  );
});
