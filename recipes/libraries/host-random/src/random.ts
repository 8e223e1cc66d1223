import * as host from "./host/random";

/** Fills `bytes` with unpredictable bytes, fit for keys. */
export function fill(bytes: Uint8Array): void {
  host.fill(bytes.dataStart, bytes.length);
}

/** An unpredictable number of 32 bits. */
export function next32(): u32 {
  host.fill(word.dataStart, sizeof<u32>());
  return <u32>word[0];
}

/** An unpredictable number of 64 bits. */
export function next64(): u64 {
  host.fill(word.dataStart, sizeof<u64>());
  const value = word[0];
  word[0] = 0;
  return value;
}

const word: Uint64Array = new Uint64Array(1);
