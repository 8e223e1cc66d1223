import type { Readable, Writable } from "node:stream";
import { FrameReader, framedLength, putFrame } from "../ethernet/framing.ts";
import type { Outlet } from "../ethernet/switch.ts";
import type { MemberKind, Members } from "./members.ts";

/** Octets that are written at once, if so many wait. */
const batch = 64 << 10;
/** Octets that wait for a reader at most; frames beyond are lost. More than the window of a connection of tcpip's. */
const queue = 4 << 20;

/** Frames that go out over a stream, many with one call of the system. */
export class StreamOutlet implements Outlet {
  readonly #output: Writable;
  #waiting: Buffer | null = null;
  #length = 0;

  constructor(output: Writable) {
    this.#output = output;
  }

  send(frame: Uint8Array): boolean {
    if (this.#output.writableLength > queue || this.#output.destroyed) return false;
    if (this.#length + framedLength(frame) > batch) this.#flush();
    if (this.#waiting === null) {
      this.#waiting = Buffer.allocUnsafe(batch);
      // When all that came in with this frame has been dealt with.
      queueMicrotask(() => this.#flush());
    }
    this.#length = putFrame(this.#waiting, this.#length, frame);
    return true;
  }

  #flush(): void {
    if (this.#waiting === null) return;
    const bytes = this.#waiting.subarray(0, this.#length);
    this.#waiting = null;
    this.#length = 0;
    if (!this.#output.destroyed) this.#output.write(bytes);
  }
}

/**
 * Joins the other end of a byte stream, in the framing of linker/ethernet/framing.ts.
 *
 * @param close ends the stream
 */
export function joinStream(
  members: Members,
  kind: MemberKind,
  name: string,
  { input, output }: { readonly input: Readable; readonly output: Writable },
  close: () => void,
): void {
  // Closing can fail, too.
  for (const end of new Set([input, output])) end.on("error", () => {});
  const member = members.join(kind, name, new StreamOutlet(output), close);
  if (member === null) {
    close();
    return;
  }
  const reader = new FrameReader();
  input.on("data", (chunk: Buffer) => {
    if (!reader.push(chunk, member.receive)) member.leave("it does not speak in frames");
  });
  output.on("error", (error) => member.leave(error.message));
  input.on("error", (error) => member.leave(error.message));
  input.on("end", () => member.leave("it has gone"));
  input.on("close", () => member.leave("it has gone"));
}
