import { collectIfDue } from "./collector";
import { exit as hostExit } from "./host/event";
import * as schedule from "./schedule";
import { tellWatcher, watched } from "./watch";

export { unwatch, Watcher, watch } from "./watch";

/** Flag: there is something to read, or to accept, or to learn. */
export const READABLE: u32 = 1;

/** Flag: something can be written. */
export const WRITABLE: u32 = 2;

/** Flag: the peer sends no more or is gone. */
export const HANGUP: u32 = 4;

/** Work for later. */
export interface Task {
  run(): void;
}

/**
 * Runs `task` once, after the events and timers of this round, and before the host is waited for. What a task defers
 * runs in the next round, which is not waited for, so that the host's events have their turn in between.
 */
export function defer(task: Task): void {
  deferred.push(task);
}

/** The time of the present round: monotonic nanoseconds. Costs nothing. */
export function now(): u64 {
  return schedule.now();
}

/** Polls again at `deadline` at the latest, whatever else happens. Kept until that time is reached. */
export function wakeAt(deadline: u64): void {
  schedule.add(new schedule.Appointment(deadline));
}

/** Ends the program at once with `status`, 0 for success. */
export function exit(status: i32): void {
  hostExit(status);
}

/** For the linker's entry alone: deals with `ready` event records and all that is due; returns the next deadline of docs/abi.md. */
export function dispatch(time: u64, ready: i32): i64 {
  schedule.setNow(time);
  for (let index = 0; index < ready; index++) {
    tellWatcher(table[2 * index], <u32>table[2 * index + 1]);
  }
  schedule.keepDue();
  runDeferred();
  collectIfDue();
  if (deferred.length > 0) return <i64>time;
  const next = schedule.next();
  if (next != u64.MAX_VALUE) return <i64>min<u64>(next, <u64>i64.MAX_VALUE);
  return watched() > 0 ? i64.MAX_VALUE : ENDED;
}

/** For the linker's entry alone: address of the event records of docs/abi.md. */
export function records(): usize {
  return table.dataStart;
}

/** What `poll` answers when nothing is left to wait for (docs/abi.md). */
const ENDED: i64 = -1;

const RECORDS: i32 = 256;

/** Handle and flags of every record, in turn. */
const table: Int32Array = new Int32Array(2 * RECORDS);

let deferred: Task[] = [];
let running: Task[] = [];

/**
 * Runs the tasks that are there now. Those that they defer wait for the next round, which the host is asked for
 * without waiting, so that a task which defers itself cannot keep the host's events out.
 */
function runDeferred(): void {
  const tasks = deferred;
  deferred = running;
  running = tasks;
  for (let index = 0; index < tasks.length; index++) tasks[index].run();
  tasks.length = 0;
}
