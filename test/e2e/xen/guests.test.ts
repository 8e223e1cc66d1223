// Images on real Xen 4.17, with a Linux dom0, in an emulated machine (bed.mjs).
// Needs: Debian (apt-get and dpkg-deb), cc, curl, qemu-system-x86_64, xz.
import { createHash } from "node:crypto";
import { cpSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { readState, shutdown } from "../../../linker/native/xl.ts";
import { faults, makeFaultyApp } from "../../support/faulty.ts";
import { makeSite, type Site } from "../../support/site.ts";
import { projectRoot, temporaryFolder, unipkgOk } from "../../support/unipkg.ts";
import { Bed } from "./bed.mjs";
import { whyNoDebian } from "./debian.mjs";
import { install } from "./installed.ts";

// An emulated machine on a busy one.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 600_000 });

const unable = whyNoDebian();

describe.skipIf(unable !== null)(unable === null ? "Xen" : `Xen (SKIPPED: ${unable})`, () => {
  const folder = temporaryFolder();
  let bed: Bed;

  beforeAll(async () => {
    bed = await Bed.start();
  });

  afterAll(async () => {
    await bed?.stop();
    folder.remove();
  });

  /** Builds an application's image and puts it where dom0 can start it as `guest`. */
  function image(guest: string, app: string, ...words: readonly string[]): void {
    const file = join(folder.path, `${guest}.image`);
    unipkgOk(app, "build", "--target", "xen", "--output", file, ...words);
    bed.put(file, guest);
    bed.put(`${file}.cfg`, `${guest}.cfg`);
  }

  /** Starts a guest by the configuration that the build wrote, and has it stay when it has ended. */
  const create = (guest: string, ...more: readonly string[]) => {
    const words = [
      `kernel="/shared/${guest}"`,
      `name="${guest}"`,
      'on_poweroff="preserve"',
      'on_crash="preserve"',
      ...more,
    ];
    return bed.do(`xl create /shared/${guest}.cfg ${words.map((word) => `'${word}'`).join(" ")}`);
  };

  /** Waits until a guest has ended, and takes it away; answers with the reason. */
  async function end(guest: string): Promise<number> {
    const read = async () => readState(await bed.do("xl list -v"), guest);
    await bed.until(`the end of ${guest}`, async () => (await read()).kind !== "running");
    const state = await read();
    await bed.do(`xl destroy ${guest}`);
    return state.kind === "ended" ? state.reason : Number.NaN;
  }

  test("hello prints on its console and powers off", async () => {
    unipkgOk(folder.path, "init", "hello-app", "--template", "hello");
    image("hello", join(folder.path, "hello-app"));
    await create("hello");
    expect(await end("hello")).toBe(shutdown.powerOff);
    expect(bed.console("hello")).toBe("Hello, world!\n");
  });

  test.each(faults)("$name is a crash that is told", async ({ letter, cause }) => {
    if (!existsSync(join(folder.path, "faulty.image"))) {
      image("faulty", makeFaultyApp(folder.path), "--memory", "8");
    }
    await create("faulty", `extra="${letter}"`);
    expect(await end("faulty")).toBe(shutdown.crash);
    const lines = bed.console("faulty").trim().split("\n");
    expect(lines.at(-1)).toMatch(new RegExp(`^trap: ${cause} at pc=0x`));
  });

  test("a store on a disk keeps what lasted over a destroy in mid-write", async () => {
    const app = join(folder.path, "kv-tally");
    cpSync(join(projectRoot, "test/recipes/apps/kv-tally"), app, { recursive: true });
    image("tally", app, "--memory", "16");
    await bed.do("dd if=/dev/zero of=/tmp/tally.disk bs=1M count=8 2>&1");
    const disk = 'disk=["format=raw,vdev=xvda,access=rw,target=/tmp/tally.disk"]';
    let lasted = 0;
    for (let round = 0; round < 2; round++) {
      const before = bed.console("tally").length;
      const printed = () => bed.console("tally").slice(before);
      await create("tally", disk);
      if (round > 0) {
        await bed.until("what was kept", () => /tally: .*\n/.test(printed()));
        const [line, high] = /tally: (\d+) is there, all as written\n/.exec(printed()) ?? [];
        expect(line, printed()).toBeDefined();
        expect(Number(high)).toBeGreaterThanOrEqual(lasted);
      }
      await bed.until("25 writes", () => printed().split("lasts\n").length > 25);
      await bed.do("xl destroy tally");
      lasted = Number(/.*tally: (\d+) lasts\n/s.exec(printed())?.[1]);
    }
    expect(lasted).toBeGreaterThan(49);
    expect(bed.console("tally")).not.toMatch(/WRONG|trap|abort/);
  });

  test("a web server that keeps its data on a disk has all that it acknowledged after a destroy in mid-write", async () => {
    unipkgOk(folder.path, "init", "notes", "--template", "shelf");
    const set = ["--set", "tcpip.address=10.0.0.6/24", "--memory", "16"];
    image("shelf", join(folder.path, "notes"), ...set);
    await bed.do("dd if=/dev/zero of=/tmp/shelf.disk bs=1M count=8 2>&1");
    const disk = 'disk=["format=raw,vdev=xvda,access=rw,target=/tmp/shelf.disk"]';
    const url = "http://10.0.0.6:8080";
    await create("shelf", disk);
    await bed.untilConsole("shelf", "shelf: 0 kept");
    // What is put has its number in every line, and is asked for again as it was. The guest goes while there is always one under way.
    await bed.do(`put() { seq $1 $(($1 + 200)) | curl -fsS -m 60 -T - ${url}/$1 && echo $1 >> /tmp/lasts; }
      (number=1; while put $number 2>/dev/null; do number=$((number + 1)); done) &
      until [ "$(wc -l < /tmp/lasts 2>/dev/null || echo 0)" -ge 20 ]; do usleep 20000; done
      xl destroy shelf; kill $! 2>/dev/null; true`);
    await create("shelf", disk);
    await bed.until("the second start", () => /shelf: [1-9]\d* kept/.test(bed.console("shelf")));
    const kept = await bed.do(`for number in $(cat /tmp/lasts); do
        seq $number $((number + 200)) > /tmp/wanted
        curl -fsS -m 60 -o /tmp/kept ${url}/$number && cmp /tmp/kept /tmp/wanted || exit 1
      done
      cat /tmp/lasts | wc -l; xl destroy shelf`);
    expect(Number(kept)).toBeGreaterThanOrEqual(20);
    expect(bed.console("shelf")).not.toMatch(/trap|abort/);
  });

  // Node in an emulated machine.
  test("`unipkg run` in dom0 is the guest's console, status and end", {
    timeout: 600_000,
  }, async () => {
    const { here, there } = await install(bed);
    const app = (name: string) => join(bed.folder, name);
    here(bed.folder, "init", "greeting", "--template", "hello");
    here(app("greeting"), "build", "--target", "xen", "--memory", "8");
    const hello = await bed.run(`cd ${app("greeting")} && ${there} run --target xen --memory 8`);
    expect(hello).toEqual({ status: 0, output: "Hello, world!\n" });

    const disk = `${app("kept")}/tally.disk`;
    cpSync(join(projectRoot, "test/recipes/apps/kv-tally"), app("kept"), { recursive: true });
    here(app("kept"), "build", "--target", "xen", "--memory", "16");
    const interrupted = await bed.run(`cd ${app("kept")} && truncate -s 8M ${disk}
      ${there} run --target xen --memory 16 --disk ${disk} > /tmp/told 2>&1 &
      until grep -q '10 lasts' /tmp/told; do usleep 100000; done
      kill -INT $!; wait $!; echo "status $?"; cat /tmp/told; xl list`);
    expect(interrupted.output).toMatch(/^status 130\ntally: empty\ntally: 1 lasts\n/);
    expect(interrupted.output).not.toMatch(/^kv-tally/m);
  });

  test("two guests talk to each other through vchan", async () => {
    const app = join(folder.path, "vchan-probe");
    cpSync(join(projectRoot, "test/recipes/apps/vchan-probe"), app, { recursive: true });
    image("server", app, "--set", "vchan-probe.serves=true", "--memory", "8");
    image("client", app, "--memory", "8");
    await create("server");
    await create("client");
    await bed.do(`server=$(xl domid server); client=$(xl domid client)
      xenstore-write /local/domain/$server/data/peer $client
      xenstore-write /local/domain/$client/data/peer $server`);
    expect(await end("client")).toBe(shutdown.powerOff);
    expect(bed.console("client")).toBe("vchan: 100000 bytes came back\n");
    expect(await end("server")).toBe(shutdown.powerOff);
    expect(bed.console("server")).toBe("vchan: open\nvchan: closed\n");
  });

  test("dns answers dig", async () => {
    unipkgOk(folder.path, "init", "names", "--template", "dns");
    image(
      "names",
      join(folder.path, "names"),
      "--set",
      "tcpip.address=10.0.0.5/24",
      "--memory",
      "16",
    );
    await create("names");
    await bed.untilConsole("names", "5353");
    const dig = bed.putProgram("dig");
    const answer = await bed.do(`${dig} @10.0.0.5 -p 5353 +tries=5 +timeout=5 example.org SOA`);
    expect(answer).toContain("status: NOERROR");
    expect(answer).toMatch(/flags: qr aa/);
    await bed.do("xl destroy names");
  });

  describe("web", () => {
    let site: Site;

    beforeAll(async () => {
      site = makeSite();
      unipkgOk(site.folder, "solve", "--target", "xen");
      for (const [guest, address] of [
        ["web", "10.0.0.2/24"],
        ["web2", "10.0.0.3/24"],
      ] as const) {
        // Little beside the files, so that memory runs short under load.
        const set = ["--set", `tcpip.address=${address}`, "--memory", "10"];
        image(guest, site.folder, ...set);
        await create(guest);
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

    test("two guests talk to each other over the bridge", async () => {
      unipkgOk(folder.path, "init", "fetch-app", "--template", "fetch");
      const url = "http://10.0.0.2:8080/five-megabytes.bin";
      const set = ["--set", "tcpip.address=10.0.0.4/24", "--set", `fetch-app.url=${url}`];
      image("fetch", join(folder.path, "fetch-app"), ...set, "--memory", "16");
      await create("fetch");
      expect(await end("fetch")).toBe(shutdown.powerOff);
      const file = readFileSync(join(site.folder, "public/five-megabytes.bin"));
      const sum = crc32(file).toString(16).padStart(8, "0");
      const said = new RegExp(`^fetch: 200, ${file.length} bytes in \\d+ ms, CRC-32 ${sum}$`, "m");
      expect(bed.console("fetch")).toMatch(said);
    });

    test("a card that is taken away is a cable that is pulled", async () => {
      await bed.do("xl network-detach web 0");
      expect((await bed.run("curl -sS -m 2 http://10.0.0.2:8080/")).status).not.toBe(0);
      expect(readState(await bed.do("xl list -v"), "web")).toEqual({ kind: "running" });
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
