import { heeds } from "config";
import { log } from "console";
import { defer, Task } from "event";

/** Keeps up to 24 buffers of up to 512 KiB; puts new ones in the places of old ones, so that free memory is in pieces. */
class Round implements Task {
  private rounds: i32 = 0;
  private seed: u32 = 1;
  private yes: i32 = 0;
  private no: i32 = 0;
  private held: StaticArray<ArrayBuffer | null> = new StaticArray<ArrayBuffer | null>(24);

  run(): void {
    for (let i = 0; i < 8; i++) {
      const size = 1 << (8 + (this.next() % 12));
      const at = this.next() % 24;
      // @ts-expect-error: the linker's runtime has it
      if (__room(size) || !heeds) {
        this.yes++;
        this.held[at] = new ArrayBuffer(size);
      } else {
        this.no++;
        this.held[at] = null;
      }
    }
    if (++this.rounds < 2000) defer(this);
    else log(`${this.yes > 1000 && this.no > 500 ? "both" : `${this.yes} ${this.no}`}`);
  }

  private next(): i32 {
    this.seed = this.seed * 1103515245 + 12345;
    return <i32>((this.seed >> 8) & 0xffff);
  }
}

export function main(): void {
  defer(new Round());
}
