/** Data of records as zone files write them, type by type. */
import {
  A,
  AAAA,
  CAA,
  CDNSKEY,
  CDS,
  CNAME,
  DNAME,
  DNSKEY,
  DS,
  HINFO,
  HTTPS,
  ipv4FromText,
  ipv6FromText,
  LOC,
  MX,
  NAPTR,
  NS,
  NSEC,
  NSEC3,
  NSEC3PARAM,
  OPENPGPKEY,
  OPT,
  PTR,
  RP,
  RRSIG,
  SMIMEA,
  SOA,
  SRV,
  SSHFP,
  SVCB,
  TLSA,
  TXT,
  URI,
} from "dns-wire";
import { Entry, Word } from "./entry";
import { Faults } from "./fault";
import { absoluteName } from "./name";
import { base64, characters, hex, number, seconds } from "./text";

/** Data of one record: octets, then names that may be compressed (RFC 3597, 4: those of RFC 1035 only), then octets. */
export class Data {
  head: Uint8Array = nothing;
  names: Uint8Array[] = [];
  tail: Uint8Array = nothing;
  /** The name whose addresses whoever asks for the record wants next; null for none. */
  target: Uint8Array | null = null;
  /** Where it stands. */
  line: i32 = 0;
  column: i32 = 0;
}

/** Reads the data of one entry. What is wrong goes to `faults`; then the answer is null. */
export class DataReader {
  private failed: bool = false;
  private octets: u8[] = [];

  constructor(
    private readonly entry: Entry,
    private readonly file: string,
    private readonly origin: Uint8Array,
    private readonly faults: Faults,
  ) {}

  /** @param type of the record, whose word was taken last */
  read(type: u16): Data | null {
    const word = this.entry.last;
    const data = new Data();
    data.line = word.line;
    data.column = word.column;
    const first = this.entry.peek();
    if (first !== null && !first.quoted && first.text == "\\#") this.generic(type);
    else this.known(type, data);
    if (!this.failed && this.entry.left > 0) {
      this.fault(this.entry.take()!, "is more than a record of this type has");
    }
    if (this.failed) return null;
    const rest = new Uint8Array(this.octets.length);
    for (let index = 0; index < rest.length; index++) rest[index] = this.octets[index];
    // Octets before a name are its head; those of all others are one piece.
    if (data.names.length > 0 && type == MX) data.head = rest;
    else data.tail = rest;
    return data;
  }

  private known(type: u16, data: Data): void {
    switch (type) {
      case A:
        this.address4();
        return;
      case AAAA:
        this.address6();
        return;
      case NS:
        data.target = this.compressible(data);
        return;
      case CNAME:
      case PTR:
        this.compressible(data);
        return;
      case MX:
        this.integer(2, "preference");
        data.target = this.compressible(data);
        return;
      case SOA:
        this.soa(data);
        return;
      case TXT:
        do {
          this.characterString();
        } while (!this.failed && this.entry.left > 0);
        return;
      case HINFO:
        this.characterString();
        this.characterString();
        return;
      case RP:
        this.plainName();
        this.plainName();
        return;
      case SRV: // RFC 2782: the target is not compressed.
        this.integer(2, "priority");
        this.integer(2, "weight");
        this.integer(2, "port");
        data.target = this.plainName();
        return;
      case NAPTR: // RFC 3403, 4.1
        this.integer(2, "order");
        this.integer(2, "preference");
        this.characterString();
        this.characterString();
        this.characterString();
        this.plainName();
        return;
      case DS: // RFC 4034, 5.3
      case CDS:
        this.integer(2, "key tag");
        this.integer(1, "algorithm");
        this.integer(1, "digest type");
        this.hexadecimal();
        return;
      case SSHFP: // RFC 4255, 3.2
        this.integer(1, "algorithm");
        this.integer(1, "fingerprint type");
        this.hexadecimal();
        return;
      case DNSKEY: // RFC 4034, 2.2
      case CDNSKEY:
        this.integer(2, "flags");
        this.integer(1, "protocol");
        this.integer(1, "algorithm");
        this.encoded();
        return;
      case OPENPGPKEY: // RFC 7929, 2.3
        this.encoded();
        return;
      case TLSA: // RFC 6698, 2.2
      case SMIMEA:
        this.integer(1, "usage");
        this.integer(1, "selector");
        this.integer(1, "matching type");
        this.hexadecimal();
        return;
      case CAA:
        this.caa();
        return;
      case URI: // RFC 7553, 4.4
        this.integer(2, "priority");
        this.integer(2, "weight");
        this.text();
        return;
      case DNAME:
        this.typeFault("DNAME is not served", "write a CNAME for each name, or a wildcard");
        return;
      case RRSIG:
      case NSEC:
      case NSEC3:
      case NSEC3PARAM:
        this.typeFault("signed zones are not served yet", "leave the records of DNSSEC out");
        return;
      case LOC:
      case SVCB:
      case HTTPS:
        this.typeFault(
          "data of this type are not known in words",
          "write them as \\# LENGTH HEX (RFC 3597, 5)",
        );
        return;
      default:
        this.typeFault(
          "data of this type are not known",
          "write them as \\# LENGTH HEX (RFC 3597, 5)",
        );
        return;
    }
  }

  /** RFC 3597, 5: `\# LENGTH HEX…`, for any type; but the server must know what names the data have. */
  private generic(type: u16): void {
    const word = this.entry.take()!;
    if (type == NS || type == CNAME || type == SOA || type == PTR || type == MX || type == SRV) {
      this.fault(word, "is for other types: this one is written in its own form");
      return;
    }
    if (
      type == OPT ||
      type == DNAME ||
      type == RRSIG ||
      type == NSEC ||
      type == NSEC3 ||
      (type >= 128 && type < 256)
    ) {
      this.typeFault("no zone can have this type here", "");
      return;
    }
    const length = this.wholeNumber(65535, "length");
    if (length > 0) this.hexadecimal();
    if (!this.failed && this.octets.length != length) {
      this.fault(word, `has a length of ${length}, but ${this.octets.length} octets follow`);
    }
    if (!this.failed && ((type == A && length != 4) || (type == AAAA && length != 16))) {
      this.fault(word, "has another length than an address");
    }
  }

  private address4(): void {
    const word = this.want("an IPv4 address");
    if (word === null) return;
    const address = ipv4FromText(word.text);
    if (address === null) {
      this.fault(word, "is not an IPv4 address such as 192.0.2.1");
      return;
    }
    this.append(address);
  }

  private address6(): void {
    const word = this.want("an IPv6 address");
    if (word === null) return;
    const address = ipv6FromText(word.text);
    if (address === null) {
      this.fault(word, "is not an IPv6 address such as 2001:db8::1");
      return;
    }
    this.append(address);
  }

  private soa(data: Data): void {
    this.compressible(data);
    this.compressible(data);
    this.integer(4, "serial");
    this.time("refresh");
    this.time("retry");
    this.time("expiry");
    this.time("minimum");
  }

  /** RFC 8659, 4.1: flags, tag, value; the tag has letters and digits. */
  private caa(): void {
    this.integer(1, "flags");
    const word = this.want("a tag");
    if (word === null) return;
    for (let index = 0; index < word.text.length; index++) {
      const unit = word.text.charCodeAt(index);
      const isDigit = unit >= 0x30 && unit <= 0x39;
      const isLetter = (unit | 0x20) >= 0x61 && (unit | 0x20) <= 0x7a;
      if (!isDigit && !isLetter) {
        this.fault(word, "is not a tag: letters and digits");
        return;
      }
    }
    if (word.text.length == 0 || word.text.length > 255) {
      this.fault(word, "is not a tag");
      return;
    }
    this.octets.push(<u8>word.text.length);
    for (let index = 0; index < word.text.length; index++)
      this.octets.push(<u8>word.text.charCodeAt(index));
    this.text();
  }

  private compressible(data: Data): Uint8Array | null {
    const name = this.name();
    if (name !== null) data.names.push(name);
    return name;
  }

  private plainName(): Uint8Array | null {
    const name = this.name();
    if (name !== null) this.append(name);
    return name;
  }

  private name(): Uint8Array | null {
    const word = this.want("a name");
    if (word === null) return null;
    const name = absoluteName(word.text, this.origin);
    if (name === null || word.quoted) {
      this.fault(word, "is not a name of labels of 1 to 63 octets, 255 in all");
      return null;
    }
    return name;
  }

  /** A character string with its length before it (RFC 1035, 3.3). */
  private characterString(): void {
    const word = this.want("a text");
    if (word === null) return;
    const octets = characters(word.text);
    if (octets === null) {
      this.fault(word, "has a broken escape: \\ and a character, or three digits up to 255");
      return;
    }
    if (octets.length > 255) {
      this.fault(
        word,
        `is ${octets.length} octets long, 255 are the most of one text`,
        'split it in several: "…" "…"',
      );
      return;
    }
    this.octets.push(<u8>octets.length);
    this.append(octets);
  }

  /** A text without a length. */
  private text(): void {
    const word = this.want("a text");
    if (word === null) return;
    const octets = characters(word.text);
    if (octets === null) {
      this.fault(word, "has a broken escape: \\ and a character, or three digits up to 255");
      return;
    }
    this.append(octets);
  }

  private integer(size: i32, meaning: string): void {
    const most: i64 = ((<i64>1) << (8 * size)) - 1;
    const value = this.wholeNumber(most, meaning);
    for (let shift = 8 * (size - 1); shift >= 0; shift -= 8) this.octets.push(<u8>(value >> shift));
  }

  private wholeNumber(most: i64, meaning: string): i64 {
    const word = this.want(`a number: ${meaning}`);
    if (word === null) return 0;
    const value = number(word.text, most);
    if (value < 0) this.fault(word, `is not a number from 0 to ${most}: ${meaning}`);
    return value;
  }

  private time(meaning: string): void {
    const word = this.want(`a time: ${meaning}`);
    if (word === null) return;
    const value = seconds(word.text);
    if (value < 0) {
      this.fault(word, `is not a time such as 3600 or 1h: ${meaning}`);
      return;
    }
    for (let shift = 24; shift >= 0; shift -= 8) this.octets.push(<u8>(value >> shift));
  }

  /** What is left, in any number of words. */
  private rest(meaning: string): Word | null {
    const first = this.want(meaning);
    if (first === null) return null;
    let text = first.text;
    while (this.entry.left > 0) text += this.entry.take()!.text;
    return new Word(text, false, first.line, first.column);
  }

  private hexadecimal(): void {
    const word = this.rest("octets in hexadecimal");
    if (word === null) return;
    const octets = hex(word.text);
    if (octets === null) this.fault(word, "begins octets that are not pairs of hexadecimal digits");
    else this.append(octets);
  }

  private encoded(): void {
    const word = this.rest("octets in Base64");
    if (word === null) return;
    const octets = base64(word.text);
    if (octets === null) this.fault(word, "begins octets that are not Base64");
    else this.append(octets);
  }

  private append(octets: Uint8Array): void {
    for (let index = 0; index < octets.length; index++) this.octets.push(octets[index]);
  }

  /** The next word; a fault when there is none. After a fault no word is there. */
  private want(meaning: string): Word | null {
    if (this.failed) return null;
    const word = this.entry.take();
    if (word !== null) return word;
    this.failed = true;
    const last = this.entry.last;
    this.faults.add(
      this.file,
      last.line,
      last.column,
      `the record ends too soon: ${meaning} is missing after \`${last.text}\``,
      "",
    );
    return null;
  }

  private typeFault(message: string, hint: string): void {
    this.failed = true;
    const word = this.entry.last;
    this.faults.add(this.file, word.line, word.column, `\`${word.text}\`: ${message}`, hint);
  }

  private fault(word: Word, message: string, hint: string = ""): void {
    if (this.failed) return;
    this.failed = true;
    this.faults.add(this.file, word.line, word.column, `\`${word.text}\` ${message}`, hint);
  }
}

const nothing: Uint8Array = new Uint8Array(0);
