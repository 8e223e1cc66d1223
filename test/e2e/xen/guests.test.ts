// Images on real Xen 4.17, with a Linux dom0, in an emulated machine (bed.mjs).
// Needs: Debian (apt-get and dpkg-deb), cc, curl, qemu-system-x86_64, xz.
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder, unipkgOk } from "../../support/unipkg.ts";
import { Bed } from "./bed.mjs";
import { whyNoDebian } from "./debian.mjs";

const unable = whyNoDebian();

describe.skipIf(unable !== null)(unable === null ? "Xen" : `Xen (SKIPPED: ${unable})`, () => {
  const folder = temporaryFolder();
  let bed: Bed;

  beforeAll(async () => {
    bed = await Bed.start();
  }, 600_000);

  afterAll(async () => {
    await bed?.stop();
    folder.remove();
  });

  /** Builds an application's image and puts it where dom0 can start it as `guest`. */
  function image(guest: string, app: string, ...words: readonly string[]): void {
    const file = join(folder.path, guest);
    unipkgOk(app, "build", "--target", "xen", "--output", file, ...words);
    bed.put(file);
  }

  /** A guest's last state, and why it shut down: 0 is power off, 3 a crash (xen/include/public/sched.h). */
  async function reason(guest: string): Promise<string | undefined> {
    const list = await bed.do("xl list -v");
    const row = list.split("\n").find((line) => line.startsWith(`${guest} `));
    return row?.trim().split(/\s+/)[7];
  }

  const config = (guest: string, ...more: readonly string[]) =>
    [
      `name = "${guest}"`,
      'type = "pvh"',
      `kernel = "/shared/${guest}"`,
      "memory = 32",
      'on_poweroff = "preserve"',
      'on_crash = "preserve"',
      ...more,
    ].join("\n");

  const create = (guest: string, ...more: readonly string[]) =>
    bed.do(
      `cat > /tmp/${guest}.cfg <<'END'\n${config(guest, ...more)}\nEND\nxl create /tmp/${guest}.cfg`,
    );

  test("hello prints on its console and powers off", async () => {
    unipkgOk(folder.path, "init", "hello-app", "--template", "hello");
    image("hello", join(folder.path, "hello-app"));
    await create("hello");
    await bed.until("the end of hello", async () => (await reason("hello")) !== "-");
    expect(await reason("hello")).toBe("0");
    expect(bed.console("hello")).toBe("Hello, world!\n");
    await bed.do("xl destroy hello");
  });
});
