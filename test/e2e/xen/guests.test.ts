// Images on real Xen 4.17, with a Linux dom0, in an emulated machine (bed.mjs).
// Needs: Debian (apt-get and dpkg-deb), cc, curl, qemu-system-x86_64, xz.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeSite, type Site } from "../../support/site.ts";
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
      "vcpus = 1",
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
    await create("hello", "memory = 16");
    await bed.until("the end of hello", async () => (await reason("hello")) !== "-");
    expect(await reason("hello")).toBe("0");
    expect(bed.console("hello")).toBe("Hello, world!\n");
    await bed.do("xl destroy hello");
  });

  describe("web", () => {
    const vif = 'vif = [ "bridge=xenbr0" ]';
    let site: Site;

    beforeAll(async () => {
      site = makeSite();
      unipkgOk(site.folder, "solve", "--target", "xen");
      for (const [guest, address] of [
        ["web", "10.0.0.2/24"],
        ["web2", "10.0.0.3/24"],
      ] as const) {
        const set = ["--set", `tcpip.address=${address}`, "--memory", "24"];
        image(guest, site.folder, ...set);
        await create(guest, "memory = 40", vif);
      }
      const public_ = join(site.folder, "public");
      for (const name of site.files) bed.put(join(public_, name), `public-${name}`);
    });

    afterAll(() => site?.remove());

    /** Has dom0 ask until there is an answer. */
    const answers = (address: string) =>
      bed.do(`until curl -fsS -o /dev/null -m 2 http://${address}:8080/ 2>/dev/null; do :; done`);

    test("every file is answered to dom0 byte for byte, over netfront", async () => {
      await answers("10.0.0.2");
      expect(site.files.length).toBeGreaterThan(4);
      for (const name of site.files) {
        const url = `http://10.0.0.2:8080/${encodeURIComponent(name)}`;
        await bed.do(
          `curl -fsS -m 60 -o /tmp/file '${url}' && cmp /tmp/file '/shared/public-${name}'`,
        );
      }
    });

    test("1,000 requests lose nothing", async () => {
      const index = readFileSync(join(site.folder, "public/index.html"));
      const whole = createHash("sha256");
      for (let count = 0; count < 1000; count++) whole.update(index);
      const answers =
        await bed.do(`mkdir /tmp/many && cd /tmp/many && curl -fsS -m 100 -Z --parallel-max 8 \\
        --no-progress-meter -o '#1' 'http://10.0.0.2:8080/index.html?[1-1000]' && cat * | sha256sum`);
      expect(answers).toContain(whole.digest("hex"));
    });

    test("a card that is taken away is a cable that is pulled", async () => {
      await bed.do("xl network-detach web 0");
      expect((await bed.run("curl -sS -m 2 http://10.0.0.2:8080/")).status).not.toBe(0);
      expect(await reason("web")).toBe("-");
      expect(bed.console("web")).not.toMatch(/trap|abort/);
    });

    test("a back end that is replaced is found again", async () => {
      const driver = "/sys/bus/xen-backend/drivers/vif";
      await answers("10.0.0.3");
      await bed.do(`id=$(xl domid web2); echo vif-$id-0 > ${driver}/unbind; echo vif-$id-0 > ${driver}/bind
        until ip link show vif$id.0 >/dev/null 2>&1; do usleep 10000; done
        XENBUS_PATH=/local/domain/0/backend/vif/$id/0 vif=vif$id.0 sh /etc/xen/scripts/vif-bridge online`);
      await answers("10.0.0.3");
      expect(bed.console("web2")).not.toMatch(/trap|abort/);
    });
  });
});
