import { execFile, execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";

/** A network namespace of a test's own; only root can make one. */
export class Namespace {
  readonly name: string;
  /** The words that run a program in it. */
  readonly inside: readonly string[];

  /** @param lines commands of ip(8) that set it up, in it */
  constructor(name: string, lines: readonly string[]) {
    this.name = name;
    this.inside = ["ip", "netns", "exec", name];
    execFileSync("ip", ["netns", "add", name]);
    this.ip("link set lo up");
    for (const line of lines) this.ip(line);
  }

  ip(line: string): string {
    return execFileSync("ip", ["-n", this.name, ...line.split(" ")], { encoding: "utf8" });
  }

  /** What a program in it prints, which this process may have to serve meanwhile. */
  async run(command: string, ...words: readonly string[]): Promise<string> {
    const [first, ...rest] = [...this.inside, command, ...words];
    const options = { encoding: "utf8", maxBuffer: 1 << 28, timeout: 60_000 } as const;
    return (await promisify(execFile)(first!, rest, options)).stdout;
  }

  remove(): void {
    spawnSync("ip", ["netns", "delete", this.name]);
  }

  /** Why none can be made here, or no tap; null when they can. */
  static whyUnable(): string | null {
    if (process.getuid?.() !== 0) return "it takes root to make a network namespace";
    if (!existsSync("/dev/net/tun")) return "there is no /dev/net/tun";
    const name = `unipkg-trial-${process.pid}`;
    const trial = spawnSync("ip", ["netns", "add", name], { encoding: "utf8" });
    if (trial.status !== 0) return `no network namespace: ${trial.stderr ?? "no ip"}`.trim();
    spawnSync("ip", ["netns", "delete", name]);
    return null;
  }
}
