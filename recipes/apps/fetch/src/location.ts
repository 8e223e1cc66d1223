/** Where a resource is: the parts of `http://10.0.0.2:8080/path` (RFC 9110, 4.2.1), its host an IPv4 address. */
export class Location {
  private constructor(
    readonly address: Uint8Array,
    readonly port: u16,
    /** As a request names the host: with the port, unless it is HTTP's own. */
    readonly authority: string,
    /** With its query. */
    readonly target: string,
  ) {}

  /** Null when the text is none. */
  static of(text: string): Location | null {
    if (!text.startsWith(SCHEME)) return null;
    let end = text.indexOf("/", SCHEME.length);
    if (end < 0) end = text.length;
    const authority = text.slice(SCHEME.length, end);
    const colon = authority.indexOf(":");
    const host = colon < 0 ? authority : authority.slice(0, colon);
    const port = colon < 0 ? HTTP_PORT : numberOf(authority.slice(colon + 1), 65535);
    const address = addressOf(host);
    if (address === null || port <= 0) return null;
    const target = end == text.length ? "/" : text.slice(end);
    return new Location(address, <u16>port, authority, target);
  }
}

const SCHEME: string = "http://";
const HTTP_PORT: i32 = 80;

function addressOf(host: string): Uint8Array | null {
  const parts = host.split(".");
  if (parts.length != 4) return null;
  const address = new Uint8Array(4);
  for (let index = 0; index < 4; index++) {
    const octet = numberOf(parts[index], 255);
    if (octet < 0) return null;
    address[index] = <u8>octet;
  }
  return address;
}

/** -1 when the text is not a number up to `most`. */
function numberOf(text: string, most: i32): i32 {
  if (text.length == 0 || text.length > 5) return -1;
  let number = 0;
  for (let index = 0; index < text.length; index++) {
    const digit = text.charCodeAt(index) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    number = number * 10 + digit;
  }
  return number > most ? -1 : number;
}
