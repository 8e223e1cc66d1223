// @seldom
/**
 * The client of xenstore (io/xs_wire.h; docs/misc/xenstore.txt and xenstore-ring.txt of Xen). A request waits for its answer, which
 * takes xenstored some ten microseconds: drivers ask at their start and when their back end changes. Watches are told between events.
 */
import * as event from "event";
import { StoreRing } from "./store-ring";

/** What is told of a watch. */
export interface NodeWatcher {
  /** Something at or below the watched path has changed; told once at the start, too. */
  onChange(path: string): void;
}

const DIRECTORY: u32 = 1;
const READ: u32 = 2;
const WATCH: u32 = 4;
const UNWATCH: u32 = 5;
const TRANSACTION_START: u32 = 6;
const TRANSACTION_END: u32 = 7;
const WRITE: u32 = 11;
const REMOVE: u32 = 13;
const SET_PERMISSIONS: u32 = 14;
const WATCH_EVENT: u32 = 15;
const ERROR: u32 = 16;

/** Whether there is a xenstore: the image runs on Xen. */
export function available(): bool {
  return connection() !== null;
}

/** Value of a node; null when there is none that we may read. */
export function readNode(path: string, transaction: u32 = 0): string | null {
  return ask(READ, transaction, `${path}\0`);
}

/** Names of the nodes below one; null when it is not there. */
export function listNodes(path: string, transaction: u32 = 0): string[] | null {
  const answer = ask(DIRECTORY, transaction, `${path}\0`);
  if (answer === null) return null;
  const names = answer.split("\0");
  names.pop();
  return names;
}

/** Gives a node a value, and makes it if need be; false when we may not. */
export function writeNode(path: string, value: string, transaction: u32 = 0): bool {
  return ask(WRITE, transaction, `${path}\0${value}`) !== null;
}

/** Takes a node and all below it away. */
export function removeNode(path: string, transaction: u32 = 0): bool {
  return ask(REMOVE, transaction, `${path}\0`) !== null;
}

/** Says who may use a node: `n3` for its owner, domain 3, and nobody else; then `r5`, `w5`, `b5` for domain 5 to read, write, both. */
export function permitNode(path: string, permissions: string[], transaction: u32 = 0): bool {
  return ask(SET_PERMISSIONS, transaction, `${path}\0${permissions.join("\0")}\0`) !== null;
}

/** Begins a transaction, for the last parameter of the calls above; 0 when that fails. */
export function beginTransaction(): u32 {
  const answer = ask(TRANSACTION_START, 0, "\0");
  // Without the zero byte at its end, which AssemblyScript takes for a digit.
  return answer === null ? 0 : <u32>U32.parseInt(answer.split("\0")[0]);
}

/** Ends a transaction; false when its changes were not made, since others have changed the same nodes: to be tried again from `beginTransaction` on. */
export function endTransaction(transaction: u32, keep: bool): bool {
  return ask(TRANSACTION_END, transaction, keep ? "T\0" : "F\0") !== null;
}

/** Tells `watcher` of every change at or below `path`. Answers with a number for `unwatchNode`; below 0 when it cannot. */
export function watchNode(path: string, watcher: NodeWatcher): i32 {
  let token = watches.indexOf(null);
  if (token < 0) token = watches.push(null) - 1;
  watches[token] = new Watch(path, watcher);
  if (ask(WATCH, 0, `${path}\0${token}\0`) !== null) return token;
  watches[token] = null;
  return -1;
}

/** Forgets a watch, also for changes that are not told yet. */
export function unwatchNode(token: i32): void {
  const watched = watches[token];
  if (watched === null) return;
  watches[token] = null;
  ask(UNWATCH, 0, `${watched.path}\0${token}\0`);
}

/** How many changes of watched nodes have come: for `awaitChange`. */
export function changeCount(): u32 {
  return changes.count;
}

/** Sleeps until more than `seen` changes have come, all of which are told later on; false when none comes for long. */
export function awaitChange(seen: u32): bool {
  if (changes.count != seen) return true;
  const present = connection();
  if (present === null || !present.awaitMessage()) return false;
  readAll();
  return true;
}

class Watch {
  constructor(
    readonly path: string,
    readonly watcher: NodeWatcher,
  ) {}
}

/** By token. */
const watches: (Watch | null)[] = [];

/** Answers an event of the ring, and tells of changes when nobody is in the middle of something else. */
class Changes implements event.Watcher, event.Task {
  private paths: string[] = [];
  private tokens: i32[] = [];
  private deferred: bool = false;
  count: u32 = 0;

  add(payload: string): void {
    this.count++;
    const parts = payload.split("\0");
    if (parts.length < 2) return;
    this.paths.push(parts[0]);
    this.tokens.push(<i32>I32.parseInt(parts[1]));
    if (this.deferred) return;
    this.deferred = true;
    event.defer(this);
  }

  onReady(_flags: u32): void {
    readAll();
  }

  run(): void {
    this.deferred = false;
    while (this.tokens.length > 0) {
      const token = this.tokens.shift();
      const path = this.paths.shift();
      const watched = token >= 0 && token < watches.length ? watches[token] : null;
      if (watched !== null) watched.watcher.onChange(path);
    }
  }
}

const changes = new Changes();

let tried: bool = false;
let ring: StoreRing | null = null;
let lastRequest: u32 = 0;

/** The one connection, made when it is first asked for; null without Xen, and once xenstored does not answer. */
function connection(): StoreRing | null {
  if (!tried) {
    tried = true;
    const made = StoreRing.open();
    if (made !== null) {
      ring = made;
      event.watch(made.handle, changes);
    }
  }
  const present = ring;
  return present !== null && present.broken ? null : present;
}

/** Sends a request and waits; null for an error, of which there are many kinds and one consequence. */
function ask(type: u32, transaction: u32, payload: string): string | null {
  const present = connection();
  if (present === null) return null;
  const id = ++lastRequest;
  present.send(type, id, transaction, payload);
  while (!present.broken) {
    present.receive();
    if (present.broken) return null;
    if (present.type == WATCH_EVENT) {
      changes.add(present.payload);
      continue;
    }
    if (present.id != id) continue;
    const refused = present.type == ERROR;
    const answer = present.payload;
    readAll();
    return refused ? null : answer;
  }
  return null;
}

/** Takes what has come unasked: the ring's channel tells of it once only. */
function readAll(): void {
  const present = ring;
  if (present === null) return;
  while (!present.broken && present.waiting) {
    present.receive();
    if (!present.broken && present.type == WATCH_EVENT) changes.add(present.payload);
  }
}
