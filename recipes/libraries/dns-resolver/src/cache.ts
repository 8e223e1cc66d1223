import { cacheEntries } from "config";
import { lowerCase } from "dns-wire";
import * as event from "event";
import { Answer } from "./answer";

/** An answer and when it ends, in a list by use: the one that was used last is first. */
class Entry {
  newer: Entry | null = null;
  older: Entry | null = null;

  constructor(
    readonly key: string,
    readonly answer: Answer,
    readonly end: u64,
  ) {}
}

/** What a name in wire form and a type are kept under: case means nothing (RFC 4343). */
export function cacheKey(name: Uint8Array, type: u16): string {
  let key = `${type}:`;
  for (let index = 0; index < name.length; index++)
    key += String.fromCharCode(lowerCase(name[index]));
  return key;
}

/** The answer that is kept, with the seconds that are left of it; null when there is none. */
export function find(key: string): Answer | null {
  if (!entries.has(key)) return null;
  const entry = entries.get(key);
  unlink(entry);
  const now = event.now();
  if (entry.end <= now) {
    entries.delete(key);
    return null;
  }
  link(entry);
  return entry.answer.withTtl(<u32>((entry.end - now) / SECOND));
}

/** Keeps an answer for its TTL; one of no seconds is for those alone who wait for it (RFC 1035, 3.2.1). */
export function keep(key: string, answer: Answer): void {
  if (answer.ttl == 0 || cacheEntries < 1) return;
  if (entries.has(key)) {
    unlink(entries.get(key));
    entries.delete(key);
  }
  if (entries.size >= cacheEntries) {
    const last = oldest;
    if (last !== null) {
      unlink(last);
      entries.delete(last.key);
    }
  }
  const entry = new Entry(key, answer, event.now() + <u64>answer.ttl * SECOND);
  entries.set(key, entry);
  link(entry);
}

const SECOND: u64 = 1000000000;
const entries: Map<string, Entry> = new Map<string, Entry>();
let newest: Entry | null = null;
let oldest: Entry | null = null;

function link(entry: Entry): void {
  const before = newest;
  entry.older = before;
  entry.newer = null;
  if (before !== null) before.newer = entry;
  else oldest = entry;
  newest = entry;
}

function unlink(entry: Entry): void {
  const newer = entry.newer;
  const older = entry.older;
  if (newer !== null) newer.older = older;
  else newest = older;
  if (older !== null) older.newer = newer;
  else oldest = newer;
}
