import * as event from "event";
import * as files from "files";
import * as script from "./host/script";

/** Kinds of answers. */
const OPEN: i32 = 0;
const CHANGED: i32 = 1;
const BYTES: i32 = 2;
const ENTRIES: i32 = 3;
const SPACE: i32 = 4;

/** The handle by which the test says that there are commands. */
const COMMANDS: i32 = 99;

class Driver implements event.Watcher, files.Opener {
  private volume: files.Volume | null = null;
  private bytes: Uint8Array = new Uint8Array(1 << 20);

  onOpen(volume: files.Volume): void {
    this.volume = volume;
    script.tell(OPEN, 0, files.DONE, 0, 0);
  }

  onRefused(result: i32): void {
    script.tell(OPEN, 0, result, 0, 0);
  }

  onReady(_flags: u32): void {
    while (true) {
      const length = script.next(this.bytes.dataStart, this.bytes.length);
      if (length < 0) return;
      this.run(String.UTF8.decodeUnsafe(this.bytes.dataStart, length).split("|"));
    }
  }

  /** `create|ID|PATH`, `write|ID|PATH|POSITION|LENGTH|SEED` and so on. */
  private run(words: string[]): void {
    const volume = this.volume!;
    const kind = words[0];
    const answer = new Answer(numberOf(words[1]));
    const path = words.length > 2 ? words[2] : "";
    if (kind == "create") volume.create(path, answer);
    else if (kind == "folder") volume.makeFolder(path, answer);
    else if (kind == "remove") volume.remove(path, answer);
    else if (kind == "rename") volume.rename(path, words[3], answer);
    else if (kind == "truncate") volume.truncate(path, <u32>numberOf(words[3]), answer);
    else if (kind == "info") volume.info(path, answer);
    else if (kind == "list") volume.list(path, answer);
    else if (kind == "read") {
      volume.read(path, <u32>numberOf(words[3]), numberOf(words[4]), answer);
    } else if (kind == "write") {
      const bytes = bytesOf(numberOf(words[4]), <u32>numberOf(words[5]));
      volume.write(path, <u32>numberOf(words[3]), bytes, answer);
    } else {
      answer.text(SPACE, `${volume.free} ${volume.capacity}`);
    }
  }
}

class Answer implements files.Waiter, files.Reader, files.Asker {
  constructor(private id: i32) {}

  onDone(result: i32): void {
    script.tell(CHANGED, this.id, result, 0, 0);
  }

  onRead(bytes: Uint8Array | null, result: i32): void {
    if (bytes === null) script.tell(BYTES, this.id, result, 0, 0);
    else script.tell(BYTES, this.id, result, bytes.dataStart, bytes.length);
  }

  onEntries(entries: files.Entry[] | null, result: i32): void {
    if (entries === null) {
      script.tell(ENTRIES, this.id, result, 0, 0);
      return;
    }
    const lines: string[] = [];
    for (let index = 0; index < entries.length; index++) {
      const entry = entries[index];
      lines.push(
        `${entry.name}|${entry.isFolder ? "folder" : "file"}|${entry.size}|${entry.modified}`,
      );
    }
    this.text(ENTRIES, lines.join("\n"));
  }

  text(kind: i32, text: string): void {
    const bytes = String.UTF8.encode(text);
    script.tell(kind, this.id, files.DONE, changetype<usize>(bytes), bytes.byteLength);
  }
}

function numberOf(text: string): i32 {
  return <i32>(<u32>parseInt(text, 10));
}

/** The same bytes as the test's (test/storage/support/bytes.ts). */
function bytesOf(length: i32, seed: u32): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let index = 0; index < length; index++) {
    state = state * 1664525 + 1013904223;
    bytes[index] = <u8>(state >> 24);
  }
  return bytes;
}

export function main(): void {
  const driver = new Driver();
  event.watch(COMMANDS, driver);
  files.open(driver);
}
