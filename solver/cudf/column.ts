/** A list of numbers that only grows, outside of the garbage collector's sight. */
export class Column {
  #values: Float64Array;
  length = 0;

  /** @param expected how long it will be, about */
  constructor(expected: number) {
    this.#values = new Float64Array(Math.max(16, expected));
  }

  push(value: number): void {
    if (this.length === this.#values.length) {
      const values = new Float64Array(this.length * 2);
      values.set(this.#values);
      this.#values = values;
    }
    this.#values[this.length] = value;
    this.length += 1;
  }

  /** What was pushed so far. */
  values(): Float64Array {
    return this.#values.subarray(0, this.length);
  }
}
