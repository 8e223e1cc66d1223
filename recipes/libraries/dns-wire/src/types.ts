/** Types of records (https://www.iana.org/assignments/dns-parameters), with their names in zone files. */

export const A: u16 = 1; // RFC 1035
export const NS: u16 = 2; // RFC 1035
export const CNAME: u16 = 5; // RFC 1035
export const SOA: u16 = 6; // RFC 1035
export const PTR: u16 = 12; // RFC 1035
export const HINFO: u16 = 13; // RFC 1035
export const MX: u16 = 15; // RFC 1035
export const TXT: u16 = 16; // RFC 1035
export const RP: u16 = 17; // RFC 1183
export const AAAA: u16 = 28; // RFC 3596
export const LOC: u16 = 29; // RFC 1876
export const SRV: u16 = 33; // RFC 2782
export const NAPTR: u16 = 35; // RFC 3403
export const DNAME: u16 = 39; // RFC 6672
export const OPT: u16 = 41; // RFC 6891
export const DS: u16 = 43; // RFC 4034
export const SSHFP: u16 = 44; // RFC 4255
export const RRSIG: u16 = 46; // RFC 4034
export const NSEC: u16 = 47; // RFC 4034
export const DNSKEY: u16 = 48; // RFC 4034
export const NSEC3: u16 = 50; // RFC 5155
export const NSEC3PARAM: u16 = 51; // RFC 5155
export const TLSA: u16 = 52; // RFC 6698
export const SMIMEA: u16 = 53; // RFC 8162
export const CDS: u16 = 59; // RFC 7344
export const CDNSKEY: u16 = 60; // RFC 7344
export const OPENPGPKEY: u16 = 61; // RFC 7929
export const SVCB: u16 = 64; // RFC 9460
export const HTTPS: u16 = 65; // RFC 9460
export const IXFR: u16 = 251; // RFC 1995
export const AXFR: u16 = 252; // RFC 5936
export const ANY: u16 = 255; // RFC 1035
export const URI: u16 = 256; // RFC 7553
export const CAA: u16 = 257; // RFC 8659

/** The Internet's class. */
export const IN: u16 = 1;

/** The class of servers' own names, such as version.bind. */
export const CH: u16 = 3;

/** A type by its name in any case, or by TYPE and its number (RFC 3597, 5); -1 for what is neither. */
export function typeFromText(text: string): i32 {
  const upper = text.toUpperCase();
  for (let index = 0; index < names.length; index++) {
    if (names[index] == upper) return numbers[index];
  }
  return numbered(upper, "TYPE");
}

/** The number of a text such as TYPE257 or CLASS1 (RFC 3597, 5); -1 when it is none. */
export function numbered(text: string, word: string): i32 {
  if (!text.startsWith(word) || text.length == word.length || text.length > word.length + 5)
    return -1;
  let number = 0;
  for (let index = word.length; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x30 || unit > 0x39) return -1;
    number = number * 10 + (unit - 0x30);
  }
  return number <= 0xffff ? number : -1;
}

// biome-ignore format: pairs
const names: StaticArray<string> = [
  "A", "NS", "CNAME", "SOA", "PTR", "HINFO", "MX", "TXT", "RP", "AAAA", "LOC", "SRV", "NAPTR", "DNAME",
  "DS", "SSHFP", "RRSIG", "NSEC", "DNSKEY", "NSEC3", "NSEC3PARAM", "TLSA", "SMIMEA", "CDS", "CDNSKEY",
  "OPENPGPKEY", "SVCB", "HTTPS", "URI", "CAA",
];
// biome-ignore format: pairs
const numbers: StaticArray<u16> = [
  A, NS, CNAME, SOA, PTR, HINFO, MX, TXT, RP, AAAA, LOC, SRV, NAPTR, DNAME,
  DS, SSHFP, RRSIG, NSEC, DNSKEY, NSEC3, NSEC3PARAM, TLSA, SMIMEA, CDS, CDNSKEY,
  OPENPGPKEY, SVCB, HTTPS, URI, CAA,
];
