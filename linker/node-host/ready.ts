import { recordLimit } from "./abi.ts";

/** What is to be told of handles at the next poll, one record for a handle, in the order of their first event. */
export class Ready {
  readonly #flags = new Map<number, number>();
  readonly #wake: () => void;

  /** @param wake called at each event, so that a host that waits stops waiting */
  constructor(wake: () => void) {
    this.#wake = wake;
  }

  get isEmpty(): boolean {
    return this.#flags.size === 0;
  }

  add(handle: number, flags: number): void {
    this.#flags.set(handle, (this.#flags.get(handle) ?? 0) | flags);
    this.#wake();
  }

  /** What is known of a handle that is closed now has no meaning for the next one of its number. */
  forget(handle: number): void {
    this.#flags.delete(handle);
  }

  /** Takes out as many as one poll has room for. */
  take(): [handle: number, flags: number][] {
    const records: [number, number][] = [];
    for (const record of this.#flags) {
      if (records.length === recordLimit) break;
      records.push(record);
      this.#flags.delete(record[0]);
    }
    return records;
  }
}
