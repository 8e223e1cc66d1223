import { divide, multiply, productHigh, squareRoot } from "./wide";

/** The sum of all numbers and that of their squares, in 128 bits each. */
export class Summary {
  private sumHigh: u64 = 0;
  private sumLow: u64 = 0;
  private squaresHigh: u64 = 0;
  private squaresLow: u64 = 0;
  private numbers: u32 = 0;
  private lowest: u64 = 0;
  private highest: u64 = 0;

  add(value: u64): void {
    if (this.numbers == 0) this.lowest = value;
    if (value < this.lowest) this.lowest = value;
    if (value > this.highest) this.highest = value;
    this.numbers++;
    const sum = this.sumLow + value;
    if (sum < value) this.sumHigh++;
    this.sumLow = sum;
    const square = multiply(value, value);
    const squares = this.squaresLow + square;
    this.squaresHigh += productHigh + (squares < square ? 1 : 0);
    this.squaresLow = squares;
  }

  get count(): u32 {
    return this.numbers;
  }

  get least(): u64 {
    return this.lowest;
  }

  get greatest(): u64 {
    return this.highest;
  }

  get mean(): u64 {
    const count = <u64>this.numbers;
    if (count == 0) return 0;
    const half = this.sumLow + (count >> 1);
    return divide(this.sumHigh + (half < this.sumLow ? 1 : 0), half, count);
  }

  /**
   * With m the mean rounded down and r what is left of the sum S, all squared distances from m are
   * S2 - 2mS + nm² = S2 - m(S + r) together, and those from the mean itself are r²/n less.
   */
  get deviation(): u64 {
    const count = <u64>this.numbers;
    if (count == 0) return 0;
    const mean = divide(this.sumHigh, this.sumLow, count);
    const rest = this.sumLow - mean * count;
    const factor = this.sumLow + rest;
    const factorHigh = this.sumHigh + (factor < rest ? 1 : 0);
    const low = multiply(mean, factor);
    const high = productHigh + mean * factorHigh;
    const distances = this.squaresLow - low;
    const distancesHigh = this.squaresHigh - high - (this.squaresLow < low ? 1 : 0);
    // Of four times the variance, the root is twice the deviation: rounded by its last bit.
    const all = distances << 2;
    const less = (4 * rest * rest + count - 1) / count;
    const allHigh = ((distancesHigh << 2) | (distances >> 62)) - (all < less ? 1 : 0);
    return (squareRoot(allHigh, all - less, count) + 1) >> 1;
  }
}
