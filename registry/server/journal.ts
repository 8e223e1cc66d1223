import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import type { Entry } from "./event.ts";
import { formatLine, noLine, parseLogLine, type TakeLine } from "./log-line.ts";

/**
 * The log of an embedded registry: a file of JSON lines, only ever appended to. Each line has the SHA-256 of the line
 * before it, so that damage is found by whoever reads the file alone. The lines are the leaves of the transparency log
 * (docs/registry.md): each has a salt, so that its hash tells nothing to those who may not read the line.
 *
 * Lines that wait for the disk while another is written go there together: with many publishers at a time, one
 * fdatasync serves many of them.
 */
export class Journal {
  readonly #file: FileHandle;
  readonly #take: TakeLine;
  readonly #salt: () => string;
  /** Where each line begins, and where the next one will. */
  readonly #starts: number[];
  #end: number;
  #previous: string;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | null = null;
  #broken: Error | null = null;

  private constructor(
    file: FileHandle,
    starts: number[],
    previous: string,
    take: TakeLine,
    salt: () => string,
  ) {
    this.#file = file;
    this.#take = take;
    this.#salt = salt;
    this.#starts = starts;
    this.#end = starts.at(-1)!;
    this.#previous = previous;
  }

  /**
   * Opens a log, and makes it when there is none. A last line that was cut off (the machine went down while it
   * was written) was never acknowledged to anybody, and is cut away; any other damage throws.
   *
   * @param take gets each entry that is there, and each that is appended later, in order, once it is on the disk
   * @param salt 128 random bits as a text, others each time
   */
  static async open(path: string, take: TakeLine, salt: () => string): Promise<Journal> {
    const file = await open(path, "a+", 0o600);
    const starts = [0];
    let end = 0;
    let previous = noLine;
    let rest: Buffer = Buffer.alloc(0);
    for await (const chunk of file.createReadStream({
      start: 0,
      autoClose: false,
      highWaterMark: 1 << 20,
    })) {
      const bytes = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer]);
      let from = 0;
      for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, from)) {
        const line = bytes.subarray(from, at);
        const { entry, previous: claimed } = parseLogLine(line, `${path}, byte ${end}`);
        if (claimed !== previous) {
          throw new Error(`${path}: the line at byte ${end} does not follow the line before it`);
        }
        take(entry, line);
        previous = sha256(line);
        end += line.length + 1;
        starts.push(end);
        from = at + 1;
      }
      rest = bytes.subarray(from);
    }
    if (rest.length > 0) {
      await file.truncate(end);
      await file.datasync();
    }
    return new Journal(file, starts, previous, take, salt);
  }

  /** Appends an entry; resolves when it is on the disk. After a failed write, nothing is taken any more. */
  append(entry: Entry): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ entry, resolve, reject });
      this.#writing ??= this.#write();
    });
  }

  /** The log's entries, in order. */
  async *entries(after: number): AsyncIterable<Entry> {
    const end = this.#end;
    if (end === 0) return;
    let rest = "";
    const stream = this.#file.createReadStream({
      start: 0,
      end: end - 1,
      autoClose: false,
      encoding: "utf8",
    });
    for await (const chunk of stream) {
      const lines = (rest + (chunk as string)).split("\n");
      rest = lines.pop()!;
      for (const line of lines) {
        const { entry } = parseLogLine(Buffer.from(line), "the log");
        if (entry.seq > after) yield entry;
      }
    }
  }

  /** The line of an entry as it is in the file, without its end; null when there is none. */
  async line(seq: number): Promise<Buffer | null> {
    const [from, to] = [this.#starts[seq - 1], this.#starts[seq]];
    if (from === undefined || to === undefined) return null;
    const bytes = Buffer.alloc(to - from - 1);
    await this.#file.read(bytes, 0, bytes.length, from);
    return bytes;
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#file.close();
  }

  async #write(): Promise<void> {
    // One turn of the event loop, so that those who come together are written together.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        if (this.#broken !== null) throw this.#broken;
        let previous = this.#previous;
        const lines = batch.map(({ entry }) => {
          const line = formatLine(entry, this.#salt(), previous);
          previous = sha256(line);
          return line;
        });
        const bytes = Buffer.concat(lines.flatMap((line) => [line, newline]));
        await writeAll(this.#file, bytes);
        await this.#file.datasync();
        this.#previous = previous;
        for (const [at, { entry, resolve }] of batch.entries()) {
          this.#end += lines[at]!.length + 1;
          this.#starts.push(this.#end);
          this.#take(entry, lines[at]!);
          resolve();
        }
      } catch (error) {
        // What is on the disk now is not known: whoever starts again reads it.
        this.#broken = error as Error;
        for (const { reject } of batch) reject(error as Error);
      }
    }
    this.#writing = null;
  }
}

interface Waiting {
  readonly entry: Entry;
  resolve(): void;
  reject(error: Error): void;
}

const newline = Buffer.from("\n");

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

async function writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at);
    at += bytesWritten;
  }
}
