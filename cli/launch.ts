import { spawn } from "node:child_process";
import { constants } from "node:os";
import { type Forward, imageStatus, qemuArguments, qemuCommand } from "../linker/native/qemu.ts";
import { failed, ok, type Problem, type Result } from "../model/problem.ts";
import { passOn } from "./trap-lines.ts";

/** Memory of an emulated machine beyond the program's own limit, in MiB: code, page tables, files. */
const machineOverhead = 64;

export interface LaunchRequest {
  /** The image's file, absolute. */
  readonly image: string;
  /** The target's name, for messages, and its back end. */
  readonly target: string;
  readonly backend: string;
  /** The program's memory limit in MiB. */
  readonly memory: number;
  readonly accelerator: "kvm" | "tcg";
  /** For a kernel with a network card: ports that lead to it. Null: it has no card. */
  readonly forwards: readonly Forward[] | null;
  /** The switch that its card is joined to instead, a path or HOST:PORT; null for none. */
  readonly cable: string | null;
  /** Files of its disks, disk 0 first. */
  readonly disks: readonly string[];
  /** What the image is given at its start: `NAME=VALUE`. */
  readonly parameters: readonly string[];
  /** Whose network it is in a machine that has another system, too: a module's. */
  readonly network: "sockets" | "card" | "none";
}

/** Runs an image until it ends, its console being ours, and answers with its status. */
export async function launch(request: LaunchRequest): Promise<Result<number>> {
  const { image, target, backend, memory, accelerator, forwards, cable, disks } = request;

  switch (backend) {
    case "elf-hosted": {
      const variables = { ...diskVariables(disks), ...cableVariables(cable) };
      const end = await spawned(image, request.parameters, "stderr", image, variables);
      if (end.kind === "error") {
        return failed({ code: "UP601", message: `${image} cannot be run: ${end.error.message}` });
      }
      return ok(end.status);
    }
    case "elf-pvh": {
      const machine = {
        memory: memory + machineOverhead,
        accelerator,
        disks,
        ...(forwards === null ? {} : { forwards }),
        ...(cable === null ? {} : { cable }),
      };
      const end = await spawned(qemuCommand, qemuArguments(image, machine), "stdout", image);
      if (end.kind === "error") return failed(qemuMissing(target, end.error));
      if (end.kind === "signal") return ok(end.status);
      const status = imageStatus(end.status);
      return status === null ? failed(noStatus(end.status)) : ok(status);
    }
    case "kbuild":
      return launchModule(request);
    default:
      return failed({
        code: "UP205",
        message: `this unipkg cannot run images for ${target}`,
        details: [`they are at ${image}`],
      });
  }
}

/** How an executable learns of its disks: docs/targets.md, unix. */
function diskVariables(disks: readonly string[]): Record<string, string> {
  return Object.fromEntries(disks.map((path, index) => [`UNIPKG_BLOCK${index}`, path]));
}

/** And of the switch that its first network device is joined to. */
function cableVariables(cable: string | null): Record<string, string> {
  return cable === null ? {} : { UNIPKG_NET0: `switch:${cable}` };
}

/** Loads a module into a Linux in QEMU. */
async function launchModule({
  image,
  target,
  accelerator,
  forwards,
  cable,
  network,
  parameters,
}: LaunchRequest): Promise<Result<number>> {
  const { makeGuest } = await import("../linker/guest/guest.ts");
  const guest = makeGuest({
    ...{ module: image, network, forwards: forwards ?? [], accelerator, parameters },
    ...(cable === null ? {} : { cable }),
  });
  if (!guest.ok) return guest;
  const { arguments: words, status, discard } = guest.value;
  try {
    const end = await spawned(qemuCommand, words, "stdout", image);
    if (end.kind === "error") return failed(qemuMissing(target, end.error));
    if (end.kind === "signal") return ok(end.status);
    const told = status();
    return told === null ? failed(noStatus(end.status)) : ok(told);
  } finally {
    discard();
  }
}

function qemuMissing(target: string, error: Error): Problem {
  return {
    code: "UP602",
    message: `\`${qemuCommand}\` cannot be run, which images for ${target} need: ${error.message}`,
    hint: "sudo apt-get install qemu-system-x86",
  };
}

function noStatus(qemuStatus: number): Problem {
  return {
    code: "UP601",
    message: `the machine ended without a status of the image (QEMU: ${qemuStatus})`,
    hint: "what it printed last is above; `unipkg dev` runs the same program in Node",
  };
}

type End =
  | { readonly kind: "exit"; readonly status: number }
  /** By a signal, or after one that was sent to us: the status that a shell gives it. */
  | { readonly kind: "signal"; readonly status: number }
  | { readonly kind: "error"; readonly error: Error };

const streams = ["stdout", "stderr"] as const;

const passedOn = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM"] as const;

/**
 * Runs a program in our place: same streams, and the signals that we get.
 *
 * @param trapsOn the stream that the image tells of traps on; the machine's console is one for all
 */
function spawned(
  command: string,
  words: readonly string[],
  trapsOn: "stdout" | "stderr",
  image: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<End> {
  return new Promise((resolve) => {
    const child = spawn(command, words, {
      env: { ...process.env, ...variables },
      stdio: ["inherit", ...streams.map((name) => (name === trapsOn ? "pipe" : "inherit"))],
    });
    const told = passOn(child[trapsOn]!, process[trapsOn], `${image}.debug`);
    let received: NodeJS.Signals | null = null;
    const pass = (signal: NodeJS.Signals) => {
      received = signal;
      child.kill(signal);
    };
    for (const signal of passedOn) process.on(signal, pass);
    const end = (value: End) => {
      for (const signal of passedOn) process.off(signal, pass);
      resolve(value);
    };
    child.on("error", (error) => end({ kind: "error", error }));
    child.on("close", (code, signal) => {
      const by = signal ?? (code === 0 ? received : null);
      const value: End =
        by === null
          ? { kind: "exit", status: code ?? 0 }
          : { kind: "signal", status: 128 + constants.signals[by] };
      void told.finally(() => end(value));
    });
  });
}
