// Arrays are new: what was collected does not shine through.
import { expect, test } from "vitest";
import { link } from "./link.ts";
import { start } from "./running.ts";

test("new arrays hold zeros where others were collected", async () => {
  const image = start(await link("test/recipes/apps/zeros-probe"));
  expect(await image.ended).toBe(0);
  expect(image.output()).toBe("0 bytes were not zero\n");
});
