import * as event from "event";
import * as kv from "kv";
import * as script from "./host/script";

/** Kinds of answers. */
const OPEN: i32 = 0;
const WRITTEN: i32 = 1;
const VALUE: i32 = 2;
const KEYS: i32 = 3;

/** The handle by which the test says that there are commands. */
const COMMANDS: i32 = 99;

class Driver implements event.Watcher, kv.Opener {
  private store: kv.Store | null = null;
  private bytes: Uint8Array = new Uint8Array(1 << 20);

  onOpen(store: kv.Store): void {
    this.store = store;
    script.tell(OPEN, 0, kv.DONE, 0, 0);
  }

  onRefused(result: i32): void {
    script.tell(OPEN, 0, result, 0, 0);
  }

  onReady(_flags: u32): void {
    while (true) {
      const length = script.next(this.bytes.dataStart, this.bytes.length);
      if (length < 0) return;
      this.run(String.UTF8.decodeUnsafe(this.bytes.dataStart, length).split("\n"));
    }
  }

  /** `commit ID`, then lines of `set KEY LENGTH SEED` or `delete KEY`; `get ID KEY`; `keys ID PREFIX`. Keys are quoted by `|`. */
  private run(lines: string[]): void {
    const store = this.store!;
    const words = lines[0].split("|");
    const id = <i32>parseInt(words[1], 10);
    if (words[0] == "get") {
      store.get(words[2], new Answer(id));
    } else if (words[0] == "keys") {
      const text = String.UTF8.encode(store.keys(words[2]).join("\n"));
      script.tell(KEYS, id, store.size, changetype<usize>(text), text.byteLength);
    } else {
      const batch = store.batch();
      for (let index = 1; index < lines.length; index++) {
        const change = lines[index].split("|");
        if (change[0] == "delete") batch.delete(change[1]);
        else
          batch.set(change[1], bytesOf(<i32>parseInt(change[2], 10), <u32>parseInt(change[3], 10)));
      }
      store.commit(batch, new Answer(id));
    }
  }
}

class Answer implements kv.Reader, kv.Writer {
  constructor(private id: i32) {}

  onValue(_key: string, value: Uint8Array | null, result: i32): void {
    if (value === null) script.tell(VALUE, this.id, result, 0, 0);
    else script.tell(VALUE, this.id, result, value.dataStart, value.length);
  }

  onWritten(result: i32): void {
    script.tell(WRITTEN, this.id, result, 0, 0);
  }
}

/** The same bytes as the test's (support/bytes.ts). */
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
  kv.open(driver);
}
