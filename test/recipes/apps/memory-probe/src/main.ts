import { keeps } from "config";
import { log } from "console";
import { defer, Task } from "event";

/** Has 1.5 MiB; each of 1,000 rounds leaves what it does not keep of 16 KiB to the collector. */
class Round implements Task {
  private rounds: i32 = 0;
  private held: StaticArray<u8>[] = [new StaticArray<u8>(3 << 19)];

  run(): void {
    if (keeps > 0) this.held.push(new StaticArray<u8>(keeps));
    const left = new StaticArray<u8>(16384 - keeps);
    left[0] = 1;
    if (++this.rounds < 1000) defer(this);
    else log(`${this.held.length} kept`);
  }
}

export function main(): void {
  defer(new Round());
}
