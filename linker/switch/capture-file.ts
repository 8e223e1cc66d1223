import { createWriteStream, type WriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { interfaceBlock, packetBlock, sectionBlock } from "../ethernet/pcapng.ts";

/** Octets that wait for the disk at most. */
const queue = 64 << 20;

/** A pcapng file that is written while frames come in, each as it came into its port. */
export class CaptureFile {
  /** Frames that the disk was too slow for. */
  dropped = 0;
  readonly #stream: WriteStream;
  #interfaces = 0;

  private constructor(stream: WriteStream) {
    this.#stream = stream;
    stream.write(sectionBlock());
  }

  /** Rejects when the file cannot be written. It is readable while it grows. */
  static async create(path: string): Promise<CaptureFile> {
    const stream = createWriteStream(path);
    await new Promise<void>((resolve, reject) => {
      stream.once("open", () => resolve());
      stream.once("error", reject);
    });
    // A disk that fills up ends the capture, not the network.
    stream.on("error", () => {});
    return new CaptureFile(stream);
  }

  /** A new interface: its number. */
  interface(name: string): number {
    this.#stream.write(interfaceBlock(name));
    return this.#interfaces++;
  }

  add(interfaceNumber: number, frame: Uint8Array): void {
    if (this.#stream.writableLength > queue || this.#stream.destroyed) {
      this.dropped++;
      return;
    }
    const at = (performance.timeOrigin + performance.now()) * 1e6;
    this.#stream.write(packetBlock({ interface: interfaceNumber, at, frame, direction: "in" }));
  }

  async close(): Promise<void> {
    this.#stream.end();
    await finished(this.#stream).catch(() => {});
  }
}
