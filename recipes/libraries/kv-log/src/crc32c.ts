/** CRC-32C (Castagnoli; RFC 3720, appendix B.4) of the bytes from `start` to `end`, four at a time. */
export function crc32c(bytes: Uint8Array, start: i32, end: i32): u32 {
  if (start < 0 || end > bytes.length || start > end) throw new RangeError("no bytes there");
  let crc: u32 = 0xffffffff;
  let at = bytes.dataStart + <usize>start;
  const last = bytes.dataStart + <usize>end;
  const table = TABLES.dataStart;
  for (; at + 4 <= last; at += 4) {
    crc ^= load<u32>(at);
    crc =
      load<u32>(table + ((<usize>(crc & 0xff)) << 2), 3 * 1024) ^
      load<u32>(table + ((<usize>((crc >> 8) & 0xff)) << 2), 2 * 1024) ^
      load<u32>(table + ((<usize>((crc >> 16) & 0xff)) << 2), 1024) ^
      load<u32>(table + ((<usize>(crc >> 24)) << 2));
  }
  for (; at < last; at++) {
    crc = (crc >> 8) ^ load<u32>(table + ((<usize>((crc ^ load<u8>(at)) & 0xff)) << 2));
  }
  return ~crc;
}

/** The polynomial 0x1edc6f41, its bits reversed. */
const POLYNOMIAL: u32 = 0x82f63b78;

/** Four tables of 256: of a byte, and of one with one to three zero bytes after it. */
const TABLES: Uint32Array = tables();

function tables(): Uint32Array {
  const tables = new Uint32Array(4 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = <u32>byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ ((crc & 1) != 0 ? POLYNOMIAL : 0);
    tables[byte] = crc;
  }
  for (let place = 256; place < tables.length; place++) {
    const before = tables[place - 256];
    tables[place] = (before >> 8) ^ tables[before & 0xff];
  }
  return tables;
}
