// What a kernel for xen must not do ends it with a message that names the fault: in QEMU here, on Xen in test/e2e/xen.
// Needs: cc, qemu-system-x86_64.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { imageStatus, qemuArguments, qemuCommand } from "../../linker/native/qemu.ts";
import { faults, makeFaultyApp } from "../support/faulty.ts";
import { temporaryFolder, unipkgOk } from "../support/unipkg.ts";

const folder = temporaryFolder();
const image = join(folder.path, "faulty");

beforeAll(() => {
  const app = makeFaultyApp(folder.path);
  unipkgOk(app, "build", "--target", "xen", "--output", image, "--memory", "8");
});

afterAll(() => folder.remove());

test.each(faults)("$name", ({ letter, cause }) => {
  const words = [...qemuArguments(image, { memory: 64, accelerator: "tcg" }), "-append", letter];
  const { stdout, status } = spawnSync(qemuCommand, words, { encoding: "utf8", timeout: 50_000 });
  expect(stdout).toMatch(new RegExp(`^trap: ${cause} at pc=0x[0-9a-f]+\\r?\\n$`));
  expect(imageStatus(status ?? 0)).toBe(134);
});
