/** CRC-32 of a stream of octets, as gzip has it (RFC 1952, section 8). */
export class Crc32 {
  private remainder: u32 = 0xffffffff;

  add(bytes: Uint8Array): void {
    let remainder = this.remainder;
    for (let index = 0; index < bytes.length; index++) {
      remainder = unchecked(table[(remainder ^ bytes[index]) & 0xff]) ^ (remainder >> 8);
    }
    this.remainder = remainder;
  }

  get value(): u32 {
    return ~this.remainder;
  }
}

const table: StaticArray<u32> = makeTable();

function makeTable(): StaticArray<u32> {
  const made = new StaticArray<u32>(256);
  for (let octet: u32 = 0; octet < 256; octet++) {
    let remainder = octet;
    for (let bit = 0; bit < 8; bit++) {
      remainder = (remainder & 1) != 0 ? 0xedb88320 ^ (remainder >> 1) : remainder >> 1;
    }
    made[octet] = remainder;
  }
  return made;
}
