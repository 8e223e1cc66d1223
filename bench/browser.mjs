// Sites for browsers: what a visitor loads, and how long it takes from the navigation to the first line of the console and to the first
// answer of the image's own web server. Beside them a page that does the least that any page does: one script that starts a worker.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { chromium } from "playwright-core";
import { serveSite } from "../dist/cli/site.js";
import { median, needs, table } from "./measure.mjs";

const rounds = 9;
const wasmAndScript = ["image.wasm", "host/page.js", "host/worker.js", "service-worker.js"];
const rest = ["index.html", "style.css", "icon.svg", "image.json", "image.blob"];

export async function benchBrowser(apps) {
  needs({ chromium: "chromium" });
  const sites = [];
  for (const [name, app] of [
    ["hello", apps.hello],
    ["web", apps.site],
  ]) {
    const folder = join(apps.folder, `${name}-site`);
    apps.unipkg("-C", app, "build", "--target", "browser", "--output", folder);
    sites.push({ name, folder });
  }
  const sizes = sites.map(({ name, folder }) => [name, ...sizesOf(folder)]);
  table(
    "What a visitor of a site loads, bytes (the aim: 60,000 of wasm and script, compressed)",
    ["site", "wasm and script", "gzip -9", "brotli -11", "page and style, brotli"],
    sizes,
  );

  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox"],
  });
  const rows = [];
  const baseline = await leastPage();
  try {
    const served = [];
    for (const { name, folder } of sites) {
      const site = await serveSite(folder, 0);
      if (!site.ok) throw new Error(site.problems[0].message);
      served.push({ name, site: site.value });
    }
    const times = new Map();
    const add = (key, value) => times.set(key, [...(times.get(key) ?? []), value]);
    for (let round = 0; round < rounds; round++) {
      add("least page: message of its worker", await visit(browser, baseline.address, "least"));
      for (const { name, site } of served) {
        for (const [key, value] of Object.entries(await visit(browser, site.address, name))) {
          add(`${name}: ${key}`, value);
        }
      }
    }
    const least = median(times.get("least page: message of its worker"));
    for (const [key, values] of times) {
      const middle = median(values);
      rows.push([key, middle.toFixed(0), (middle / least).toFixed(1)]);
    }
    for (const { site } of served) await site.close();
  } finally {
    baseline.close();
    await browser.close();
  }
  table(
    `From the navigation, nothing cached (median of ${rounds})`,
    ["", "ms", "× least page"],
    rows,
  );
}

function sizesOf(folder) {
  const read = (file) => {
    try {
      return readFileSync(join(folder, file));
    } catch {
      return Buffer.alloc(0);
    }
  };
  const sum = (files, size) => files.reduce((total, file) => total + size(read(file)), 0);
  const brotli = (bytes) => (bytes.length === 0 ? 0 : brotliCompressSync(bytes).length);
  return [
    sum(wasmAndScript, (bytes) => bytes.length),
    sum(wasmAndScript, (bytes) => gzipSync(bytes, { level: 9 }).length),
    sum(wasmAndScript, brotli),
    sum(rest, brotli),
  ];
}

/** Milliseconds from the navigation on, of a new visitor each time. */
async function visit(browser, address, name) {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.addInitScript(watch);
    await page.goto(address);
    if (name === "least") return await until(page, "least");
    const firstLine = await until(page, "line");
    if (name === "hello") return { "first line": firstLine };
    const answer = await page.evaluate(async () => {
      await navigator.serviceWorker.ready;
      // The first visit's page is controlled once the service worker has claimed it.
      while (navigator.serviceWorker.controller === null)
        await new Promise((go) => setTimeout(go, 1));
      const response = await fetch("site/index.html");
      await response.arrayBuffer();
      const first = performance.now();
      for (let count = 0; count < 20; count++) await (await fetch("site/index.html")).arrayBuffer();
      return { first, later: (performance.now() - first) / 20, isOk: response.ok };
    });
    if (!answer.isOk) throw new Error("the site does not answer");
    return {
      "first line": firstLine,
      "first answer": answer.first,
      "each later answer, alone": answer.later,
    };
  } finally {
    await context.close();
  }
}

async function until(page, what) {
  const handle = await page.waitForFunction((name) => globalThis.unipkgTimes?.[name], what);
  return handle.jsonValue();
}

/** In the page, before its own scripts: when the console has its first line, or the least page its message. */
function watch() {
  globalThis.unipkgTimes = {};
  addEventListener("DOMContentLoaded", () => {
    const lines = document.getElementById("console");
    if (lines === null) return;
    new MutationObserver((_, observer) => {
      globalThis.unipkgTimes.line = performance.now();
      observer.disconnect();
    }).observe(lines, { childList: true });
  });
}

/** A page whose one script starts a worker, which says one word. */
async function leastPage() {
  const files = {
    "/": ["text/html", '<!doctype html><script type="module" src="page.js"></script>'],
    "/page.js": [
      "text/javascript",
      'new Worker("worker.js",{type:"module"}).onmessage=()=>{unipkgTimes.least=performance.now()};',
    ],
    "/worker.js": ["text/javascript", "postMessage(0);"],
  };
  const server = createServer((request, response) => {
    const [type, text] = files[request.url] ?? ["text/plain", ""];
    response.writeHead(200, { "content-type": type }).end(text);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: `http://127.0.0.1:${server.address().port}/`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
