// `unipkg switch` as a command: what it says at its start, its end as a document, its capture, its token.
import { chmodSync, readFileSync, statSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { cli, type Running, start, testFolder } from "../support/unipkg.ts";

function begin(folder: string, ...words: readonly string[]): Running {
  const all = [`XDG_RUNTIME_DIR=${folder}`, process.execPath, cli, "switch", ...words];
  const running = start("env", all, folder);
  onTestFinished(async () => void (await running.stop()));
  return running;
}

/** Waits for what has to be there when the switch runs. */
async function announced(socket: string): Promise<{ readonly link: string | null }> {
  for (;;) {
    try {
      return JSON.parse(readFileSync(`${socket}.json`, "utf8"));
    } catch {
      await new Promise((next) => setTimeout(next, 20));
    }
  }
}

test("its end is a document of its ports; all frames are in its capture", async () => {
  const folder = testFolder();
  const socket = join(folder, "own.sock");
  const words = ["--json", "--socket", "own.sock", "--listen", "off", "--dhcp", "off"];
  const running = begin(folder, ...words, "--capture", "all.pcapng");
  expect((await announced(socket)).link).toBeNull();
  const frame = Buffer.alloc(64);
  frame.writeUInt32BE(60, 0);
  frame.fill(0xff, 4, 10);
  frame.set([2, 0, 0, 0, 0, 7], 10);
  const peers = [connect(socket), connect(socket)];
  const heard = new Promise<Buffer>((resolve) => peers[1]!.once("data", resolve));
  // The second one may come to its port after a frame has gone by.
  const timer = setInterval(() => peers[0]!.write(frame), 50);
  expect(await heard).toEqual(frame);
  clearInterval(timer);
  expect(await running.stop()).toBe(0);
  const document = JSON.parse(running.output());
  expect(document).toMatchObject({ ok: true, socket, link: null });
  expect(document.ports).toHaveLength(2);
  const from = document.ports.find((port: { received: number }) => port.received > 0);
  expect(from).toMatchObject({
    kind: "image",
    stations: [{ address: "02:00:00:00:00:07" }],
    sent: 0,
    dropped: 0,
    refused: 0,
  });
  expect(from.receivedOctets).toBe(60 * from.received);
  const capture = readFileSync(join(folder, "all.pcapng"));
  let packets = 0;
  for (let at = 0; at < capture.length; at += capture.readUInt32LE(at + 4)) {
    if (capture.readUInt32LE(at) === 6) packets++;
  }
  expect(packets).toBe(from.received);
});

test("the token stays for the session, is only this user's to read, and can be made anew", async () => {
  const folder = testFolder();
  const socket = join(folder, "unipkg/switch.sock");
  const tokens: string[] = [];
  for (const words of [[], [], ["--new-token"]]) {
    const running = begin(folder, "--listen", "127.0.0.1:0", "--status", "1", ...words);
    const { link } = await announced(socket);
    await running.until("the switch is     10.9.0.1");
    expect(running.output()).toContain(`browsers join at  ${link}\n`);
    await running.until("port  kind     name");
    tokens.push(/^ws:\/\/127\.0\.0\.1:\d+\/\?token=([\w-]{22})$/.exec(link!)![1]!);
    expect(statSync(`${socket}.json`).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, "unipkg")).mode & 0o777).toBe(0o700);
    expect(await running.stop()).toBe(0);
  }
  expect(tokens[1]).toBe(tokens[0]);
  expect(tokens[2]).not.toBe(tokens[0]);
});

test("on an address that others reach, it warns; a folder that others may look into is refused", async () => {
  const folder = testFolder();
  const open = begin(folder, "--listen", "0.0.0.0:0");
  await open.until("others can read the token and all frames");
  expect(await open.stop()).toBe(0);
  chmodSync(join(folder, "unipkg"), 0o755);
  const refused = begin(folder);
  expect(await refused.ended).toBe(69);
  expect(refused.output()).toContain("error[UP541]");
});
