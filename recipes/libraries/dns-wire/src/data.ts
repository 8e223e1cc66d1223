/** Data of records whose names may be compressed, written out. */
import { NAME_LIMIT, NameView } from "./name";
import { addressOf, copy } from "./octets";
import { RecordView } from "./record";
import { CNAME, DNAME, MX, NS, PTR, SOA, SRV } from "./types";

/**
 * The data of a record with its names not compressed; null when it is not what its type says. Types whose names may
 * come compressed are those of RFC 1035, and SRV (RFC 3597, 4); all others are taken as they are.
 */
export function expandData(record: RecordView, message: usize, end: usize): Uint8Array | null {
  const type = <u16>record.type;
  switch (type) {
    case NS:
    case CNAME:
    case PTR:
    case DNAME:
      return expand(record, message, end, 0, 1, 0);
    case MX:
      return expand(record, message, end, 2, 1, 0);
    case SRV:
      return expand(record, message, end, 6, 1, 0);
    case SOA:
      return expand(record, message, end, 0, 2, 20);
    default: {
      const data = new Uint8Array(record.dataLength);
      copy(addressOf(data), record.data, record.dataLength);
      return data;
    }
  }
}

const name: NameView = new NameView();

/** Data of `before` octets, `names` names, and `after` octets. */
function expand(
  record: RecordView,
  message: usize,
  end: usize,
  before: i32,
  names: i32,
  after: i32,
): Uint8Array | null {
  const dataEnd = record.after;
  if (record.dataLength < before) return null;
  const data = new Uint8Array(before + names * NAME_LIMIT + after);
  copy(addressOf(data), record.data, before);
  let length = before;
  let at = record.data + before;
  for (let count = 0; count < names; count++) {
    if (at >= dataEnd || !name.read(message, at, end, addressOf(data) + length)) return null;
    at = name.after;
    length += name.length;
  }
  if (at + after != dataEnd) return null;
  copy(addressOf(data) + length, at, after);
  return data.slice(0, length + after);
}
