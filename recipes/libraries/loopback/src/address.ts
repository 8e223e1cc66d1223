/** Whether an address of 4 or 16 octets is the image's own: 127.0.0.0/8 (RFC 1122, 3.2.1.3), ::1 (RFC 4291, 2.5.3). */
export function isLoopback(address: Uint8Array): bool {
  if (address.length == 4) return address[0] == 127;
  if (address.length != 16 || address[15] != 1) return false;
  for (let index = 0; index < 15; index++) {
    if (address[index] != 0) return false;
  }
  return true;
}

/** 127.0.0.1, a copy of one's own. */
export function localAddress(): Uint8Array {
  const octets = new Uint8Array(4);
  octets[0] = 127;
  octets[3] = 1;
  return octets;
}

/** First of the ports that are given out (RFC 6335, 6). */
export const FIRST_FREE_PORT: i32 = 49152;
