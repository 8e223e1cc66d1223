import { CH, IN, numbered, typeFromText } from "dns-wire";
import { Data, DataReader } from "./data";
import { Entry, Word } from "./entry";
import { Faults } from "./fault";
import { absoluteName } from "./name";
import { Scanner } from "./scanner";
import { seconds } from "./text";

/** What takes the records of a file. */
export interface Receiver {
  onRecord(owner: Uint8Array, type: u16, ttl: u32, data: Data): void;
}

/** Reads the entries of one zone file (RFC 1035, 5.1; RFC 2308, 4 for $TTL), one at a time. */
export class Parser {
  private readonly scanner: Scanner;
  private owner: Uint8Array | null = null;
  /** Of $TTL; -1 before it. */
  private defaultTtl: i64 = -1;
  /** Of the last record; -1 before it. */
  private lastTtl: i64 = -1;

  constructor(
    at: usize,
    length: i32,
    private readonly file: string,
    private origin: Uint8Array,
    private readonly receiver: Receiver,
    private readonly faults: Faults,
  ) {
    this.scanner = new Scanner(at, length);
  }

  /** Reads one entry; false at the end of the file. */
  step(): bool {
    const entry = Entry.read(this.scanner);
    if (entry === null) return false;
    if (entry.fault.length > 0) {
      this.faults.add(this.file, entry.line, entry.column, entry.fault, "");
    } else if (entry.words[0].text.startsWith("$") && !entry.words[0].quoted && !entry.indented) {
      this.directive(entry);
    } else {
      this.record(entry);
    }
    return true;
  }

  private directive(entry: Entry): void {
    const name = entry.take()!;
    const word = entry.take();
    switch (DIRECTIVES.indexOf(name.text.toUpperCase())) {
      case 0: {
        if (word === null) {
          this.fault(name, "needs a name");
          return;
        }
        const origin = absoluteName(word.text, this.origin);
        if (origin === null) {
          this.fault(word, "is not a name");
          return;
        }
        this.origin = origin;
        break;
      }
      case 1: {
        if (word === null) {
          this.fault(name, "needs a time");
          return;
        }
        this.defaultTtl = seconds(word.text);
        if (this.defaultTtl < 0) {
          this.fault(word, "is not a time such as 3600 or 1h");
          return;
        }
        break;
      }
      case 2:
        // A zone is one file, so that what is in an image can be seen at a glance.
        this.fault(name, "is not supported", "put what it includes into this file");
        return;
      default:
        this.fault(name, "is not a directive", "there are $ORIGIN and $TTL");
        return;
    }
    if (entry.left > 0) this.fault(entry.take()!, "is more than the directive takes");
  }

  /** `[owner] [TTL] [class] type data`, TTL and class in either order. */
  private record(entry: Entry): void {
    if (!entry.indented) {
      const word = entry.take()!;
      const owner = absoluteName(word.text, this.origin);
      if (owner === null || word.quoted) {
        this.owner = null;
        this.fault(word, "is not a name of labels of 1 to 63 octets, 255 in all");
        return;
      }
      this.owner = owner;
    }
    let ttl: i64 = -1;
    let hasClass = false;
    let word = entry.take();
    while (word !== null) {
      const time = isDigit(word.text.charCodeAt(0)) ? seconds(word.text) : -1;
      if (ttl < 0 && time >= 0) {
        ttl = time;
      } else if (!hasClass && classFromText(word.text) >= 0) {
        if (classFromText(word.text) != <i32>IN) {
          this.fault(word, "is not served: zones are of class IN");
          return;
        }
        hasClass = true;
      } else {
        break;
      }
      word = entry.take();
    }
    if (word === null) {
      const last = entry.last;
      this.fault(last, "ends the record, which has no type");
      return;
    }
    const type = typeFromText(word.text);
    if (type < 0) {
      this.fault(word, "is not a type of records", typeHint(word.text));
      return;
    }
    const data = new DataReader(entry, this.file, this.origin, this.faults).read(<u16>type);
    if (data === null) return;
    const owner = this.owner;
    if (owner === null) {
      this.fault(word, "is the type of a record that has no owner");
      return;
    }
    // RFC 1035, 5.1: without a TTL it is the last one; RFC 2308, 4: $TTL goes before that.
    if (ttl < 0) ttl = this.defaultTtl >= 0 ? this.defaultTtl : this.lastTtl;
    if (ttl < 0) {
      this.fault(
        word,
        "is the type of a record that has no TTL",
        "begin the file with $TTL 1h, say",
      );
      return;
    }
    this.lastTtl = ttl;
    this.receiver.onRecord(owner, <u16>type, <u32>ttl, data);
  }

  private fault(word: Word, message: string, hint: string = ""): void {
    this.faults.add(this.file, word.line, word.column, `\`${word.text}\` ${message}`, hint);
  }
}

const DIRECTIVES: StaticArray<string> = ["$ORIGIN", "$TTL", "$INCLUDE"];

/** A class by its name (RFC 1035, 3.2.4) or number (RFC 3597, 5); -1 when it is none. */
function classFromText(text: string): i32 {
  const upper = text.toUpperCase();
  if (upper == "IN") return IN;
  if (upper == "CH") return CH;
  if (upper == "HS" || upper == "CS") return 4;
  return numbered(upper, "CLASS");
}

function typeHint(text: string): string {
  return text.includes(".")
    ? "a record is written as OWNER TTL IN TYPE DATA; names that begin a line are owners"
    : "any other type is written as TYPE and its number, with data as \\# LENGTH HEX";
}

function isDigit(unit: i32): bool {
  return unit >= 0x30 && unit <= 0x39;
}
