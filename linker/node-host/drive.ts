import type { Image, LoadedImage, Wish } from "./image.ts";
import type { Ready } from "./ready.ts";

/** What a loop has of its surroundings. */
export interface Pacing {
  /** Monotonic time in nanoseconds. */
  monotonic(): bigint;
  /** Has it called as soon as the events that wait had their turn. */
  soon(call: () => void): void;
}

export interface DriveRequest {
  readonly loaded: LoadedImage;
  /** What the image is to be told; `setWake` is given what is to be called when there is something new. */
  readonly ready: Ready;
  readonly setWake: (wake: () => void) => void;
  readonly pacing: Pacing;
  /** Ends the loop from outside. */
  readonly signal?: AbortSignal | undefined;
}

/** The end of an image. */
export type End = Extract<Wish, { readonly kind: "end" }>;

/**
 * Starts an image and polls it when its deadline has come or something happened, by the rules of docs/abi.md, until it ends:
 * answers how, or null when `signal` ended the loop.
 */
export async function drive(request: DriveRequest): Promise<End | null> {
  const { loaded, ready, setWake, pacing, signal } = request;
  const { image } = loaded;
  let wish = image === null ? loaded.wish : image.start(pacing.monotonic());
  while (image !== null && wish.kind !== "end" && !signal?.aborted) {
    await pause(request, delayOf(wish, ready, pacing));
    if (!signal?.aborted) wish = poll(image, ready, pacing);
  }
  setWake(() => {});
  return wish.kind === "end" ? wish : null;
}

function poll(image: Image, ready: Ready, pacing: Pacing): Wish {
  return image.poll(pacing.monotonic(), ready.take());
}

/** Waits so long, or until something happens: milliseconds, or null for no limit. */
async function pause({ setWake, pacing, signal }: DriveRequest, delay: number | null) {
  let timeout: ReturnType<typeof setTimeout> | undefined;
  let wake = () => {};
  const onAbort = () => wake();
  await new Promise<void>((resolve) => {
    wake = resolve;
    setWake(resolve);
    signal?.addEventListener("abort", onAbort);
    if (delay === 0) pacing.soon(resolve);
    else if (delay !== null) timeout = setTimeout(resolve, delay);
  });
  setWake(() => {});
  signal?.removeEventListener("abort", onAbort);
  clearTimeout(timeout);
}

/** Milliseconds until the image is to be polled; null for until something happens. */
function delayOf(wish: Wish, ready: Ready, pacing: Pacing): number | null {
  if (!ready.isEmpty) return 0;
  if (wish.kind !== "poll") return null;
  const delay = wish.deadline - pacing.monotonic();
  if (delay <= 0n) return 0;
  // Rounded up: to be early would be to poll twice. 2^31 - 1 ms is the most that setTimeout knows.
  return Math.min(Number((delay + 999_999n) / 1_000_000n), 0x7fffffff);
}
