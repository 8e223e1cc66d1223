import { join } from "node:path";
import { expect, test } from "vitest";
import { runImage } from "../../linker/node-host/host.ts";
import { projectRoot } from "../support/unipkg.ts";
import { link } from "./link.ts";

const hello = join(projectRoot, "recipes/apps/hello");

test("hello prints its greeting and ends", async () => {
  const image = await link(hello, { hello: { name: "Zoë \ud83d\ude00" } });
  const printed: [number, string][] = [];
  const status = await runImage({
    ...image,
    output: (stream, bytes) => printed.push([stream, Buffer.from(bytes).toString()]),
  });
  expect({ status, printed }).toEqual({ status: 0, printed: [[1, "Hello, Zoë \ud83d\ude00!\n"]] });
});
