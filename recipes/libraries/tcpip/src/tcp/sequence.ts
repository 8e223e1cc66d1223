/** Order of sequence numbers, which wrap round (RFC 9293, section 3.4). */
export function before(a: u32, b: u32): bool {
  return <i32>(a - b) < 0;
}

export function after(a: u32, b: u32): bool {
  return <i32>(a - b) > 0;
}

export function atOrBefore(a: u32, b: u32): bool {
  return <i32>(a - b) <= 0;
}

export function later(a: u32, b: u32): u32 {
  return after(a, b) ? a : b;
}
