interface Entry {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/**
 * Virtual time in nanoseconds, and what is to happen when: a binary heap, in which what is for the same time keeps the
 * order in which it was asked for. Nothing here knows a clock.
 */
export class Schedule {
  now = 0;
  readonly #heap: Entry[] = [];
  #order = 0;

  /** Time of the next thing that happens; infinity for none. */
  get next(): number {
    return this.#heap[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  /** Has `run` called at a time; a time that has passed is now. */
  at(time: number, run: () => void): void {
    const heap = this.#heap;
    const entry = { at: Math.max(Math.round(time), this.now), order: this.#order++, run };
    let index = heap.length;
    heap.push(entry);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!earlier(entry, heap[parent]!)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = entry;
  }

  /** Moves time on to the next entry and answers with it; null when there is none until `limit`. */
  take(limit: number): (() => void) | null {
    const first = this.#heap[0];
    if (first === undefined || first.at > limit) return null;
    this.#removeFirst();
    this.now = first.at;
    return first.run;
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let index = 0;
    while (true) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && earlier(heap[child + 1]!, heap[child]!)) child++;
      if (!earlier(heap[child]!, last)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = last;
  }
}

function earlier(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
