// The app `web` under the Node host, asked by curl and by Node's fetch.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { Agent, get } from "node:http";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort, projectRoot } from "../support/unipkg.ts";
import { link } from "./link.ts";
import { type RunningImage, start } from "./running.ts";

const web = join(projectRoot, "recipes/apps/web");
let running: RunningImage | undefined;
let base: string;

beforeAll(async () => {
  const port = await freePort();
  running = start(await link(web, { web: { port } }));
  base = `http://127.0.0.1:${port}`;
  await running.until(String(port));
}, 60_000);

afterAll(async () => {
  expect(await running?.stop()).toBe(null);
});

async function curl(...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)("curl", ["-sS", "--max-time", "20", ...args]);
  return stdout.replace(/^Date: .*$/m, "Date: …").replaceAll("\r\n", "\n");
}

test.each(["index.html", "404.html", "style.css"])("serves %s as it is", async (name) => {
  const answer = await fetch(`${base}/${name}`);
  expect(answer.status).toBe(200);
  expect(await answer.text()).toBe(readFileSync(join(web, "public", name), "utf8"));
});

test("a folder is its index, and the tag is there for the next time", async () => {
  const first = await fetch(`${base}/`);
  expect(await first.text()).toBe(readFileSync(join(web, "public/index.html"), "utf8"));
  const second = await fetch(`${base}/?x`, {
    headers: { "If-None-Match": first.headers.get("etag")! },
  });
  expect({ status: second.status, text: await second.text() }).toEqual({ status: 304, text: "" });
});

test("what is not there is 404.html with its status", async () => {
  const answer = await fetch(`${base}/nothing/%20here`);
  expect(answer.status).toBe(404);
  expect(await answer.text()).toBe(readFileSync(join(web, "public/404.html"), "utf8"));
});

test.each([
  ["HEAD of a file", ["-I", "/style.css"]],
  ["a method that is not allowed", ["-i", "-X", "DELETE", "/"]],
  ["a path that leads out", ["-i", "--path-as-is", "/../etc/passwd"]],
  ["a range", ["-i", "-r", "0-14", "/index.html"]],
])("curl: %s", async (_name, args) => {
  const path = args.at(-1)!;
  expect(await curl(...args.slice(0, -1), `${base}${path}`)).toMatchSnapshot();
});

test("2,000 requests from 20 connections lose nothing", async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 20 });
  const wanted = readFileSync(join(web, "public/style.css"), "utf8");
  const ask = () =>
    new Promise<boolean>((resolve, reject) => {
      get(`${base}/style.css`, { agent }, (answer) => {
        let text = "";
        answer.setEncoding("utf8").on("data", (data: string) => {
          text += data;
        });
        answer.on("end", () => resolve(text === wanted));
      }).on("error", reject);
    });
  const answers = await Promise.all(Array.from({ length: 2000 }, ask));
  agent.destroy();
  expect(answers.filter((isRight) => !isRight)).toHaveLength(0);
});
