/**
 * Numbers that come one after another, such as times, summed up without being kept: at most 2^31 of them, each below 2^48,
 * which is three days in nanoseconds. All that is asked of none is 0.
 */
export declare class Summary {
  constructor();

  /** Takes one more. */
  add(value: u64): void;

  /** How many there were. */
  get count(): u32;

  get least(): u64;

  get greatest(): u64;

  /** Rounded to a whole number. */
  get mean(): u64;

  /**
   * Standard deviation, the root of the mean square of distances from the mean, rounded to a whole number. Right to one
   * in a million at least, as long as it is not a millionth of a number's distance from the first one.
   */
  get deviation(): u64;
}
