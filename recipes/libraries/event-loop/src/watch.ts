/** What waits for a handle of the host. */
export interface Watcher {
  /** Something changed: `flags` of READABLE, WRITABLE and HANGUP (docs/abi.md, event records). */
  onReady(flags: u32): void;
}

/** Tells `watcher` of every event of `handle`, until `unwatch`. One watcher a handle: the last one counts. */
export function watch(handle: i32, watcher: Watcher): void {
  while (watchers.length <= handle) watchers.push(null);
  if (watchers[handle] === null) count++;
  watchers[handle] = watcher;
}

/** Forgets the watcher of `handle`, also for events that are under way. */
export function unwatch(handle: i32): void {
  if (handle >= watchers.length || watchers[handle] === null) return;
  watchers[handle] = null;
  count--;
}

/** Passes an event on. Events of handles that are closed meanwhile have no watcher any more. */
export function tellWatcher(handle: i32, flags: u32): void {
  if (<u32>handle >= <u32>watchers.length) return;
  const watcher = watchers[handle];
  if (watcher !== null) watcher.onReady(flags);
}

/** How many handles are watched. */
export function watched(): i32 {
  return count;
}

/** By handle: handles are small numbers. */
const watchers: Array<Watcher | null> = [];
let count: i32 = 0;
