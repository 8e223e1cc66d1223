// @often
import * as clock from "clock";
import * as event from "event";
import { COLON, SP, ZERO } from "./ascii";

/** The `Date` field with its line's end, made once a second; empty while the host does not know the time of day. */
export function dateField(): Uint8Array {
  const now = event.now();
  if (now >= expiry) renew(now);
  return isKnown ? field : nothing;
}

const SECOND: i64 = 1000000000;

/** RFC 9110, 5.6.7: IMF-fixdate. */
const field: Uint8Array = Uint8Array.wrap(
  String.UTF8.encode("Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n"),
);
const nothing: Uint8Array = new Uint8Array(0);
const DAYS: string = "ThuFriSatSunMonTueWed";
const MONTHS: string = "JanFebMarAprMayJunJulAugSepOctNovDec";

/** When the next second begins, by the monotonic clock. */
let expiry: u64 = 0;
let isKnown: bool = false;

function renew(now: u64): void {
  const wall = clock.wall();
  isKnown = wall > 0;
  if (!isKnown) {
    expiry = now + <u64>SECOND;
    return;
  }
  expiry = now + <u64>(SECOND - (wall % SECOND));
  const seconds = wall / SECOND;
  const days = <i32>(seconds / 86400);
  const ofDay = <i32>(seconds % 86400);
  putName(6, DAYS, days % 7);
  putDate(days);
  putPair(23, ofDay / 3600);
  field[25] = COLON;
  putPair(26, (ofDay / 60) % 60);
  field[28] = COLON;
  putPair(29, ofDay % 60);
  field[31] = SP;
}

/** Day, month and year of a day since 1970, in cycles of 400 years that begin in March (H. Hinnant, chrono-compatible dates). */
function putDate(days: i32): void {
  const shifted = days + 719468;
  const era = shifted / 146097;
  const ofEra = shifted % 146097;
  const yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36524 - ofEra / 146096) / 365;
  const ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
  const fromMarch = (5 * ofYear + 2) / 153;
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  putPair(11, ofYear - (153 * fromMarch + 2) / 5 + 1);
  putName(14, MONTHS, month - 1);
  putPair(18, (year / 100) % 100);
  putPair(20, year % 100);
}

function putPair(position: i32, value: i32): void {
  field[position] = ZERO + <u8>(value / 10);
  field[position + 1] = ZERO + <u8>(value % 10);
}

function putName(position: i32, names: string, index: i32): void {
  for (let letter = 0; letter < 3; letter++) {
    field[position + letter] = <u8>names.charCodeAt(3 * index + letter);
  }
}
