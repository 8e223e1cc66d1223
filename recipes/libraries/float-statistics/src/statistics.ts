/** Sums of distances from the first number and of their squares. */
export class Summary {
  private origin: i64 = 0;
  private sum: f64 = 0;
  private squares: f64 = 0;
  private numbers: u32 = 0;
  private lowest: u64 = 0;
  private highest: u64 = 0;

  add(value: u64): void {
    if (this.numbers == 0) {
      this.origin = value;
      this.lowest = value;
    }
    if (value < this.lowest) this.lowest = value;
    if (value > this.highest) this.highest = value;
    // Signed: x86-64 has no instruction for unsigned ones of 64 bits.
    const distance = <f64>(<i64>value - this.origin);
    this.sum += distance;
    this.squares += distance * distance;
    this.numbers++;
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
    if (this.numbers == 0) return 0;
    return this.origin + <i64>Math.floor(this.sum / <f64>this.numbers + 0.5);
  }

  get deviation(): u64 {
    if (this.numbers == 0) return 0;
    const mean = this.sum / <f64>this.numbers;
    const variance = this.squares / <f64>this.numbers - mean * mean;
    return variance > 0 ? <u64>(Math.sqrt(variance) + 0.5) : 0;
  }
}
