// @often
/**
 * Congestion control: slow start (RFC 5681, section 3.1) and CUBIC (RFC 9438), in integers. Sizes are octets, where
 * RFC 9438 has segments.
 */
import { MILLISECOND, NEVER } from "../time";

/** Further from the plateau than this, in milliseconds, the cubic does not grow: it is far above any window by then. */
const FARTHEST: i64 = 100_000;

/** N_RTT_SAMPLE of RFC 9406, section 4.3. */
const ROUND_SAMPLES = 8;

export class Cubic {
  /** cwnd */
  window: u32 = 0;
  /** ssthresh: "arbitrarily high" at first (RFC 5681, section 3.1). */
  threshold: u32 = 0x7fffffff;
  /** W_max: the window at the last reduction. */
  private plateau: u32 = 0;
  /** cwnd_prior: the window before the last reduction. */
  private prior: u32 = 0;
  /** When this growth began; 0 when it has not. */
  private epoch: u64 = 0;
  /** K in milliseconds: from the epoch to the plateau. */
  private rise: i64 = 0;
  /** W_est: what Reno would have. */
  private reno: u32 = 0;
  // As they were before the last reduction, should it turn out to be needless.
  private formerWindow: u32 = 0;
  private formerThreshold: u32 = 0;
  private formerPlateau: u32 = 0;
  // HyStart++ (RFC 9406): the least round trips of this round and of the last, and this one's samples.
  private roundEnd: u32 = 0;
  private roundLeast: u64 = NEVER;
  private lastLeast: u64 = NEVER;
  private roundSamples: i32 = 0;
  private fraction: u64 = 0;
  private renoFraction: u64 = 0;

  /** A first window of ten segments within limits (RFC 6928, section 2). */
  begin(segment: u32): void {
    this.roundLeast = NEVER;
    this.window = min<u32>(10 * segment, max<u32>(2 * segment, 14600));
  }

  /** New data of `acked` octets was acknowledged, while the window was what limited us. */
  acknowledged(acked: u32, segment: u32, roundTrip: u64, now: u64): void {
    if (this.window < this.threshold) {
      this.window += acked;
      return;
    }
    if (this.epoch == 0) this.beginEpoch(segment, now);
    // RFC 9438, 4.3, figure 4: alpha is 3 * (1 - 0.7) / (1 + 0.7) until the prior window is reached, then 1.
    const share: u64 = this.reno < this.prior ? 9 : 17;
    this.renoFraction += (share * acked * segment) / 17;
    this.reno += <u32>(this.renoFraction / this.window);
    this.renoFraction %= this.window;
    const elapsed = now - this.epoch;
    // RFC 9438, 4.3: below Reno's window, Reno's is taken.
    if (this.at(elapsed, segment) < this.reno) {
      this.window = max<u32>(this.window, this.reno);
      return;
    }
    // RFC 9438, 4.2: the target is the cubic one round trip ahead, within 1 and 1.5 windows.
    let target = this.at(elapsed + roundTrip, segment);
    target = max<u32>(this.window, min<u32>(target, this.window + (this.window >> 1)));
    this.fraction += <u64>(target - this.window) * acked;
    const growth = <u32>(this.fraction / this.window);
    this.fraction %= this.window;
    this.window += growth;
  }

  /**
   * A round trip was seen, as `una` was acknowledged and all up to `nxt` was sent. Slow start ends when round trips grow,
   * which says that a queue does, before it overflows (RFC 9406, section 4.2, without the conservative phase of 4.3).
   */
  observe(roundTrip: u64, una: u32, nxt: u32): void {
    if (this.window >= this.threshold) return;
    if (<i32>(una - this.roundEnd) >= 0) {
      this.lastLeast = this.roundLeast;
      this.roundLeast = NEVER;
      this.roundSamples = 0;
      this.roundEnd = nxt;
    }
    this.roundLeast = min<u64>(this.roundLeast, roundTrip);
    this.roundSamples++;
    if (this.roundSamples < ROUND_SAMPLES || this.lastLeast == NEVER) return;
    const margin = max<u64>(4 * MILLISECOND, min<u64>(this.lastLeast / 8, 16 * MILLISECOND));
    if (this.roundLeast >= this.lastLeast + margin) this.threshold = this.window;
  }

  /** A loss was found with `flight` octets under way; sets `threshold`, and leaves `window` to the caller. */
  reduce(flight: u32, segment: u32): void {
    this.prior = this.window;
    this.formerWindow = this.window;
    this.formerThreshold = this.threshold;
    this.formerPlateau = this.plateau;
    // RFC 9438, 4.7, fast convergence: W_max = cwnd * (1 + 0.7) / 2 when the last plateau was not reached.
    this.plateau = this.window < this.plateau ? <u32>((<u64>this.window * 17) / 20) : this.window;
    // RFC 9438, 4.6: beta is 0.7.
    this.threshold = max<u32>(<u32>((<u64>flight * 7) / 10), 2 * segment);
    this.epoch = 0;
  }

  /** The last reduction was needless (RFC 4015, section 3.2; RFC 9438, section 4.9). */
  undo(): void {
    this.window = max<u32>(this.window, this.formerWindow);
    this.threshold = this.formerThreshold;
    this.plateau = this.formerPlateau;
    this.epoch = 0;
  }

  /** Nothing was sent for longer than a retransmission time (RFC 5681, section 4.1). */
  restart(segment: u32): void {
    const window = this.window;
    this.begin(segment);
    this.window = min<u32>(this.window, window);
    this.epoch = 0;
  }

  private beginEpoch(segment: u32, now: u64): void {
    this.epoch = now;
    this.reno = this.window;
    this.fraction = 0;
    this.renoFraction = 0;
    if (this.window < this.plateau) {
      // RFC 9438, 4.2, figure 2: K is the cube root of (W_max - cwnd) / C, with C = 0.4 a second cubed.
      const segments = <u64>(this.plateau - this.window) / segment;
      this.rise = <i64>cubeRoot(segments * 2_500_000_000);
    } else {
      this.rise = 0;
      this.plateau = this.window;
    }
  }

  /** W_cubic(t) = C * (t - K)^3 + W_max (RFC 9438, section 4.2, figure 1). */
  private at(elapsed: u64, segment: u32): u32 {
    let distance = <i64>(elapsed / MILLISECOND) - this.rise;
    distance = max<i64>(-FARTHEST, min<i64>(FARTHEST, distance));
    const offset = (((distance * distance * distance * 4) / 10_000_000) * <i64>segment) / 1000;
    return <u32>max<i64>(<i64>segment, min<i64>(0x3fffffff, <i64>this.plateau + offset));
  }
}

/** The integer cube root, bit by bit. */
function cubeRoot(value: u64): u64 {
  let root: u64 = 0;
  for (let shift: i32 = 63; shift >= 0; shift -= 3) {
    root <<= 1;
    const next = 3 * root * (root + 1) + 1;
    if (value >> <u64>shift >= next) {
      value -= next << (<u64>shift);
      root++;
    }
  }
  return root;
}
