import { randomFillSync } from "node:crypto";
import { Disks } from "./block.ts";
import { clockModule, realClock } from "./clock.ts";
import { consoleModule, type Output } from "./console.ts";
import { eventModule } from "./event.ts";
import { Image, type ImageParts, type Wish } from "./image.ts";
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
  const { image, wish } = await Image.load(request, (memory) => {
    sockets = new Sockets(memory, ready);
    disks = new Disks(memory, ready, request.disks ?? []);
    return {
      block: disks.module(),
      clock: clockModule(realClock),
      console: consoleModule(memory, output),
      event: eventModule(),
      random: randomModule(memory, (bytes) => randomFillSync(bytes)),
      socket: sockets.module(),
    };
  });
  const onAbort = () => wake();
  signal?.addEventListener("abort", onAbort);
  let timeout: NodeJS.Timeout | undefined;
  // An image that waits without a socket is not yet at its end.
  const keepAlive = setInterval(() => {}, 0x7fffffff);
  try {
    let next: Wish = image === null ? wish : image.start(realClock.monotonic());
    while (image !== null && next.kind !== "end" && !signal?.aborted) {
      const wanted = next;
      await new Promise<void>((resolve) => {
        wake = resolve;
        const delay = delayOf(wanted, ready);
        // Node's own events have their turn in between.
        if (delay === 0) setImmediate(resolve);
        else if (delay !== null) timeout = setTimeout(resolve, delay);
      });
      wake = () => {};
      clearTimeout(timeout);
      if (!signal?.aborted) next = image.poll(realClock.monotonic(), ready.take());
    }
    if (next.kind !== "end") return null;
    if (next.message !== null) output(2, Buffer.from(`${next.message}\n`));
    return next.status;
  } finally {
    signal?.removeEventListener("abort", onAbort);
    clearTimeout(timeout);
    clearInterval(keepAlive);
    (sockets as Sockets | null)?.closeAll();
    (disks as Disks | null)?.closeAll();
  }
}

/** Milliseconds until the image is to be polled; null for until something happens. */
function delayOf(wish: Wish, ready: Ready): number | null {
  if (!ready.isEmpty) return 0;
  if (wish.kind !== "poll") return null;
  const delay = wish.deadline - realClock.monotonic();
  if (delay <= 0n) return 0;
  // Rounded up: to be early would be to poll twice. 2^31 - 1 ms is the most that setTimeout knows.
  return Math.min(Number((delay + 999_999n) / 1_000_000n), 0x7fffffff);
}
