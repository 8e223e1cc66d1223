/**
 * Resource records (RFC 1035, 4.1.3).
 *
 *    ├ owner ┼ type ┼ class ┼ TTL ┼ length ┼ data ┤
 *        n      2       2      4      2
 */
import { NAME_LIMIT, NameView } from "./name";
import { addressOf, get16, get32 } from "./octets";

/** Octets between the owner and the data. */
export const RECORD_HEADER: i32 = 10;

/** A record that is whole. */
export class RecordView {
  /** The owner, written out; valid until the next record is read. */
  readonly owner: usize;
  /** Octets of the owner. */
  ownerLength: i32 = 0;
  /** Address of the data. */
  data: usize = 0;
  private at: usize = 0;
  private readonly name: NameView = new NameView();
  private readonly room: Uint8Array = new Uint8Array(NAME_LIMIT);

  constructor() {
    this.owner = addressOf(this.room);
  }

  /** Reads the record at `at` of the message from `message` to `end`; false when it is not whole. */
  check(message: usize, at: usize, end: usize): bool {
    if (!this.name.read(message, at, end, this.owner)) return false;
    this.ownerLength = this.name.length;
    this.at = this.name.after;
    this.data = this.at + <usize>RECORD_HEADER;
    return this.data <= end && this.data + this.dataLength <= end;
  }

  get type(): u32 {
    return get16(this.at);
  }

  get recordClass(): u32 {
    return get16(this.at + 2);
  }

  /** RFC 2181, 8: a TTL with its highest bit set is taken for zero. */
  get ttl(): u32 {
    const ttl = get32(this.at + 4);
    return <i32>ttl < 0 ? 0 : ttl;
  }

  /** The same 32 bits as they are, as OPT uses them. */
  get extended(): u32 {
    return get32(this.at + 4);
  }

  get dataLength(): i32 {
    return <i32>get16(this.at + 8);
  }

  /** Where the next record is. */
  get after(): usize {
    return this.data + this.dataLength;
  }
}
