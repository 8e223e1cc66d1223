/** Small numbers for things; the smallest free one is given, as the kernel gives descriptors. */
export class Handles<T> {
  readonly #first: number;
  readonly #things: (T | null)[] = [];

  /** @param first the smallest number to be given */
  constructor(first = 0) {
    this.#first = first;
  }

  add(thing: T): number {
    const free = this.#things.indexOf(null);
    const place = free === -1 ? this.#things.length : free;
    this.#things[place] = thing;
    return this.#first + place;
  }

  get(handle: number): T | null {
    return this.#things[handle - this.#first] ?? null;
  }

  remove(handle: number): void {
    if (this.get(handle) !== null) this.#things[handle - this.#first] = null;
  }

  /** All that are there. */
  all(): T[] {
    return this.#things.filter((thing) => thing !== null);
  }
}
