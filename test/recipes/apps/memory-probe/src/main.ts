import { log } from "console";
import { after, Handler, Timer } from "timer";

/** Fills memory with ones and drops it, round after round, so that it is collected and given out again. */
export function main(): void {
  after(1, new Rounds());
}

class Rounds implements Handler {
  private round: i32 = 0;
  private dirty: i32 = 0;

  onTimer(timer: Timer): void {
    for (let size = 1; size <= 4096; size += 7) {
      const bytes = new Uint8Array(size);
      const buffer = Uint8Array.wrap(new ArrayBuffer(size));
      const words = new StaticArray<i32>(size);
      for (let index = 0; index < size; index++) {
        if (bytes[index] != 0 || buffer[index] != 0 || words[index] != 0) this.dirty++;
        bytes[index] = 0xff;
        buffer[index] = 0xff;
        words[index] = -1;
      }
      const list = new Array<i32>(3);
      list.push(-1);
      // Grows, and has elements that nobody has set.
      list.length = size + 3;
      for (let index = 4; index < list.length; index++) {
        if (list[index] != 0) this.dirty++;
        list[index] = -1;
      }
    }
    this.round++;
    if (this.round < 10) after(1, this);
    else log(`dirty: ${this.dirty}`);
  }
}
