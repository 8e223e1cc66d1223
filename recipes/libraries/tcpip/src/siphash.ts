/**
 * SipHash-2-4 (Aumasson and Bernstein, 2012), the keyed hash that RFC 6528 and RFC 6056 ask for, over messages of
 * whole 64-bit words.
 */
export class SipHash {
  private v0: u64 = 0;
  private v1: u64 = 0;
  private v2: u64 = 0;
  private v3: u64 = 0;

  constructor(
    private readonly key0: u64,
    private readonly key1: u64,
  ) {}

  /** Hash of two words. */
  of(first: u64, second: u64): u64 {
    this.v0 = this.key0 ^ 0x736f6d6570736575;
    this.v1 = this.key1 ^ 0x646f72616e646f6d;
    this.v2 = this.key0 ^ 0x6c7967656e657261;
    this.v3 = this.key1 ^ 0x7465646279746573;
    this.absorb(first);
    this.absorb(second);
    this.absorb((<u64>16) << 56);
    this.v2 ^= 0xff;
    this.round();
    this.round();
    this.round();
    this.round();
    return this.v0 ^ this.v1 ^ this.v2 ^ this.v3;
  }

  private absorb(word: u64): void {
    this.v3 ^= word;
    this.round();
    this.round();
    this.v0 ^= word;
  }

  private round(): void {
    this.v0 += this.v1;
    this.v1 = rotl<u64>(this.v1, 13) ^ this.v0;
    this.v0 = rotl<u64>(this.v0, 32);
    this.v2 += this.v3;
    this.v3 = rotl<u64>(this.v3, 16) ^ this.v2;
    this.v0 += this.v3;
    this.v3 = rotl<u64>(this.v3, 21) ^ this.v0;
    this.v2 += this.v1;
    this.v1 = rotl<u64>(this.v1, 17) ^ this.v2;
    this.v2 = rotl<u64>(this.v2, 32);
  }
}
