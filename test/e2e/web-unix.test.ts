// The main job on unix: init, solve, build, run; every file byte for byte by curl, and under load.
// Needs: cc, curl (npm test installs them).
import { execFileSync, spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { Agent, get } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort, type Running, start, temporaryFolder, unipkgOk } from "../support/unipkg.ts";

const folder = temporaryFolder();
const site = join(folder.path, "my-site");
let server: Running;
let base: string;

beforeAll(async () => {
  unipkgOk(folder.path, "init", "my-site", "--template", "web");
  writeFileSync(join(site, "public/five-megabytes.bin"), randomBytes(5 << 20));
  writeFileSync(join(site, "public/empty.txt"), "");
  writeFileSync(join(site, "public/odd name ü.txt"), "Umlaut\n");
  const port = await freePort();
  base = `http://127.0.0.1:${port}`;
  unipkgOk(site, "build", "--target", "unix", "--set", `my-site.port=${port}`, "--output", "web");
  server = start(join(site, "web"), [], site);
  await server.until(String(port));
});

afterAll(async () => {
  await server?.stop();
  folder.remove();
});

function curl(...args: readonly string[]): Buffer {
  return execFileSync("curl", ["-sS", "--max-time", "20", ...args], { maxBuffer: 1 << 28 });
}

describe("the unix image of web", () => {
  test.each(["index.html", "five-megabytes.bin", "empty.txt", "odd name ü.txt"])(
    "serves %s byte for byte",
    (name) => {
      const file = readFileSync(join(site, "public", name));
      expect(curl("-f", `${base}/${encodeURIComponent(name)}`).equals(file)).toBe(true);
    },
  );

  test("keeps one connection for many requests", () => {
    const urls = Array.from({ length: 20 }, (_, index) => `${base}/index.html?${index}`);
    const trace = spawnSync(
      "curl",
      [
        "-sSv",
        "--max-time",
        "20",
        "-Z",
        "--parallel-max",
        "1",
        ...urls.flatMap((url) => ["-o", "/dev/null", url]),
      ],
      { encoding: "utf8" },
    );
    expect(trace.status).toBe(0);
    expect(trace.stderr.match(/Connected to/g)).toHaveLength(1);
  });

  test("answers ranges of a large file", () => {
    const file = readFileSync(join(site, "public/five-megabytes.bin"));
    const part = curl("-f", "-r", "1000000-1999999", `${base}/five-megabytes.bin`);
    expect(part.equals(file.subarray(1_000_000, 2_000_000))).toBe(true);
    const tail = curl("-f", "-r", "-17", `${base}/five-megabytes.bin`);
    expect(tail.equals(file.subarray(file.length - 17))).toBe(true);
    const status = curl(
      "-o",
      "/dev/null",
      "-w",
      "%{http_code}",
      "-r",
      "6000000-",
      `${base}/five-megabytes.bin`,
    );
    expect(status.toString()).toBe("416");
  });

  test("answers 304 to a client that has the file", () => {
    const head = curl("-fI", `${base}/index.html`).toString();
    const tag = /etag: (.*)\r/i.exec(head)?.[1];
    expect(tag).toBeTruthy();
    const status = curl(
      "-o",
      "/dev/null",
      "-w",
      "%{http_code}",
      "-H",
      `If-None-Match: ${tag}`,
      `${base}/index.html`,
    );
    expect(status.toString()).toBe("304");
  });

  test("answers 404 for what is not there", () => {
    const status = curl("-o", "/dev/null", "-w", "%{http_code}", `${base}/nowhere`);
    expect(status.toString()).toBe("404");
  });

  test("10,000 requests from 50 connections lose nothing", async () => {
    const file = readFileSync(join(site, "public/index.html"));
    const digest = createHash("sha256").update(file).digest("hex");
    const agent = new Agent({ keepAlive: true, maxSockets: 50 });
    let good = 0;
    let left = 10_000;
    const client = async () => {
      while (left-- > 0) {
        const body = await new Promise<Buffer>((resolve, reject) => {
          const request = get(`${base}/index.html`, { agent }, (response) => {
            const parts: Buffer[] = [];
            response.on("data", (part: Buffer) => parts.push(part));
            response.on("end", () => resolve(Buffer.concat(parts)));
            response.on("error", reject);
          });
          request.on("error", reject);
        });
        if (createHash("sha256").update(body).digest("hex") === digest) good++;
      }
    };
    await Promise.all(Array.from({ length: 50 }, client));
    agent.destroy();
    expect(good).toBe(10_000);
  });

  test("ends by SIGTERM", async () => {
    const port = await freePort();
    unipkgOk(
      site,
      "build",
      "--target",
      "unix",
      "--set",
      `my-site.port=${port}`,
      "--output",
      "second",
    );
    const second = start(join(site, "second"), [], site);
    await second.until(String(port));
    second.child.kill("SIGTERM");
    expect(await second.ended).toBe(143);
  });
});
