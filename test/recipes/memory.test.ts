// What a program does with little memory: the collector comes in time, and when nothing helps, the end says why.
import { expect, test } from "vitest";
import { link } from "./link.ts";
import { start } from "./running.ts";

const app = "test/recipes/apps/memory-probe";

test.each([
  [2, 0],
  [3, 0],
  [4, 0],
  [4, 1024],
  [64, 0],
])("%i MiB do for garbage beside 1.5 MiB, and 1,000 times %i bytes", async (memory, keeps) => {
  const image = start(await link(app, { "memory-probe": { keeps } }, {}, memory));
  expect(await image.ended, image.output()).toBe(0);
  expect(image.output()).toBe(`${keeps === 0 ? 1 : 1001} kept\n`);
});

test("a program that keeps too much ends, and is told why", async () => {
  const image = start(await link(app, { "memory-probe": { keeps: 8192 } }, {}, 4));
  expect(await image.ended).toBe(134);
  expect(image.output()).toMatch(/^trap: out of memory at \w+ \(unipkg\/allocator\.ts:/);
});

test("what the runtime says there is room for can be had, however memory is in pieces", async () => {
  const image = start(await link("test/recipes/apps/room-probe", {}, {}, 4));
  expect(await image.ended, image.output()).toBe(0);
  expect(image.output()).toBe("both\n");
});

test("and what it says there is no room for ends the program", async () => {
  const settings = { "room-probe": { heeds: false } };
  const image = start(await link("test/recipes/apps/room-probe", settings, {}, 4));
  expect(await image.ended).toBe(134);
  expect(image.output()).toMatch(/^trap: out of memory at /);
});
