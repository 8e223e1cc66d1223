// event, timer, clock, random and console under virtual time, and the line that a trap is told by.
import { join } from "node:path";
import { expect, test } from "vitest";
import { VirtualHost } from "../../linker/node-host/virtual.ts";
import { projectRoot } from "../support/unipkg.ts";
import { link } from "./link.ts";

test("timers and tasks come in their order, and a trap names its place", async () => {
  const image = await link(join(projectRoot, "test/recipes/apps/timer-probe"));
  const host = await VirtualHost.start(image, { wall: 1_795_262_400_000_000_000n });
  expect(host.deadline).toBe(1_020_000_000n);
  host.advance(10_000);
  expect(host.printed.split("\n")).toMatchInlineSnapshot(`
    [
      "0 start",
      "wall 1795262400 bytes differ true",
      "0 at once",
      "0 task 3",
      "0 task 2",
      "0 task 1",
      "50 cancels true",
      "50 cancelled true",
      "200 again 0",
      "200 again 1",
      "200 again 2",
      "300 same 0",
      "300 same 1",
      "300 same 2",
      "300 same 3",
      "300 same 4",
      "1000 churned true",
      "3000 in order true 20",
      "",
    ]
  `);
  expect({ status: host.status, trap: host.trap }).toMatchInlineSnapshot(`
    {
      "status": 134,
      "trap": "trap: Index out of range at keepDue (timer-probe/src/main.ts:107)",
    }
  `);
}, 60_000);
