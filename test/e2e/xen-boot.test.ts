// Kernels for xen boot in QEMU (microvm, PVH, software emulation). Needs: cc, qemu-system-x86_64.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cli, freePort, start, temporaryFolder, unipkg, unipkgOk } from "../support/unipkg.ts";

const folder = temporaryFolder();
const hello = join(folder.path, "hello");
const site = join(folder.path, "site");

beforeAll(() => {
  unipkgOk(folder.path, "init", "hello", "--template", "hello");
  unipkgOk(folder.path, "init", "site", "--template", "web");
});

afterAll(() => folder.remove());

test("hello prints and powers off with status 0", () => {
  const { status, stdout } = unipkg(hello, "run", "--target", "xen");
  expect(stdout).toContain("Hello");
  expect(status).toBe(0);
});

test("web boots and says what it serves", async () => {
  const { stdout } = unipkgOk(site, "build", "--target", "xen");
  expect(stdout).toContain("http1");
  const words = ["run", "--target", "xen", "--forward", `${await freePort()}:8080`];
  const running = start(process.execPath, [cli, ...words], site);
  await running.until("web: http://localhost:8080/");
  await running.stop();
});

test("the image is an ELF with the PVH entry note", () => {
  unipkgOk(hello, "build", "--target", "xen", "--output", "hello.elf");
  const image = readFileSync(join(hello, "hello.elf"));
  expect(image.subarray(0, 4).toString("latin1")).toBe("\x7fELF");
  // Name "Xen\0" of the note that XEN_ELFNOTE_PHYS32_ENTRY (18) is in: xen/include/public/elfnote.h.
  const note = image.indexOf(
    Buffer.from([4, 0, 0, 0, 4, 0, 0, 0, 18, 0, 0, 0, 0x58, 0x65, 0x6e, 0]),
  );
  expect(note).toBeGreaterThan(0);
});
