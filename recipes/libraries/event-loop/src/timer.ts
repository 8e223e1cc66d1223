import * as schedule from "./schedule";

/** What happens at the time. */
export interface Handler {
  /** Called once, at or after the time, unless the timer was cancelled. */
  onTimer(timer: Timer): void;
}

/** A call that is still to come. */
export class Timer extends schedule.Appointment {
  constructor(
    time: u64,
    private handler: Handler,
  ) {
    super(time);
  }

  /** Nothing will be called any more. Harmless when it was called already. */
  cancel(): void {
    schedule.remove(this);
  }

  /** Whether the call is still to come. */
  get pending(): bool {
    return this.scheduled;
  }

  keep(): void {
    this.handler.onTimer(this);
  }
}

/** Calls `handler` after `delay` nanoseconds. Timers of the same time are called in the order of their making. */
export function after(delay: u64, handler: Handler): Timer {
  const now = schedule.now();
  const time = delay > u64.MAX_VALUE - now ? u64.MAX_VALUE : now + delay;
  const timer = new Timer(time, handler);
  schedule.add(timer);
  return timer;
}
