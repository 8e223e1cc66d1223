import { count, window } from "config";
import { log } from "console";
import { exit } from "event";
import * as kv from "kv";

/**
 * Each number n is a batch: `n/N` set to bytes that tell of n, `n/(N - window)` deleted, `high` set to n. So what is
 * there after any crash is a whole run of numbers that ends with `high`.
 */
class Tally implements kv.Opener, kv.Reader, kv.Writer {
  private store: kv.Store | null = null;
  private high: u32 = 0;
  private checked: u32 = 0;
  private written: u32 = 0;

  onOpen(store: kv.Store): void {
    this.store = store;
    const keys = store.keys("n/");
    if (keys.length == 0) {
      log("tally: empty");
      this.next();
      return;
    }
    store.get("high", this);
  }

  onRefused(result: i32): void {
    log(`tally: refused, ${result}`);
    exit(1);
  }

  onValue(key: string, value: Uint8Array | null, result: i32): void {
    if (value === null) {
      this.wrong(`${key}: ${result}`);
      return;
    }
    if (key == "high") {
      this.high = <u32>parseInt(String.UTF8.decode(value.buffer), 10);
      const kept = min<u32>(this.high, window);
      if (<u32>this.store!.keys("n/").length != kept) {
        this.wrong("keys");
        return;
      }
      this.checked = this.high - kept;
    } else if (!areBytesOf(this.checked, value)) {
      this.wrong(key);
      return;
    }
    if (this.checked < this.high) {
      this.checked++;
      this.store!.get(`n/${this.checked}`, this);
      return;
    }
    log(`tally: ${this.high} is there, all as written`);
    this.next();
  }

  onWritten(result: i32): void {
    if (result != kv.DONE) {
      this.wrong(`write: ${result}`);
      return;
    }
    log(`tally: ${this.high} lasts`);
    this.written++;
    if (count != 0 && this.written == count) exit(0);
    else this.next();
  }

  private next(): void {
    this.high++;
    const store = this.store!;
    const batch = store.batch().set(`n/${this.high}`, bytesOf(this.high));
    if (this.high > window) batch.delete(`n/${this.high - window}`);
    batch.set("high", Uint8Array.wrap(String.UTF8.encode(this.high.toString())));
    store.commit(batch, this);
  }

  private wrong(what: string): void {
    log(`tally: WRONG ${what}`);
    exit(2);
  }
}

/** 0 to 4999 bytes that are another number's in no place. */
function bytesOf(number: u32): Uint8Array {
  const value = new Uint8Array((number * 7919) % 5000);
  for (let index = 0; index < value.length; index++) value[index] = <u8>(number * 31 + index);
  return value;
}

function areBytesOf(number: u32, value: Uint8Array): bool {
  const wanted = bytesOf(number);
  if (value.length != wanted.length) return false;
  return memory.compare(value.dataStart, wanted.dataStart, value.length) == 0;
}

export function main(): void {
  kv.open(new Tally());
}
