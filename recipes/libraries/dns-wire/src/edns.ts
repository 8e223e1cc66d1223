/**
 * EDNS (RFC 6891): the pseudo-record OPT in the additional section, of the root, with other meanings of its fields.
 *
 *    ├ 0 ┼ 41 ┼ UDP payload size ┼ upper code ┼ version ┼ DO + zeros ┼ length ┼ options ┤
 *      1   2          2               1            1          2           2
 */
import { put8, put16 } from "./octets";
import { RecordView } from "./record";
import { OPT } from "./types";

/** Octets of an OPT without options. */
export const OPT_LENGTH: i32 = 11;

/** What the OPT of a message says; as without one until `read` finds it. */
export class OptView {
  present: bool = false;
  /** RFC 6891, 6.2.3: what the sender can take over UDP, 512 at least. */
  payload: i32 = 512;
  version: u32 = 0;
  /** The upper eight bits of the response code. */
  upperCode: u32 = 0;
  /** DO (RFC 3225): the sender wants records of DNSSEC. */
  wantsSecurity: bool = false;

  /** Forgets the last message's. */
  clear(): void {
    this.present = false;
    this.payload = 512;
    this.version = 0;
    this.upperCode = 0;
    this.wantsSecurity = false;
  }

  /** Takes a record of the additional section. False when it is an OPT that may not be: a second one, or not the root's (RFC 6891, 6.1.1). */
  read(record: RecordView): bool {
    if (record.type != <u32>OPT) return true;
    if (this.present || record.ownerLength != 1) return false;
    this.present = true;
    this.payload = max(<i32>record.recordClass, 512);
    this.upperCode = record.extended >> 24;
    this.version = (record.extended >> 16) & 0xff;
    this.wantsSecurity = (record.extended & 0x8000) != 0;
    return true;
  }
}

/** Writes an OPT of version 0 without options: `OPT_LENGTH` octets. */
export function putOpt(at: usize, payload: i32, upperCode: u32, wantsSecurity: bool): void {
  put8(at, 0);
  put16(at + 1, OPT);
  put16(at + 3, <u32>payload);
  put8(at + 5, upperCode);
  put8(at + 6, 0);
  put16(at + 7, wantsSecurity ? 0x8000 : 0);
  put16(at + 9, 0);
}
