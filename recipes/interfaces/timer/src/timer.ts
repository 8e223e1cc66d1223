/** What happens at the time. */
export interface Handler {
  /** Called once, at or after the time, unless the timer was cancelled. */
  onTimer(timer: Timer): void;
}

/** A call that is still to come. */
export declare class Timer {
  /** Nothing will be called any more. Harmless when it was called already. */
  cancel(): void;

  /** Whether the call is still to come. */
  get pending(): bool;
}

/** Calls `handler` after `delay` nanoseconds. Timers of the same time are called in the order of their making. */
export declare function after(delay: u64, handler: Handler): Timer;
