// A store on a disk outlives its image: killed in mid-write as an executable and as a kernel in QEMU, and read by each
// other. Needs: cc, qemu-system-x86_64, dosfstools, mtools.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { cpSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { qemuArguments, qemuCommand } from "../../linker/native/qemu.ts";
import { cli, projectRoot, start, temporaryFolder, unipkg, unipkgOk } from "../support/unipkg.ts";

const folder = temporaryFolder();
const app = join(folder.path, "kv-tally");
const disk = join(folder.path, "disk, with a comma.img");

/** Milliseconds for what builds images, on a busy machine. */
const patience = 300_000;

beforeAll(() => {
  cpSync(join(projectRoot, "test/recipes/apps/kv-tally"), app, { recursive: true });
  unipkgOk(app, "solve", "--target", "unix,xen");
  unipkgOk(app, "build", "--target", "unix,xen");
  makeDisk(disk, 2 << 20);
}, patience);

afterAll(() => folder.remove());

function makeDisk(path: string, bytes: number): void {
  writeFileSync(path, "");
  truncateSync(path, bytes);
}

/** The last number that was told to last, and what the image said at its start. */
interface Life {
  readonly found: number;
  readonly last: number;
}

/** Runs the image until it has told of some numbers, and kills it with SIGKILL. */
async function live(command: string, words: readonly string[], numbers: number): Promise<Life> {
  const child: ChildProcess = spawn(command, words, {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, UNIPKG_BLOCK0: disk },
  });
  let output = "";
  child.stdout!.setEncoding("utf8");
  child.stdout!.on("data", (text: string) => {
    output += text;
    if (output.split(" lasts").length > numbers) child.kill("SIGKILL");
  });
  await new Promise((resolve) => child.on("close", resolve));
  expect(output).not.toContain("WRONG");
  const [first] = output.split("\n");
  const found = first === "tally: empty" ? 0 : /^tally: (\d+) is there, all/.exec(first!)?.[1];
  if (found === undefined) throw new Error(output);
  const told = [...output.matchAll(/^tally: (\d+) lasts$/gm)].map(([, number]) => Number(number));
  return { found: Number(found), last: told.at(-1)! };
}

const unixImage = join(app, "build/kv-tally-unix");
const xenWords = (file: string) =>
  qemuArguments(join(app, "build/kv-tally-xen"), {
    memory: 320,
    accelerator: "tcg",
    disks: [file],
  });

test(
  "killed and started again, unix and xen in turn, a store has all that it told to last",
  async () => {
    let last = 0;
    for (let round = 0; round < 4; round++) {
      const life =
        round % 2 === 0
          ? await live(unixImage, [], 70 + 13 * round)
          : await live(qemuCommand, xenWords(disk), 40 + 7 * round);
      expect(life.found).toBeGreaterThanOrEqual(last);
      expect(life.last).toBeGreaterThan(life.found);
      last = life.last;
    }
  },
  patience,
);

test.each([["run --target unix"], ["run --target xen"], ["dev --once"]])(
  "unipkg %s has the disk",
  async (words) => {
    const running = start(process.execPath, [cli, ...words.split(" "), "--disk", disk], app);
    await running.until(" lasts\n");
    await running.stop();
    expect(running.output()).toMatch(/^tally: \d+ is there, all as written\ntally: \d+ lasts\n/m);
  },
  patience,
);

test(
  "without a disk, or with one that is too small or another's, the store is refused",
  () => {
    const small = join(folder.path, "small.img");
    makeDisk(small, 100_000);
    const foreign = join(folder.path, "foreign.img");
    writeFileSync(foreign, Buffer.alloc(2 << 20, "something else"));
    // FAILED, FULL and FOREIGN of the interface kv.
    expect(unipkg(app, "run").stdout).toBe("tally: refused, 7\n");
    expect(unipkg(app, "run", "--disk", small).stdout).toBe("tally: refused, 3\n");
    expect(unipkg(app, "run", "--disk", foreign).stdout).toBe("tally: refused, 6\n");
  },
  patience,
);

test(
  "a disk is one image's at a time",
  async () => {
    const holder = start(process.execPath, [cli, "run", "--disk", disk], app);
    await holder.until(" lasts\n");
    expect(unipkg(app, "run", "--disk", disk).stdout).toBe("tally: refused, 7\n");
    await holder.stop();
  },
  patience,
);

test(
  "--disk says what is wrong with it",
  () => {
    const missing = unipkg(app, "run", "--disk", "missing.img");
    expect(missing.status).toBe(66);
    expect(missing.stderr).toContain(`error[UP615]: there is no disk ${join(app, "missing.img")}`);
    const directory = unipkg(app, "dev", "--once", "--disk", ".");
    expect(directory.status).toBe(66);
    expect(directory.stderr).toContain("is neither a file nor a block device");
    unipkgOk(folder.path, "init", "greeting", "--template", "hello");
    const useless = unipkg(join(folder.path, "greeting"), "run", "--disk", disk);
    expect(useless.status).toBe(64);
    expect(useless.stderr).toContain("`--disk` is of no use");
  },
  patience,
);

test(
  "files on FAT32 are kept by unix, xen and Node, and mtools reads them",
  () => {
    const diary = join(folder.path, "fat-log");
    cpSync(join(projectRoot, "test/recipes/apps/fat-log"), diary, { recursive: true });
    const card = join(folder.path, "card.img");
    // The fewest clusters that mtools takes for FAT32.
    makeDisk(card, 36 << 20);
    const path = `${process.env["PATH"]}:/usr/sbin`;
    const run = (command: string, ...words: string[]) =>
      execFileSync(command, words, { encoding: "utf8", env: { ...process.env, PATH: path } });
    run("mkfs.fat", "-F", "32", "-s", "1", card);
    unipkgOk(diary, "solve", "--target", "unix,xen");
    const starts = [
      ["run", "--target", "unix"],
      ["run", "--target", "xen"],
      ["dev", "--once"],
    ];
    for (const [index, words] of starts.entries()) {
      const { stdout } = unipkgOk(diary, ...words, "--disk", card);
      expect(stdout).toBe(`fat-log: every start.log has ${8 * (index + 1)} bytes\n`);
      run("fsck.fat", "-n", card);
    }
    expect(run("mtype", "-i", card, "::/Diary/every start.log")).toBe("started\n".repeat(3));
  },
  patience,
);
