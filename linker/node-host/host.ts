import { randomFillSync } from "node:crypto";
import { clockModule, realClock } from "./clock.ts";
import { consoleModule, type Output } from "./console.ts";
import { Disks } from "./disk.ts";
import { drive } from "./drive.ts";
import { eventModule } from "./event.ts";
import { openFile } from "./file.ts";
import { Image, type ImageParts } from "./image.ts";
import { randomModule } from "./random.ts";
import { Ready } from "./ready.ts";
import { Sockets } from "./socket.ts";

export interface RunRequest extends ImageParts {
  readonly output: Output;
  /** Files that are its disks, disk 0 first. */
  readonly disks?: readonly string[];
  /** Ends the image from outside: its sockets are closed, `runImage` answers null. */
  readonly signal?: AbortSignal;
}

/**
 * Runs an image in this process with the kernel's sockets, by the loop of docs/abi.md, until it ends. Answers its
 * status, or null when it was ended by `signal`. A trap or failed assertion is told on stream 2 and gives 134.
 */
export async function runImage(request: RunRequest): Promise<number | null> {
  const { output, signal } = request;
  let wake = () => {};
  const ready = new Ready(() => wake());
  let sockets: Sockets | null = null;
  let disks: Disks | null = null;
  const loaded = await Image.load(request, (memory) => {
    sockets = new Sockets(memory, ready);
    disks = new Disks(memory, ready, (index) => openFile(request.disks?.[index]));
    return {
      block: disks.module(),
      clock: clockModule(realClock),
      console: consoleModule(memory, output),
      event: eventModule(),
      random: randomModule(memory, (bytes) => randomFillSync(bytes)),
      socket: sockets.module(),
    };
  });
  // An image that waits without a socket is not yet at its end.
  const keepAlive = setInterval(() => {}, 0x7fffffff);
  try {
    const end = await drive({
      loaded,
      ready,
      setWake: (next) => {
        wake = next;
      },
      pacing: { monotonic: () => realClock.monotonic(), soon: setImmediate },
      signal,
    });
    if (end === null) return null;
    if (end.message !== null) output(2, Buffer.from(`${end.message}\n`));
    return end.status;
  } finally {
    clearInterval(keepAlive);
    (sockets as Sockets | null)?.closeAll();
    (disks as Disks | null)?.closeAll();
  }
}
