/** Flag: there is something to read, or to accept, or to learn. */
export declare const READABLE: u32;

/** Flag: something can be written. */
export declare const WRITABLE: u32;

/** Flag: the peer sends no more or is gone. */
export declare const HANGUP: u32;

/** What waits for a handle of the host. */
export interface Watcher {
  /**
   * Something changed: `flags` of READABLE, WRITABLE and HANGUP (docs/abi.md, event records). They are hints: what is
   * there is found by trying.
   */
  onReady(flags: u32): void;
}

/** Work for later. */
export interface Task {
  run(): void;
}

/** Tells `watcher` of every event of `handle`, until `unwatch`. One watcher a handle: the last one counts. */
export declare function watch(handle: i32, watcher: Watcher): void;

/** Forgets the watcher of `handle`, also for events that are under way. */
export declare function unwatch(handle: i32): void;

/**
 * Runs `task` once, after the events and timers of this round, and before the host is waited for. What a task defers
 * runs in the next round, which is not waited for, so that the host's events have their turn in between.
 */
export declare function defer(task: Task): void;

/** The time of the present round: monotonic nanoseconds. Costs nothing. */
export declare function now(): u64;

/** Polls again at `deadline` at the latest, whatever else happens. Kept until that time is reached. */
export declare function wakeAt(deadline: u64): void;

/** Ends the program at once with `status`, 0 for success. */
export declare function exit(status: i32): void;

/** For the linker's entry alone: deals with `ready` event records and all that is due; returns the next deadline of docs/abi.md. */
export declare function dispatch(time: u64, ready: i32): i64;

/** For the linker's entry alone: address of the event records of docs/abi.md. */
export declare function records(): usize;
