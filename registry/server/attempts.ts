/**
 * Counts failed attempts to log in by whom they came from, and says when there were too many of them: ten, of which
 * one is forgotten every six seconds. In memory; an attacker who can restart the server needs no password.
 */
export class Attempts {
  readonly #most = 10;
  readonly #forgetEvery = 6_000;
  readonly #failures = new Map<string, { count: number; since: number }>();

  /** Seconds to wait before another attempt is looked at; 0 when it may be made now. */
  wait(from: string, now: number): number {
    const count = this.#count(from, now);
    return count < this.#most
      ? 0
      : Math.ceil(((count - this.#most + 1) * this.#forgetEvery) / 1000);
  }

  failed(from: string, now: number): void {
    // An attacker with many addresses must not fill the memory: the oldest go.
    if (this.#failures.size >= 100_000) this.#failures.delete(this.#failures.keys().next().value!);
    this.#failures.set(from, { count: this.#count(from, now) + 1, since: now });
  }

  #count(from: string, now: number): number {
    const known = this.#failures.get(from);
    if (known === undefined) return 0;
    return Math.max(0, known.count - (now - known.since) / this.#forgetEvery);
  }
}
