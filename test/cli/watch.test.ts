import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Watcher } from "../../cli/watch.ts";
import { testFolder } from "../support/unipkg.ts";

test("what the program itself writes to is no change", async () => {
  const folder = testFolder();
  const disk = join(folder, "data.img");
  const watcher = new Watcher([folder], [disk]);
  writeFileSync(disk, "written by the program");
  writeFileSync(join(folder, "main.ts"), "written by its author");
  expect(await watcher.changed).toBe("main.ts");
  watcher.close();
});
