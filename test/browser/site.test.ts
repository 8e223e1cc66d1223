// What `unipkg run` serves of a site, and what a back end refuses.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Report } from "../../cli/report.ts";
import { runSite, serveSite } from "../../cli/site.ts";
import { browser } from "../../linker/backends/browser.ts";
import { withoutCustomSections } from "../../linker/browser/wasm.ts";
import { projectRoot, testFolder } from "../support/unipkg.ts";

/** A folder with the files of a site, as far as names go. */
function makeFolder(): string {
  const folder = join(testFolder(), "made");
  mkdirSync(join(folder, "host"), { recursive: true });
  for (const file of ["index.html", "host/page.js", "image.wasm", "image.json"]) {
    writeFileSync(join(folder, file), `this is ${file}`);
  }
  writeFileSync(join(folder, "..", "secret.json"), "secret");
  writeFileSync(join(folder, ".hidden.json"), "secret");
  return folder;
}

async function served(folder: string, beside: readonly string[] = []): Promise<string> {
  const site = await serveSite(folder, 0, beside);
  if (!site.ok) throw new Error(site.problems[0]!.message);
  onTestFinished(() => site.value.close());
  return site.value.address;
}

/** Asks for a path as it is written: `fetch` would tidy it up. */
function ask(address: string, path: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(address);
    const asked = request({ hostname, port, path }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (text: string) => {
        body += text;
      });
      response.on("end", () => resolve({ status: response.statusCode!, body }));
    });
    asked.on("error", reject);
    asked.end();
  });
}

test("files come with their types and a policy that allows WebAssembly and no eval", async () => {
  const address = await served(makeFolder());
  for (const [path, file, type] of [
    ["", "index.html", "text/html; charset=utf-8"],
    ["?address=10.0.0.5", "index.html", "text/html; charset=utf-8"],
    ["host/page.js", "host/page.js", "text/javascript; charset=utf-8"],
    ["image.wasm", "image.wasm", "application/wasm"],
  ]) {
    const answer = await fetch(`${address}${path}`);
    expect(await answer.text()).toBe(`this is ${file}`);
    expect(answer.headers.get("content-type")).toBe(type);
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    const policy = answer.headers.get("content-security-policy")!;
    expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval'");
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/'unsafe-(eval|inline)'/);
  }
  const head = await fetch(address, { method: "HEAD" });
  expect(head.headers.get("content-length")).toBe(String("this is index.html".length));
  expect((await fetch(address, { method: "POST" })).status).toBe(405);
});

test("nothing else of the machine is served", async () => {
  const address = await served(makeFolder());
  for (const path of [
    ...["/../secret.json", "/host/../../secret.json", "/%2e%2e/secret.json", "//secret.json"],
    ...[
      "/.hidden.json",
      "/host/",
      "/host",
      "/made/image.json",
      "/%",
      "/image.json/",
      "/host\\page.js",
    ],
  ]) {
    expect(await ask(address, path), path).toEqual({ status: 404, body: "Not Found\n" });
  }
});

test("a site beside another is below its own name", async () => {
  const address = await served(makeFolder(), [makeFolder()]);
  expect((await ask(address, "/made/")).body).toBe("this is index.html");
  expect((await ask(address, "/made/host/page.js")).body).toBe("this is host/page.js");
  expect((await ask(address, "/made")).status).toBe(404);
  expect((await ask(address, "/made/../../secret.json")).status).toBe(404);
});

test("a port that is taken, and a folder beside that is no site, are UP533", async () => {
  const address = await served(makeFolder());
  const again = await serveSite(makeFolder(), Number(new URL(address).port));
  expect(again.ok ? [] : again.problems.map(({ code }) => code)).toEqual(["UP533"]);
  const beside = [projectRoot];
  const none = await runSite(
    makeFolder(),
    { port: 0, beside, settings: "" },
    undefined as unknown as Report,
  );
  expect(none.ok ? [] : none.problems).toMatchObject([
    { code: "UP533", message: `${projectRoot} is no site that unipkg has made` },
  ]);
});

/** The least that is a module: one memory, and a name section as the last of two custom ones. */
const wasm = Uint8Array.from([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[5, 4, 1, 1, 1, 2],
  ...[0, 3, 1, 0x78, 7],
  ...[0, 7, 4, 0x6e, 0x61, 0x6d, 0x65, 0, 0],
]);

test("a package without its scripts is UP532", async () => {
  const folder = testFolder();
  const made = await browser({
    ...{ wasm, sourceMap: "{}", blob: new Uint8Array(0), maximumPages: 2 },
    ...{ targetFolder: folder, output: join(folder, "out"), workFolder: folder },
    application: { name: "a", version: "1.0.0", description: "", licences: [], port: null },
    ...{ linked: { modules: [], uses: [] }, kernel: null, parameters: [] },
    ...{ lockDigest: "", layoutSeed: "" },
    frequencies: new Map(),
  });
  expect(made.ok ? [] : made.problems.map(({ code }) => code)).toEqual(["UP532"]);
});

test("custom sections go, and the source map is named", async () => {
  const stripped = withoutCustomSections(wasm, "image.wasm.map");
  const { WebAssembly: api } = globalThis as unknown as {
    WebAssembly: {
      compile(bytes: Uint8Array): Promise<object>;
      Module: { customSections(module: object, name: string): ArrayBuffer[] };
    };
  };
  const module = await api.compile(stripped);
  const sections = (name: string) => api.Module.customSections(module, name);
  expect(sections("x")).toEqual([]);
  expect(sections("name")).toEqual([]);
  const [url] = sections("sourceMappingURL");
  expect(Buffer.from(url!).subarray(1).toString()).toBe("image.wasm.map");
  const early = Uint8Array.from([...wasm.subarray(0, 8), 0, 2, 1, 0x78, ...wasm.subarray(8)]);
  expect(() => withoutCustomSections(early, "m")).toThrow("before the code");
});

test("the page has no script or style inline", () => {
  const page = join(projectRoot, "recipes/targets/browser/page/index.html");
  const inline = /<script(?![^>]* src=)|<style|\sstyle=|\son\w+=|javascript:/;
  expect(readFileSync(page, "utf8")).not.toMatch(inline);
});
