/** SHA-256 (FIPS 180-4, 6.2) of octets that come in pieces. */
export class Sha256 {
  private state: StaticArray<u32> = StaticArray.fromArray<u32>([
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
  ]);
  private block: Uint8Array = new Uint8Array(64);
  private filled: i32 = 0;
  private length: u64 = 0;

  add(bytes: Uint8Array): void {
    this.length += bytes.length;
    for (let index = 0; index < bytes.length; index++) {
      this.block[this.filled++] = bytes[index];
      if (this.filled == 64) this.compress();
    }
  }

  /** The sum in hex. */
  end(): string {
    const bits = this.length * 8;
    const padding = new Uint8Array(((119 - <i32>(this.length % 64)) % 64) + 9);
    padding[0] = 0x80;
    for (let index = 0; index < 8; index++) {
      padding[padding.length - 1 - index] = <u8>(bits >> (8 * index));
    }
    this.add(padding);
    let text = "";
    for (let index = 0; index < 8; index++) text += this.state[index].toString(16).padStart(8, "0");
    return text;
  }

  private compress(): void {
    this.filled = 0;
    const at = this.block.dataStart;
    for (let t = 0; t < 16; t++) unchecked((w[t] = bswap<u32>(load<u32>(at + 4 * t))));
    for (let t = 16; t < 64; t++) {
      const x = unchecked(w[t - 15]);
      const y = unchecked(w[t - 2]);
      const s0 = rotr<u32>(x, 7) ^ rotr<u32>(x, 18) ^ (x >> 3);
      const s1 = rotr<u32>(y, 17) ^ rotr<u32>(y, 19) ^ (y >> 10);
      unchecked((w[t] = w[t - 16] + s0 + w[t - 7] + s1));
    }
    const state = this.state;
    let a = state[0];
    let b = state[1];
    let c = state[2];
    let d = state[3];
    let e = state[4];
    let f = state[5];
    let g = state[6];
    let h = state[7];
    for (let t = 0; t < 64; t++) {
      const s1 = rotr<u32>(e, 6) ^ rotr<u32>(e, 11) ^ rotr<u32>(e, 25);
      const t1 = h + s1 + ((e & f) ^ (~e & g)) + unchecked(k[t]) + unchecked(w[t]);
      const s0 = rotr<u32>(a, 2) ^ rotr<u32>(a, 13) ^ rotr<u32>(a, 22);
      const t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
      h = g;
      g = f;
      f = e;
      e = d + t1;
      d = c;
      c = b;
      b = a;
      a = t1 + t2;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
    state[5] += f;
    state[6] += g;
    state[7] += h;
  }
}

const w: StaticArray<u32> = new StaticArray<u32>(64);

const k: StaticArray<u32> = StaticArray.fromArray<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]);
