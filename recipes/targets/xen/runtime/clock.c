/*
 * docs/abi.md, clock. On Xen both times are its own, which it tells in the shared page. Elsewhere monotonic time is the time stamp
 * counter, at the rate that the hypervisor names or that the interval timer (8254) shows; and the time of day is the battery clock's at
 * start, which counts whole seconds.
 */
#include "hypervisor.h"

/* Nanoseconds for one tick of the time stamp counter, times 2^32. */
static u64 scale;
static u64 first_stamp;
/* Time of day when the clock was opened, in nanoseconds; 0 when unknown. */
static u64 opened_at;
/* Ticks of the APIC timer in 2^20 nanoseconds. */
static u64 apic_rate;

/* 8254 interval timer: 1193182 Hz. */
enum { PIT_COUNT = 0x40, PIT_COMMAND = 0x43, PIT_RATE = 1193182 };
/* How long to measure: 10 ms, in its ticks. */
enum { MEASURED = 11932 };

static u16 pit_count(void) {
  out8(PIT_COMMAND, 0); /* latch counter 0 */
  u8 low = in8(PIT_COUNT);
  return (u16)(in8(PIT_COUNT) << 8 | low);
}

enum { APIC_SPURIOUS = 0xf0 / 4 };
enum { APIC_DIVIDE = 0x3e0 / 4, APIC_COUNT = 0x390 / 4, APIC_INITIAL = 0x380 / 4, APIC_TIMER = 0x320 / 4 };

/* Counts both timers while the 8254 counts down; false when there is no 8254. */
static int measure(u64 *stamps, u64 *apic_ticks, u64 *nanoseconds) {
  apic[APIC_DIVIDE] = 3; /* by 16 */
  apic[APIC_TIMER] = 1 << 16; /* masked */
  out8(PIT_COMMAND, 0x34); /* counter 0, low then high byte, rate generator */
  out8(PIT_COUNT, 0xff);
  out8(PIT_COUNT, 0xff);
  apic[APIC_INITIAL] = 0xffffffff;
  u64 from = time_stamp();
  u16 begin = pit_count(), now = begin;
  u32 tries = 0;
  while ((u16)(begin - now) < MEASURED) {
    now = pit_count();
    if (now == begin && ++tries > 100000) return 0;
  }
  *apic_ticks = 0xffffffff - apic[APIC_COUNT];
  *stamps = time_stamp() - from;
  *nanoseconds = (u64)(u16)(begin - now) * 1000000000 / PIT_RATE;
  apic[APIC_INITIAL] = 0;
  return 1;
}

/* Rate in kHz that a hypervisor tells in leaf 0x40000010; 0 when none does. */
static u64 told_rate(void) {
  if ((cpuid(1, 0).c >> 31) == 0) return 0;
  return cpuid(0x40000000, 0).a >= 0x40000010 ? cpuid(0x40000010, 0).a : 0;
}

static u8 battery(u8 place) {
  out8(0x70, place);
  return in8(0x71);
}

/* Days from 1970-01-01 to a date of the Gregorian calendar. */
static u64 days(u64 year, u64 month, u64 day) {
  static const u16 before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
  u64 leap = month > 2 && (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
  u64 past = year - 1;
  u64 leaps = past / 4 - past / 100 + past / 400 - (1969 / 4 - 1969 / 100 + 1969 / 400);
  return (year - 1970) * 365 + leaps + before[month - 1] + leap + day - 1;
}

/* Seconds since 1970 by the MC146818 clock; 0 when there is none. */
static u64 battery_seconds(void) {
  u8 now[6], again[6];
  static const u8 places[] = {0, 2, 4, 7, 8, 9};
  u32 same = 0;
  for (u32 tries = 0; same < 6; tries++) {
    if (tries > 10000) return 0;
    while (battery(10) & 0x80 && tries++ < 10000) {
    }
    for (u32 i = 0; i < 6; i++) now[i] = battery(places[i]);
    for (u32 i = 0; i < 6; i++) again[i] = battery(places[i]);
    for (same = 0; same < 6 && now[same] == again[same];) same++;
  }
  u8 format = battery(11);
  u8 afternoon = now[2] & 0x80;
  now[2] &= 0x7f;
  for (u32 i = 0; (format & 4) == 0 && i < 6; i++) now[i] = (u8)((now[i] >> 4) * 10 + (now[i] & 15));
  if ((format & 2) == 0) now[2] = (u8)(now[2] % 12 + (afternoon ? 12 : 0));
  if (now[4] < 1 || now[4] > 12 || now[3] < 1 || now[3] > 31 || now[2] > 23) return 0;
  u64 year = 2000 + now[5];
  return ((days(year, now[4], now[3]) * 24 + now[2]) * 60 + now[1]) * 60 + now[0];
}

void clock_open(void) {
  if (hypervisor_present) return;
  apic[APIC_SPURIOUS] = 0x100 | SPURIOUS_VECTOR; /* on */
  u64 stamps, ticks, nanoseconds;
  u64 told = told_rate();
  if (measure(&stamps, &ticks, &nanoseconds)) {
    scale = (nanoseconds << 32) / stamps;
    apic_rate = (ticks << 20) / nanoseconds;
  } else if (told == 0) {
    trap("no clock: neither a rate from the hypervisor nor an interval timer", "start");
  }
  if (told != 0) scale = (1000000ull << 32) / told;
  if (apic_rate == 0) {
    /* Without an interval timer, the time stamp counter measures the APIC's. */
    apic[APIC_INITIAL] = 0xffffffff;
    u64 from = time_stamp(), wanted = told * 10;
    while (time_stamp() - from < wanted) {
    }
    apic_rate = ((u64)(0xffffffff - apic[APIC_COUNT]) << 20) / 10000000;
    apic[APIC_INITIAL] = 0;
  }
  first_stamp = time_stamp();
  opened_at = battery_seconds() * 1000000000;
}

/*
 * Nanoseconds since the machine started, by xen.h, struct vcpu_time_info. The version is odd while Xen writes, and another one afterwards.
 */
static u64 xen_monotonic(void) {
  const volatile struct time_info *info = &shared_info.time;
  for (;;) {
    u32 version = info->version;
    __asm__ volatile("" : : : "memory");
    u64 ticks = time_stamp() - info->time_stamp;
    ticks = info->shift < 0 ? ticks >> -info->shift : ticks << info->shift;
    u64 time = info->system_time + (u64)((unsigned __int128)ticks * info->multiplier >> 32);
    __asm__ volatile("" : : : "memory");
    if ((version & 1) == 0 && version == info->version) return time;
  }
}

/* The same in nanoseconds since 1970: the time of day when the machine started, and the time since. */
static u64 xen_wall(void) {
  for (;;) {
    u32 version = shared_info.wall_version;
    __asm__ volatile("" : : : "memory");
    u64 seconds = (u64)shared_info.wall_seconds_high << 32 | shared_info.wall_seconds;
    u64 begin = seconds * 1000000000 + shared_info.wall_nanoseconds;
    __asm__ volatile("" : : : "memory");
    if ((version & 1) == 0 && version == shared_info.wall_version) return begin + xen_monotonic();
  }
}

u64 clock_monotonic(void) {
  if (hypervisor_present) return xen_monotonic();
  return (u64)((unsigned __int128)(time_stamp() - first_stamp) * scale >> 32);
}

u64 clock_wall(void) {
  if (hypervisor_present) return xen_wall();
  return opened_at == 0 ? 0 : opened_at + clock_monotonic();
}

u32 clock_apic_ticks(u64 nanoseconds) {
  unsigned __int128 ticks = (unsigned __int128)nanoseconds * apic_rate >> 20;
  return ticks > 0xffffffff ? 0xffffffff : (u32)ticks + 1;
}
