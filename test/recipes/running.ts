import { setTimeout as sleep } from "node:timers/promises";
import { runImage } from "../../linker/node-host/host.ts";
import type { ImageParts } from "../../linker/node-host/image.ts";

/** An image under the Node host, with the kernel's sockets. */
export interface RunningImage {
  /** All that it printed so far. */
  output(): string;
  /** Waits until the output has the text; throws with the output after 10 s, or when the image ends before. */
  until(text: string): Promise<void>;
  /** Ends it, or waits for its own end: its status, null when it was ended. */
  stop(): Promise<number | null>;
  readonly ended: Promise<number | null>;
}

export function start(image: ImageParts): RunningImage {
  const stop = new AbortController();
  let printed = "";
  let isOver = false;
  const ended = runImage({
    ...image,
    signal: stop.signal,
    output: (_stream, bytes) => {
      printed += Buffer.from(bytes).toString();
    },
  }).finally(() => {
    isOver = true;
  });
  return {
    output: () => printed,
    until: async (text) => {
      for (let wait = 0; !printed.includes(text); wait++) {
        if (isOver || wait > 1000) throw new Error(`no "${text}" in the output: ${printed}`);
        await sleep(10);
      }
    },
    stop: () => {
      stop.abort();
      return ended;
    },
    ended,
  };
}
