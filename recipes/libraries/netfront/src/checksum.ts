/**
 * Computes the checksum of a TCP or UDP segment whose sender left that to the hardware, which there is none of between two domains. We ask
 * back ends not to leave it out (feature-no-csum-offload); this is for those that do.
 */
export function completeChecksum(frame: Uint8Array): void {
  if (frame.length < ETHERNET + 20 || word(frame, 12) != IPV4) return;
  const header = <i32>(frame[ETHERNET] & 15) * 4;
  const length = word(frame, ETHERNET + 2) - header;
  const protocol = frame[ETHERNET + 9];
  const place = protocol == TCP ? 16 : protocol == UDP ? 6 : -1;
  const start = ETHERNET + header;
  if (header < 20 || place < 0 || length < place + 2 || start + length > frame.length) return;
  frame[start + place] = 0;
  frame[start + place + 1] = 0;
  // RFC 9293, 3.1: over addresses, protocol and length as well. RFC 1071 for the sum.
  let sum: u32 = protocol + length;
  for (let at = ETHERNET + 12; at < ETHERNET + 20; at += 2) sum += word(frame, at);
  const even = start + (length & ~1);
  for (let at = start; at < even; at += 2) sum += word(frame, at);
  if ((length & 1) != 0) sum += (<u32>frame[even]) << 8;
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  const checksum = ~sum & 0xffff;
  // RFC 768: 0 says that there is none.
  const sent = checksum == 0 && protocol == UDP ? 0xffff : checksum;
  frame[start + place] = <u8>(sent >> 8);
  frame[start + place + 1] = <u8>sent;
}

const ETHERNET: i32 = 14;
const IPV4: i32 = 0x0800;
const TCP: u8 = 6;
const UDP: u8 = 17;

function word(bytes: Uint8Array, at: i32): i32 {
  return ((<i32>bytes[at]) << 8) | bytes[at + 1];
}
