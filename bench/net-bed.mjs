// Machines for bench/net.mjs, as network namespaces: one with a tap whose other end is an image of ours, and two whose taps
// are joined by a program that passes on what it reads, so that Linux talks to Linux over the same kind of device.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

export const near = "10.79.0.1";
export const far = "10.79.0.2";

export function ip(line) {
  execFileSync("ip", line.split(" "), { stdio: ["ignore", "ignore", "inherit"] });
}

/** A namespace: the words that run a program in it, and its end. */
function namespace(name) {
  ip(`netns add ${name}`);
  ip(`-n ${name} link set lo up`);
  return {
    name,
    inside: ["ip", "netns", "exec", name],
    remove: () => spawnSync("ip", ["netns", "delete", name]),
  };
}

/** Starts a program in the background; `stop` ends it and waits. */
export async function background(words, until) {
  const child = spawn(words[0], words.slice(1), { stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(child, "close");
  let printed = "";
  await new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (data) => {
        printed += data;
        if (printed.includes(until)) resolve();
      });
    }
    child.on("close", () => reject(new Error(`${words.join(" ")}:\n${printed}`)));
    if (until === "") resolve();
  });
  return {
    pid: child.pid,
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/** Our image at the other end of a tap. */
export async function imageBed(image, until) {
  const client = namespace(`unipkg-bench-${process.pid}`);
  ip(`-n ${client.name} tuntap add tap0 mode tap`);
  ip(`-n ${client.name} link set tap0 up`);
  ip(`-n ${client.name} address add ${near}/24 dev tap0`);
  const server = await background([...client.inside, image], until);
  return {
    client: client.inside,
    pid: server.pid,
    stop: async () => {
      await server.stop();
      client.remove();
    },
  };
}

/** A program of Linux's in a namespace of its own. `join` is how the two taps are joined (test/e2e/net/wire.c). */
export async function linuxBed(wire, how, server, until) {
  const client = namespace(`unipkg-bench-${process.pid}`);
  const other = namespace(`unipkg-bench-far-${process.pid}`);
  for (const name of ["bench0", "bench1"]) ip(`-n ${client.name} tuntap add ${name} mode tap`);
  const joint = await background(
    [...client.inside, wire, how, "tap:bench0", "tap:bench1"],
    "ready",
  );
  ip(`-n ${client.name} link set bench1 netns ${other.name}`);
  for (const [where, name, address] of [
    [client.name, "bench0", near],
    [other.name, "bench1", far],
  ]) {
    ip(`-n ${where} address add ${address}/24 dev ${name}`);
    ip(`-n ${where} link set ${name} up`);
  }
  const running = await background([...other.inside, ...server], until);
  return {
    client: client.inside,
    stop: async () => {
      await running.stop();
      await joint.stop();
      client.remove();
      other.remove();
    },
  };
}

/** Compiles the program that joins taps. */
export function compileWire(root, folder) {
  const file = join(folder, "wire");
  execFileSync("cc", ["-O2", "-o", file, join(root, "test/e2e/net/wire.c")]);
  return file;
}
