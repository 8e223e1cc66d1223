/** Small numbers for things; the smallest free one is given, as the kernel gives descriptors. */
export class Handles<T> {
  readonly #things: (T | null)[] = [];

  add(thing: T): number {
    const free = this.#things.indexOf(null);
    const handle = free === -1 ? this.#things.length : free;
    this.#things[handle] = thing;
    return handle;
  }

  get(handle: number): T | null {
    return this.#things[handle] ?? null;
  }

  remove(handle: number): void {
    if (handle < this.#things.length) this.#things[handle] = null;
  }

  /** All that are there. */
  all(): T[] {
    return this.#things.filter((thing) => thing !== null);
  }
}
