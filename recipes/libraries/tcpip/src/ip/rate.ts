import { SECOND } from "../time";

/** Lets so many events a second through, with bursts of as many. */
export class Rate {
  private tokens: i32;
  private filledAt: u64 = 0;

  constructor(private readonly perSecond: i32) {
    this.tokens = perSecond;
  }

  take(now: u64): bool {
    if (now - this.filledAt >= SECOND) {
      this.tokens = this.perSecond;
      this.filledAt = now;
    }
    if (this.tokens <= 0) return false;
    this.tokens--;
    return true;
  }
}
