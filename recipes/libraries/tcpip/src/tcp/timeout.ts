// @seldom
/** The retransmission timer (RFC 6298). */
import { Options } from "../options";
import { MILLISECOND, SECOND } from "../time";
import { Block } from "./block";

/** Clock granularity G. */
const GRANULARITY: u64 = MILLISECOND;

/** A round trip was measured. */
export function measured(block: Block, options: Options, roundTrip: u64): void {
  if (block.smoothed == 0) {
    // 2.2
    block.smoothed = max<u64>(roundTrip, 1);
    block.variation = roundTrip / 2;
  } else {
    // 2.3, with alpha = 1/8 and beta = 1/4.
    const difference =
      block.smoothed > roundTrip ? block.smoothed - roundTrip : roundTrip - block.smoothed;
    block.variation = (3 * block.variation + difference) / 4;
    block.smoothed = (7 * block.smoothed + roundTrip) / 8;
  }
  setTimeout(block, options);
}

/** The timeout that the measurements give, without back-off (5.7 and section 2). */
export function setTimeout(block: Block, options: Options): void {
  if (block.smoothed == 0) {
    block.timeout = SECOND;
    return;
  }
  const timeout = block.smoothed + max<u64>(GRANULARITY, 4 * block.variation);
  block.timeout = min<u64>(max<u64>(timeout, options.minimumTimeout), options.maximumTimeout);
}

/** 5.5: the timer went off. */
export function backOff(block: Block, options: Options): void {
  block.timeout = min<u64>(2 * block.timeout, options.maximumTimeout);
}
