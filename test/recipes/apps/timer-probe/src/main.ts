import * as clock from "clock";
import { error, log, write } from "console";
import * as event from "event";
import * as random from "random";
import * as timer from "timer";

export function main(): void {
  say("start");
  write(`wall ${clock.wall() / SECOND} `);
  const first = random.next64();
  error(`bytes differ ${first != random.next64() && random.next32() != 0}`);
  for (let index = 0; index < 5; index++) timer.after(300 * MILLISECOND, new Say(`same ${index}`));
  timer.after(0, new Say("at once"));
  timer.after(u64.MAX_VALUE, new Say("never")).cancel();
  const cancelled = timer.after(100 * MILLISECOND, new Say("cancelled"));
  timer.after(50 * MILLISECOND, new Cancel(cancelled));
  timer.after(200 * MILLISECOND, new Again());
  event.wakeAt(event.now() + 20 * MILLISECOND);
  event.defer(new Deferred(3));
  timer.after(1000 * MILLISECOND, new Churn());
}

const MILLISECOND: u64 = 1000000;
const SECOND: i64 = 1000000000;
let origin: u64 = 0;

function say(what: string): void {
  if (origin == 0) origin = event.now();
  log(`${(event.now() - origin) / MILLISECOND} ${what}`);
}

class Say implements timer.Handler {
  constructor(private what: string) {}

  onTimer(timer: timer.Timer): void {
    say(`${this.what}${timer.pending ? " pending" : ""}`);
  }
}

class Cancel implements timer.Handler {
  constructor(private other: timer.Timer) {}

  onTimer(timer: timer.Timer): void {
    say(`cancels ${this.other.pending}`);
    this.other.cancel();
    this.other.cancel();
    say(`cancelled ${!this.other.pending}`);
  }
}

/** A timer of no delay, made by a timer, waits for the next round. */
class Again implements timer.Handler {
  private count: i32 = 0;

  onTimer(watch: timer.Timer): void {
    say(`again ${this.count}`);
    if (++this.count < 3) timer.after(0, this);
  }
}

class Deferred implements event.Task {
  constructor(private count: i32) {}

  run(): void {
    say(`task ${this.count}`);
    if (--this.count > 0) event.defer(this);
  }
}

/** Many timers that are all cancelled but every thousandth: they must leave no garbage, and those that stay keep their order. */
class Churn implements timer.Handler {
  onTimer(watch: timer.Timer): void {
    const before = memory.size();
    const order = new Order();
    for (let round = 0; round < 20; round++) {
      const timers: timer.Timer[] = [];
      for (let index = 0; index < 1000; index++) {
        const delay = <u64>((index * 7919 + round * 104729) % 1000) * MILLISECOND;
        timers.push(timer.after(delay, order));
      }
      for (let index = 0; index < 999; index++) timers[(index * 601) % 1000].cancel();
    }
    say(`churned ${memory.size() - before < 64}`);
    timer.after(2000 * MILLISECOND, new Finish(order));
  }
}

class Order implements timer.Handler {
  count: i32 = 0;
  isRight: bool = true;
  private last: u64 = 0;

  onTimer(timer: timer.Timer): void {
    if (event.now() < this.last) this.isRight = false;
    this.last = event.now();
    this.count++;
  }
}

class Finish implements timer.Handler {
  constructor(private order: Order) {}

  onTimer(timer: timer.Timer): void {
    say(`in order ${this.order.isRight} ${this.order.count}`);
    const list: i32[] = [];
    // Out of bounds, on purpose: the host must say where.
    log(`${list[this.order.count]}`);
  }
}
