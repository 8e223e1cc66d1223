import { log } from "console";
import { defer, Task } from "event";

/** Each round leaves 256 KiB of ones to the collector. */
class Round implements Task {
  private rounds: i32 = 0;
  private wrong: i32 = 0;

  run(): void {
    for (let length = 1; length <= 4096; length *= 2) {
      for (let count = 0; count < 32; count++) {
        const bytes = new Uint8Array(length);
        const numbers = new Array<i32>(length);
        const plain = new StaticArray<u8>(length);
        for (let place = 0; place < length; place++) {
          if (bytes[place] != 0 || numbers[place] != 0 || plain[place] != 0) this.wrong++;
          bytes[place] = 255;
          numbers[place] = -1;
          plain[place] = 255;
        }
      }
    }
    if (++this.rounds < 20) defer(this);
    else log(`${this.wrong} bytes were not zero`);
  }
}

export function main(): void {
  defer(new Round());
}
