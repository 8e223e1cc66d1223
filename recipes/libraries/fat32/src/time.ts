const SECOND: i64 = 1_000_000_000;
const DAY: i64 = 86_400;

/** Date in the high half, time in the low one (page 23), of a time in nanoseconds since 1970; two seconds exactly. */
export function toStamp(time: i64): u32 {
  const seconds = time / SECOND;
  // H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
  const shifted = seconds / DAY + 719468;
  const era = shifted / 146097;
  const day = shifted - era * 146097;
  const year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
  const rest = day - (365 * year + year / 4 - year / 100);
  const march = (5 * rest + 2) / 153;
  const month = march < 10 ? march + 3 : march - 9;
  const civil = year + era * 400 + (month <= 2 ? 1 : 0);
  if (civil < 1980 || civil > 2107) return EARLIEST;
  const date = ((civil - 1980) << 9) | (month << 5) | (rest - (153 * march + 2) / 5 + 1);
  const clock = seconds % DAY;
  const hours = clock / 3600;
  const minutes = (clock / 60) % 60;
  return <u32>((date << 16) | (hours << 11) | (minutes << 5) | ((clock % 60) / 2));
}

/** The reverse; 0 for a date that is none. */
export function fromStamp(stamp: u32): i64 {
  const month = <i64>((stamp >> 21) & 15);
  const day = <i64>((stamp >> 16) & 31);
  if (month < 1 || month > 12 || day < 1) return 0;
  const year = <i64>(1980 + (stamp >> 25)) - (month <= 2 ? 1 : 0);
  // days_from_civil of the same paper.
  const era = year / 400;
  const ofEra = year - era * 400;
  const ofYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const days = era * 146097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719468;
  const clock = ((stamp >> 11) & 31) * 3600 + ((stamp >> 5) & 63) * 60 + (stamp & 31) * 2;
  return (days * DAY + <i64>clock) * SECOND;
}

/** 1980-01-01, for those who do not know the time. */
const EARLIEST: u32 = 0x00210000;
