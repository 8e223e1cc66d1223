import { NAME_LIMIT, nameFromText } from "dns-wire";

/** A name of a zone file in wire form: `@` is the origin, and what does not end with a dot is relative to it. Null when it is no name. */
export function absoluteName(text: string, origin: Uint8Array): Uint8Array | null {
  if (text == "@") return origin;
  const name = nameFromText(text);
  if (name === null) return null;
  if (isAbsolute(text)) return name;
  const front = name.length - 1;
  if (front + origin.length > NAME_LIMIT) return null;
  const whole = new Uint8Array(front + origin.length);
  whole.set(name.subarray(0, front));
  whole.set(origin, front);
  return whole;
}

/** Whether the last dot is one, and not an escaped octet. */
function isAbsolute(text: string): bool {
  if (!text.endsWith(".")) return false;
  let start = text.length - 1;
  while (start > 0 && text.charCodeAt(start - 1) == 0x5c) start--;
  return (text.length - 1 - start) % 2 == 0;
}

/** The octets of a name as a text, so that it can be a key: its own case kept. */
export function keyOf(name: Uint8Array): string {
  const text = __new((<usize>name.length) << 1, idof<string>());
  for (let index = 0; index < name.length; index++) store<u16>(text + (index << 1), name[index]);
  return changetype<string>(text);
}

/** The same for names that differ in case only (RFC 4343). */
export function caselessKey(name: Uint8Array): string {
  const text = __new((<usize>name.length) << 1, idof<string>());
  for (let index = 0; index < name.length; index++) {
    const octet = name[index];
    store<u16>(text + (index << 1), octet >= 0x41 && octet <= 0x5a ? octet | 0x20 : octet);
  }
  return changetype<string>(text);
}

/** A name without its first label; the root's stays itself. */
export function parentName(name: Uint8Array): Uint8Array {
  return name[0] == 0 ? name : name.slice(name[0] + 1);
}
