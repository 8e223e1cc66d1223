// Memory that was collected is zero when it is given out again, as the language promises for arrays and buffers.
import { join } from "node:path";
import { expect, test } from "vitest";
import { VirtualHost } from "../../linker/node-host/virtual.ts";
import { projectRoot } from "../support/unipkg.ts";
import { link } from "./link.ts";

test("new arrays and buffers are zero", { timeout: 60_000 }, async () => {
  const image = await link(join(projectRoot, "test/recipes/apps/memory-probe"));
  const host = await VirtualHost.start(image);
  host.advance(1000);
  expect({ trap: host.trap, status: host.status }).toEqual({ trap: null, status: 0 });
  expect(host.printed).toBe("dirty: 0\n");
});
