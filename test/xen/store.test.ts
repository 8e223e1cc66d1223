// Transactions of xenstore (docs/misc/xenstore.txt, TRANSACTION_START and TRANSACTION_END), against a store of our own.
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { ImageParts } from "../../linker/node-host/image.ts";
import { link } from "../recipes/link.ts";
import { projectRoot } from "../support/unipkg.ts";
import { Domain } from "./domain.ts";

let parts: ImageParts;

beforeAll(async () => {
  parts = await link(join(projectRoot, "test/recipes/apps/store-probe"));
});

test("what is changed within is seen outside when it is ended, and not when it is dropped", async () => {
  const seen: (string | undefined)[] = [];
  const domain = await Domain.start(parts, ({ store }) => {
    store.set("data/count", "41");
    store.set("data/old", "x");
    store.beforeEnd = () => seen.push(store.get("data/count"), store.get("data/old"));
  });
  expect(domain.printed).toBe(
    "1 tries\nwithin: 0, outside: 42\ndropped: true\nleft: 42\nended twice: false\n",
  );
  expect(seen).toEqual(["41", "x", "42", undefined]);
  expect(domain.store.get("data/count")).toBe("42");
});

test("one that others came between is told, and is done again with what they wrote", async () => {
  let others = 3;
  const domain = await Domain.start(parts, ({ store }) => {
    store.set("data/count", "1");
    store.beforeEnd = () => {
      if (others-- > 0) store.set("data/count", String(10 * (4 - others)));
    };
  });
  expect(domain.printed).toMatch(/^4 tries\n/);
  expect(domain.store.get("data/count")).toBe("41");
});
