import type { Literal } from "./sat.ts";

/** Numbers variables, from 1 on. Searches that share it never give two things one variable. */
export class Variables {
  /** The target that a variable speaks of alone; null for one that speaks of several. */
  readonly #targets: (string | null)[] = [null];

  /** How many there are: the last one's number. */
  get count(): number {
    return this.#targets.length - 1;
  }

  next(target: string | null = null): Literal {
    this.#targets.push(target);
    return this.count;
  }

  /** The target that a literal speaks of alone; null when it speaks of several. */
  targetOf(literal: Literal): string | null {
    return this.#targets[Math.abs(literal)] ?? null;
  }

  /** Makes variables 1 to `count` known. */
  reserve(count: number): void {
    while (this.count < count) this.next();
  }
}
