// Images in a browser: Debian's Chromium, driven by playwright-core. Needs: chromium (installed by the suite).
import { createHash } from "node:crypto";
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ServedSite, serveSite } from "../../cli/site.ts";
import { type Browser, launchChromium, looks, overflowOf } from "../support/chromium.ts";
import { installTimeout } from "../support/debian.ts";
import { consoleOf, openPage, pagePatience, untilStatus } from "../support/image-page.ts";
import { makeSite, type Site } from "../support/site.ts";
import { cli, projectRoot, start, temporaryFolder, unipkg, unipkgOk } from "../support/unipkg.ts";

const patient = { timeout: pagePatience };
const folder = temporaryFolder();
let browser: Browser;
let site: Site;
const served: ServedSite[] = [];

beforeAll(async () => {
  browser = await launchChromium();
  site = makeSite();
}, installTimeout);

afterAll(async () => {
  await browser?.close();
  for (const each of served) await each.close();
  folder.remove();
  site?.remove();
});

/** What the test looks at of an element; TypeScript has its types in the DOM's only. */
interface Scrolled {
  readonly scrollHeight: number;
  readonly scrollTop: number;
  readonly clientHeight: number;
}

/** Builds an application for browsers and serves it: answers the page's address. */
async function serve(app: string, name: string, ...settings: readonly string[]): Promise<string> {
  unipkgOk(app, "build", "--target", "browser", ...settings);
  const result = await serveSite(join(app, `build/${name}-browser`), 0);
  if (!result.ok) throw new Error(result.problems[0]!.message);
  served.push(result.value);
  return result.value.address;
}

test("hello prints, by `unipkg run`", { timeout: 2 * pagePatience }, async () => {
  unipkgOk(folder.path, "init", "hello", "--template", "hello");
  const app = join(folder.path, "hello");
  const words = ["run", "--target", "browser", "--port", "0"];
  const run = start(process.execPath, [cli, ...words], app);
  await run.until("(Ctrl-C ends it)");
  const address = /http:\/\/127\.0\.0\.1:\d+\//.exec(run.output())![0];
  const { page, complaints } = await openPage(browser, address);
  await untilStatus(page, "exited 0");
  expect(await consoleOf(page)).toEqual(["Hello, world!"]);
  expect(complaints).toEqual([]);
  await page.close();
  expect(await run.stop()).toBe(0);

  // A site that was copied in part says what is missing.
  const part = join(folder.path, "part");
  cpSync(join(app, "build/hello-browser"), part, { recursive: true });
  rmSync(join(part, "image.wasm"));
  const result = await serveSite(part, 0);
  if (!result.ok) throw new Error(result.problems[0]!.message);
  served.push(result.value);
  const { page: broken } = await openPage(browser, result.value.address);
  await untilStatus(broken, "cannot run");
  expect(await consoleOf(broken)).toEqual(["The image cannot be run: /image.wasm: 404 Not Found"]);
  await broken.close();
});

test("web's files come through the service worker, byte for byte", {
  timeout: 3 * pagePatience,
}, async () => {
  const address = await serve(site.folder, "site");
  const context = await browser.newContext();
  const { page, complaints } = await openPage(context, address);
  await untilStatus(page, "running");
  await page.evaluate("navigator.serviceWorker.ready.then(() => null)");
  for (const file of site.files) {
    const answer = await page.evaluate(async (name) => {
      const response = await fetch(`site/${encodeURIComponent(name)}`);
      const bytes = new Uint8Array(await response.arrayBuffer());
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
      return {
        status: response.status,
        length: bytes.length,
        said: Number(response.headers.get("content-length")),
        digest: Array.from(digest, (octet) => octet.toString(16).padStart(2, "0")).join(""),
      };
    }, file);
    const content = readFileSync(join(site.folder, "public", file));
    expect(answer).toEqual({
      status: 200,
      length: content.length,
      said: content.length,
      digest: createHash("sha256").update(content).digest("hex"),
    });
  }
  const details = await page.evaluate(async () => {
    const ask = async (path: string, options: RequestInit = {}) => {
      const response = await fetch(`site/${path}`, options);
      const { status, headers } = response;
      return { status, headers: Object.fromEntries(headers), body: await response.text() };
    };
    const whole = await ask("index.html");
    return {
      whole,
      head: await ask("index.html", { method: "HEAD" }),
      range: await ask("index.html", { headers: { Range: "bytes=2-8" } }),
      same: await ask("index.html", { headers: { "If-None-Match": whole.headers["etag"]! } }),
      missing: await ask("nothing"),
      post: await ask("index.html", { method: "POST", body: "x" }),
    };
  });
  const index = readFileSync(join(site.folder, "public/index.html"), "utf8");
  expect(details.whole).toMatchObject({ status: 200, body: index });
  expect(details.whole.headers["content-type"]).toBe("text/html; charset=utf-8");
  expect(details.head).toMatchObject({ status: 200, body: "" });
  expect(details.head.headers["content-length"]).toBe(String(index.length));
  expect(details.range).toMatchObject({ status: 206, body: index.slice(2, 9) });
  expect(details.range.headers["content-range"]).toBe(`bytes 2-8/${index.length}`);
  expect(details.same.status).toBe(304);
  expect(details.missing.status).toBe(404);
  expect(details.post).toMatchObject({ status: 405, headers: { allow: "GET, HEAD" } });
  // The browser says of each of these statuses that it came.
  expect(complaints.filter((text) => !text.startsWith("Failed to load resource"))).toEqual([]);

  // A window of its own below the prefix is answered, too, with all that it loads.
  const { page: window_ } = await openPage(context, `${address}site/`);
  await expect.poll(() => window_.title(), patient).toBe("It works");
  // Without the page there is nobody to answer.
  await page.close();
  const answer = await window_.reload();
  expect(answer?.status()).toBe(503);
  expect(await window_.locator("body").textContent()).toContain("The image runs in no tab.");
  await context.close();
});

test("what kv keeps is there after a reload, for one tab at a time", {
  timeout: 3 * pagePatience,
}, async () => {
  const app = join(folder.path, "kv-tally");
  cpSync(join(projectRoot, "test/recipes/apps/kv-tally"), app, { recursive: true });
  const address = await serve(app, "kv-tally", "--set", "kv-tally.count=3");
  for (const query of ["", "?storage=indexeddb"]) {
    const context = await browser.newContext();
    const { page, complaints } = await openPage(context, `${address}${query}`);
    await untilStatus(page, "exited 0");
    expect(await consoleOf(page)).toEqual([
      "tally: empty",
      ...[1, 2, 3].map((number) => `tally: ${number} lasts`),
    ]);
    for (const [found, next] of [
      [3, 4],
      [6, 7],
    ] as const) {
      await page.reload();
      await untilStatus(page, "exited 0");
      expect((await consoleOf(page)).slice(0, 2)).toEqual([
        `tally: ${found} is there, all as written`,
        `tally: ${next} lasts`,
      ]);
    }
    const kind = query === "" ? "OPFS" : "IndexedDB";
    expect(await page.locator("#disk").textContent()).toContain(`(${kind})`);
    const { page: second } = await openPage(context, `${address}${query}`);
    await untilStatus(second, "exited 1");
    expect(await second.locator("#disk").textContent()).toBe(
      "no disk: another tab of this page has it",
    );
    expect(complaints).toEqual([]);
    await context.close();
  }
});

test("a trap is told with its function and line; the page is for keyboards, and for every window", {
  timeout: 2 * pagePatience,
}, async () => {
  unipkgOk(folder.path, "init", "broken", "--template", "hello");
  const app = join(folder.path, "broken");
  writeFileSync(
    join(app, "src/main.ts"),
    [
      'import { log } from "console";',
      "let divisor: i32 = 2;",
      "function divide(value: i32): i32 {",
      "  log(value.toString() + ' by ' + divisor.toString());",
      "  return value / divisor--;",
      "}",
      "export function main(): void {",
      "  for (let line = 0; line < 200; line++) log('line ' + line.toString());",
      "  for (let value = 7; value < 11; value++) divide(divide(value));",
      "}",
      "",
    ].join("\n"),
  );
  const address = await serve(app, "broken");
  const context = await browser.newContext({ permissions: ["clipboard-read", "clipboard-write"] });
  const { page, complaints } = await openPage(context, address);
  await untilStatus(page, "trapped");
  const lines = await consoleOf(page);
  expect(lines.at(-2)).toBe("8 by 0");
  expect(lines.at(-1)).toBe("trap: divide by zero at divide (broken/src/main.ts:5)");

  // The console has followed its end; a reader who scrolls up stays there until told otherwise.
  const fromEnd = () =>
    page
      .locator("#console")
      .evaluate(({ scrollHeight, scrollTop, clientHeight }: Scrolled) =>
        Math.round(scrollHeight - scrollTop - clientHeight),
      );
  const follow = page.getByRole("button", { name: "Follow" });
  expect(await fromEnd()).toBeLessThan(5);
  expect(await follow.isVisible()).toBe(false);
  await page.locator("#console").focus();
  await page.keyboard.press("Home");
  // Browsers scroll by keys in many small steps.
  const top = () => page.locator("#console").evaluate(({ scrollTop }: Scrolled) => scrollTop);
  await expect.poll(top, patient).toBe(0);
  await follow.click();
  await expect.poll(fromEnd, patient).toBeLessThan(5);
  await page.getByRole("button", { name: "Copy" }).click();
  await page.getByRole("button", { name: "Copied" }).waitFor();
  const copied = await page.evaluate<string>("navigator.clipboard.readText()");
  expect(copied.split("\n").filter((line) => line !== "")).toEqual(lines);
  await page.getByRole("button", { name: "Clear" }).click();
  expect(await consoleOf(page)).toEqual([]);

  // The picture is one stop of Tab, and arrows go about in it.
  const chosen = () => page.locator("#modules article:visible h3").textContent();
  expect(await chosen()).toBe("broken");
  await page.getByRole("button", { name: /^broken, 1\.0\.0/ }).focus();
  await page.keyboard.press("ArrowDown");
  const below = await chosen();
  expect(below).not.toBe("broken");
  expect(await page.locator("#modules article:visible").textContent()).toContain("asked for by");
  await page.keyboard.press("End");
  expect(await chosen()).toBe("browser");
  await page.keyboard.press("Home");
  expect(await chosen()).toBe("broken");
  expect(complaints).toEqual([]);
  await context.close();

  for (const { name, ...look } of looks) {
    const looked = await browser.newContext(look);
    const { page: other } = await openPage(looked, address);
    await untilStatus(other, "trapped");
    expect(await overflowOf(other), name).toBe(0);
    await looked.close();
  }
});

test("the folder is the same every time, and another's stays as it is", () => {
  const app = join(folder.path, "hello");
  const made = join(app, "build/hello-browser");
  unipkgOk(app, "build", "--target", "browser");
  const files = () =>
    readdirSync(made, { recursive: true, encoding: "utf8" })
      .filter((file) => file.includes("."))
      .sort()
      .map((file) => [file, readFileSync(join(made, file)).toString("base64")]);
  const before = files();
  expect(before.map(([file]) => file)).toEqual([
    "host/page.js",
    "host/worker.js",
    "icon.svg",
    "image.json",
    "image.wasm",
    "image.wasm.map",
    "index.html",
    "service-worker.js",
    "style.css",
  ]);
  writeFileSync(join(made, "style.css"), "");
  expect(unipkgOk(app, "build", "--target", "browser").stdout).not.toContain("(unchanged)");
  expect(files()).toEqual(before);
  expect(unipkgOk(app, "build", "--target", "browser").stdout).toContain("(unchanged)");

  const other = unipkg(app, "build", "--target", "browser", "--output", "src");
  expect(other.status).toBe(74);
  expect(other.stderr).toContain("UP531");
  expect(readdirSync(join(app, "src"))).toEqual(["main.ts"]);
});
