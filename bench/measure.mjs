// What every measurement shares: medians of several runs, child processes, a table.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { run } from "../scripts/setup.mjs";

/** Installs peers and tools that are not there: command -> Debian package that has it. */
export function needs(commands) {
  const missing = Object.entries(commands)
    .filter(
      ([command]) => !existsSync(`/usr/sbin/${command}`) && !existsSync(`/usr/bin/${command}`),
    )
    .map(([, name]) => name);
  if (missing.length > 0)
    run("apt-get", "install", "-y", "-q", "--no-install-recommends", ...missing);
}

/** Median of numbers. */
export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Milliseconds that a command takes, start to end; its output is thrown away. Throws when it fails. */
export function time(command, args, options = {}) {
  const begin = performance.now();
  const { status, stderr, error } = spawnSync(command, args, {
    ...options,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const elapsed = performance.now() - begin;
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: status ${status}\n${stderr}`);
  return elapsed;
}

/** Seconds of CPU of all child processes that have ended: proc(5), cutime and cstime, in hundredths. */
export function cpuOfChildren() {
  const fields = readFileSync("/proc/self/stat", "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

/** Medians of commands that take turns, so that a slow moment of the machine meets all of them. */
export function alternate(rounds, measurements) {
  const results = measurements.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, measurement] of measurements.entries()) results[index].push(measurement());
  }
  return results.map(median);
}

/** Starts a server and waits until `ready(url)` answers; `stop` ends it and waits for its end. */
export async function serve(command, args, url, options = {}) {
  const child = spawn(command, args, { stdio: "ignore", ...options });
  const ended = new Promise((resolve) => child.on("close", resolve));
  for (let attempt = 0; attempt < 100; attempt++) {
    try {
      const answer = await fetch(url);
      await answer.arrayBuffer();
      if (answer.ok) break;
    } catch {
      // Not listening yet.
    }
    if (attempt === 99) throw new Error(`${command} does not answer at ${url}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/** Prints rows under a head, numbers to the right. */
export function table(title, head, rows) {
  const lines = [head, ...rows.map((row) => row.map(String))];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  console.log(`\n${title}`);
  for (const line of lines) {
    console.log(
      `  ${line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join("  ")}`,
    );
  }
}
