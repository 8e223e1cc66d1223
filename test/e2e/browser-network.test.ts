// Pages on one network: DNS between two tabs of an origin through our own TCP/IP, and through `unipkg switch` between a page and
// a unix image. Needs: cc, chromium (installed by the suite).
import { cpSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { serveSite } from "../../cli/site.ts";
import { type Browser, launchChromium } from "../support/chromium.ts";
import { installTimeout } from "../support/debian.ts";
import { consoleOf, openPage, pagePatience, untilStatus } from "../support/image-page.ts";
import {
  cli,
  freePort,
  type Running,
  start,
  temporaryFolder,
  unipkgOk,
} from "../support/unipkg.ts";

const folder = temporaryFolder();
/** Two sites of one origin. */
const sites = join(folder.path, "sites");
let browser: Browser;
let address: string;
let close: () => Promise<void> = async () => {};
const running: Running[] = [];
/** For the resolver; it asks for longer than a busy machine takes. */
const asks = ["--set", "dns-resolver.servers=10.9.0.53", "--set", "dns-resolver.tries=8"];

beforeAll(async () => {
  browser = await launchChromium();
  unipkgOk(folder.path, "init", "names", "--template", "dns");
  unipkgOk(folder.path, "init", "ask", "--template", "lookup");
  site("names", "--set", "names.port=53");
  site("ask", ...asks);
  const served = await serveSite(sites, 0);
  if (!served.ok) throw new Error(served.problems[0]!.message);
  ({ address, close } = served.value);
}, installTimeout);

afterAll(async () => {
  await browser?.close();
  for (const each of running.reverse()) await each.stop();
  await close();
  folder.remove();
});

/** Built where `unipkg run` has it, so that it is there already, and copied to where both are served. */
function site(app: string, ...settings: readonly string[]): void {
  const own = join(folder.path, app);
  unipkgOk(own, "build", "-t", "browser", ...settings);
  cpSync(join(own, `build/${app}-browser`), join(sites, app), { recursive: true });
}

test("dns in one tab answers a resolver in another", { timeout: 3 * pagePatience }, async () => {
  const context = await browser.newContext();
  const server = await openPage(context, `${address}names/index.html?address=10.9.0.53`);
  await untilStatus(server.page, "running");
  await server.page.locator("#address", { hasText: "10.9.0.53" }).waitFor();
  const client = await openPage(context, `${address}ask/index.html`);
  await untilStatus(client.page, "exited 0");
  const lines = await consoleOf(client.page);
  expect(lines.at(-1)).toBe("lookup: www.example.org is 192.0.2.80");
  // It has an address of its own, by which the server's image knew it.
  expect(lines[0]).toMatch(/^tcpip: 10\.\d+\.\d+\.\d+\/8 by DHCP/);
  expect([...server.complaints, ...client.complaints]).toEqual([]);
  await context.close();
});

test("a page talks to a unix image over the switch, by its own link or another tab's", {
  timeout: 4 * pagePatience,
}, async () => {
  const begin = (...words: readonly string[]) => {
    const all = [`XDG_RUNTIME_DIR=${folder.path}`, process.execPath, cli, ...words];
    const process_ = start("env", all, folder.path);
    running.push(process_);
    return process_;
  };
  const listen = ["--listen", `127.0.0.1:${await freePort()}`];
  const hub = begin("switch", ...listen);
  await hub.until("DHCP gives");
  unipkgOk(folder.path, "-C", "names", "solve", "--target", "unix,browser", "--with", "tcpip");
  const set = ["--set", "tcpip.address=10.9.0.53/24", "--set", "names.port=53"];
  const server = begin("-C", "names", "run", "-t", "unix", "--network", "switch", ...set);
  await server.until("dns: port 53");
  const words = ["-C", "ask", "run", "-t", "browser", "--network", "switch", ...asks];
  const site = begin(...words, "--port", "0");
  await site.until("(Ctrl-C ends it)");
  const link = /#link=ws\S+/.exec(site.output())![0];
  const browsers = () => hub.output().match(/browser \S+ joined/g)?.length ?? 0;

  // Two tabs with a link: one of them is the bridge.
  const context = await browser.newContext();
  const bridge = await openPage(context, `${address}names/index.html${link}`);
  await bridge.page.locator("#segment", { hasText: "and the switch" }).waitFor();
  const client = await openPage(context, `${address}ask/index.html${link}`);
  await untilStatus(client.page, "exited 0");
  const lines = await consoleOf(client.page);
  expect(lines[0]).toMatch(/^tcpip: 10\.9\.0\.\d+\/24 by DHCP/);
  expect(lines.at(-1)).toBe("lookup: www.example.org is 192.0.2.80");
  expect(browsers()).toBe(1);

  // Without it, the other one is; its address, with the token in it, is as it was.
  await bridge.page.close();
  await client.page.reload();
  await untilStatus(client.page, "exited 0");
  expect((await consoleOf(client.page)).at(-1)).toBe("lookup: www.example.org is 192.0.2.80");
  expect(browsers()).toBe(2);
  expect([...bridge.complaints, ...client.complaints]).toEqual([]);

  const wrong = await openPage(context, `${address}ask/index.html${link.slice(0, -1)}`);
  await wrong.page.locator("#segment", { hasText: "the switch does not answer" }).waitFor();
  expect(browsers()).toBe(2);
  await wrong.page.close();

  // A page finds back to a switch that was started again, with its token.
  const patient = await openPage(context, `${address}names/index.html${link}`);
  await patient.page.locator("#segment", { hasText: "and the switch" }).waitFor();
  expect(await hub.stop()).toBe(0);
  await patient.page.locator("#segment", { hasText: "the switch does not answer" }).waitFor();
  const again = begin("switch", ...listen);
  await again.until("browser http://127.0.0.1");
  await patient.page.locator("#segment", { hasText: "and the switch" }).waitFor();
  await context.close();
});
