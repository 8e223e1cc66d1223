import { now } from "event";

export interface Handler {
  onTimer(timer: Timer): void;
}

export class Timer {
  pending: bool = true;
  constructor(readonly at: u64, readonly handler: Handler) {}
  cancel(): void {
    this.pending = false;
    const index = timers.indexOf(this);
    if (index >= 0) timers.splice(index, 1);
  }
}

const timers: Timer[] = [];

export function after(delay: u64, handler: Handler): Timer {
  const timer = new Timer(now() + delay, handler);
  timers.push(timer);
  return timer;
}

export function nextAt(): u64 {
  let next = u64.MAX_VALUE;
  for (let i = 0; i < timers.length; i++) next = min<u64>(next, timers[i].at);
  return next;
}

export function fire(): void {
  for (let i = 0; i < timers.length; i++) {
    const timer = timers[i];
    if (timer.at > now()) continue;
    timers.splice(i, 1);
    timer.pending = false;
    timer.handler.onTimer(timer);
    i = -1;
  }
}
