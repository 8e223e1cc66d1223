import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort, projectRoot } from "../support/unipkg.ts";
import { link } from "./link.ts";
import { type RunningImage, start } from "./running.ts";

const web = join(projectRoot, "recipes/apps/web");
let running: RunningImage;
let base: string;

beforeAll(async () => {
  const port = await freePort();
  running = start(await link(web, { web: { port } }));
  base = `http://127.0.0.1:${port}`;
  await running.until(String(port));
}, 30_000);

afterAll(async () => {
  expect(await running.stop()).toBe(null);
});

test("web serves its files under the Node host", async () => {
  const answer = await fetch(`${base}/`);
  expect(answer.status).toBe(200);
  expect(await answer.text()).toBe(readFileSync(join(web, "public/index.html"), "utf8"));
});
