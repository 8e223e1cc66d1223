// A machine with Xen: Debian's Xen 4.17 and a Linux dom0 in QEMU, by emulation (TCG with SVM), so that it needs no
// privilege and no KVM. Guests are started by `xl`, and are in a bridge with dom0 (10.0.0.1/24).
//
//   node test/e2e/xen/bed.mjs                       a shell in dom0: a line is a command; end of input ends the machine
//   node test/e2e/xen/bed.mjs 'xl info' 'xl list'   these commands
//   node test/e2e/xen/bed.mjs --put build/my-site-xen --put build/my-site-xen.cfg 'xl create /shared/my-site-xen.cfg' …
//
// `--put FILE` puts a file into /shared; `--log` shows what Xen, dom0 and guests print.
import { spawn, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { makeDom0 } from "./dom0.mjs";

const emulator = "qemu-system-x86_64";

/**
 * The processor, without what TCG of QEMU 7.2 gets wrong. It reads the frame of `iret` as the supervisor does, so that SMAP stops dom0 at
 * its first return to a program; its MWAIT refuses the extension (ECX = 1) that Xen sleeps by; and with XSAVE and AVX one start of `xl` in
 * ten found its heap corrupted, without them none of dozens.
 */
const processor = "EPYC,-smap,-monitor,-xsave,-xsaveopt,-xsavec,-xgetbv1,-avx,-avx2,-f16c,-fma";

/** A machine that runs. */
export class Bed {
  #machine;
  #ended;
  #waiting = new Map();
  #number = 0;

  constructor(machine, ended, folder) {
    this.#machine = machine;
    this.#ended = ended;
    /** The folder that dom0 has as /shared. */
    this.folder = folder;
  }

  /**
   * Starts a machine and waits until its tool stack is up.
   *
   * @param {{ programs?: string[] }} options `programs`: of this machine, for dom0 as well, by name
   */
  static async start({ programs = ["curl"] } = {}) {
    const { xen, kernel, initramfs } = makeDom0(programs.map(pathOf));
    const folder = mkdtempSync(join(tmpdir(), "unipkg-bed-"));
    for (const name of ["run", "console"]) mkdirSync(join(folder, name));
    const xenOptions =
      "loglvl=warning guest_loglvl=all com1=115200,8n1 console=com1 dom0_mem=512M,max:512M";
    const dom0Options = "console=hvc0 quiet loglevel=4 nokaslr";
    const machine = spawn(
      emulator,
      [
        ...[
          "-accel",
          "tcg,thread=multi",
          "-machine",
          "q35",
          "-cpu",
          processor,
          "-smp",
          "1",
          "-m",
          "1280",
        ],
        ...["-display", "none", "-vga", "none", "-nic", "none", "-no-reboot", "-monitor", "none"],
        ...["-serial", `file:${join(folder, "log")}`, "-serial", "stdio"],
        ...["-fsdev", `local,id=shared,path=${folder},security_model=none`],
        ...["-device", "virtio-9p-pci,fsdev=shared,mount_tag=shared"],
        ...["-kernel", xen, "-append", xenOptions],
        ...["-initrd", `${kernel} ${dom0Options.replaceAll(",", ",,")},${initramfs}`],
      ],
      { stdio: ["pipe", "pipe", "pipe"] },
    );
    let complaints = "";
    machine.stderr.on("data", (text) => {
      complaints += text;
    });
    // A machine whose user is gone is of no use.
    const kill = () => machine.kill("SIGKILL");
    process.once("exit", kill);
    const ended = new Promise((resolve) =>
      machine.once("close", () => {
        process.off("exit", kill);
        resolve(complaints);
      }),
    );
    const bed = new Bed(machine, ended, folder);
    await bed.#listen();
    return bed;
  }

  #listen() {
    return new Promise((resolve, reject) => {
      const failed = (error) => {
        for (const { reject } of this.#waiting.values()) reject(error);
        this.#waiting.clear();
        reject(error);
      };
      this.#machine.once("error", failed);
      void this.#ended.then((complaints) =>
        failed(new Error(`the machine ended:\n${complaints}${this.log().slice(-4000)}`)),
      );
      createInterface({ input: this.#machine.stdout }).on("line", (line) => {
        if (line === "ready") resolve();
        const [, number, status] = /^(\d+) (\d+)$/.exec(line) ?? [];
        this.#waiting.get(Number(number))?.resolve(Number(status));
        this.#waiting.delete(Number(number));
      });
    });
  }

  /** Runs a shell's command in dom0, and answers with its status and all it printed. Several may run at a time. */
  async run(command) {
    const number = ++this.#number;
    const file = join(this.folder, "run", `${number}`);
    writeFileSync(`${file}.sh`, command);
    const status = await new Promise((resolve, reject) => {
      this.#waiting.set(number, { resolve, reject });
      this.#machine.stdin.write(`${number}\n`);
    });
    return { status, output: readFileSync(`${file}.out`, "utf8") };
  }

  /** The same for a command that must succeed: its output. */
  async do(command) {
    const { status, output } = await this.run(command);
    if (status !== 0) {
      const { output: kernel } = await this.run("dmesg | tail -n 5");
      throw new Error(`dom0: ${command}: status ${status}\n${output}\n${kernel}`);
    }
    return output;
  }

  /** Puts a file where dom0 sees it; answers with its path there. */
  put(file, name = basename(file)) {
    copyFileSync(file, join(this.folder, name));
    return `/shared/${name}`;
  }

  /** Puts a program of this machine and its libraries where dom0 sees them; answers with the words that run it there. */
  putProgram(name) {
    const file = pathOf(name);
    const folder = join(this.folder, "programs");
    mkdirSync(folder, { recursive: true });
    copyFileSync(file, join(folder, name));
    const { stdout } = spawnSync("ldd", [file], { encoding: "utf8" });
    for (const [, library] of stdout.matchAll(/(\/\S+) \(0x/g)) {
      copyFileSync(library, join(folder, basename(library)));
    }
    const there = "/shared/programs";
    return `${there}/ld-linux-x86-64.so.2 --library-path ${there} ${there}/${name}`;
  }

  /** What a guest has printed on its console, from its first start on. */
  console(guest) {
    try {
      return readFileSync(join(this.folder, "console", `guest-${guest}.log`), "utf8").replaceAll(
        "\r",
        "",
      );
    } catch {
      return "";
    }
  }

  /** What Xen and dom0 have printed. */
  log() {
    return readFileSync(join(this.folder, "log"), "utf8").replaceAll("\r", "");
  }

  /** Waits until `done` answers true; throws with the log after `seconds`. */
  async until(what, done, seconds = 200) {
    const end = Date.now() + seconds * 1000;
    while (!(await done())) {
      if (Date.now() > end)
        throw new Error(`waited ${seconds} s for ${what}\n${this.log().slice(-3000)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Waits for a text on a guest's console. */
  untilConsole(guest, text, seconds = 200) {
    const done = () => this.console(guest).includes(text);
    return this.until(`"${text}" of ${guest}`, done, seconds).catch((error) => {
      throw new Error(`${error.message}\nconsole of ${guest}:\n${this.console(guest)}`);
    });
  }

  /** Ends the machine and forgets its folder. */
  async stop() {
    this.#machine.kill("SIGTERM");
    await this.#ended;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function pathOf(program) {
  const { status, stdout } = spawnSync("which", [program], { encoding: "utf8" });
  if (status !== 0) throw new Error(`there is no ${program} to give to dom0`);
  return stdout.trim();
}

async function main(words) {
  const put = [];
  const commands = [];
  let log = false;
  for (let index = 0; index < words.length; index++) {
    if (words[index] === "--put") put.push(words[++index]);
    else if (words[index] === "--log") log = true;
    else commands.push(words[index]);
  }
  const bed = await Bed.start();
  let last = 0;
  try {
    for (const file of put) bed.put(file);
    const run = async (command) => {
      const { status, output } = await bed.run(command);
      process.stdout.write(output);
      if (status !== 0) process.stdout.write(`(status ${status})\n`);
      last = status;
    };
    for (const command of commands) await run(command);
    if (commands.length === 0) {
      for await (const line of createInterface({ input: process.stdin })) await run(line);
    }
    if (log) process.stdout.write(bed.log());
  } finally {
    await bed.stop();
  }
  return last;
}

if (process.argv[1] !== undefined && import.meta.url.endsWith(`/${basename(process.argv[1])}`)) {
  process.exitCode = await main(process.argv.slice(2));
}
