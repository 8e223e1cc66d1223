/** Keeps what was used last, up to a number of bytes. */
export class SizedCache<T> {
  readonly #most: number;
  readonly #items = new Map<string, { readonly value: T; readonly bytes: number }>();
  #bytes = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get(key: string): T | undefined {
    const item = this.#items.get(key);
    if (item === undefined) return undefined;
    // A map has its order of insertion: what is used goes to the end.
    this.#items.delete(key);
    this.#items.set(key, item);
    return item.value;
  }

  set(key: string, value: T, bytes: number): void {
    this.#bytes += bytes - (this.#items.get(key)?.bytes ?? 0);
    this.#items.delete(key);
    this.#items.set(key, { value, bytes });
    for (const [oldest, item] of this.#items) {
      if (this.#bytes <= this.#most || oldest === key) break;
      this.#items.delete(oldest);
      this.#bytes -= item.bytes;
    }
  }
}
