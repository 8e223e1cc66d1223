/* docs/abi.md, clock. */
#include <time.h>

#include "unipkg.h"

static u64 nanoseconds(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (u64)time.tv_sec * 1000000000 + (u64)time.tv_nsec;
}

u64 clock_monotonic(void) { return nanoseconds(CLOCK_MONOTONIC); }

u64 clock_wall(void) { return nanoseconds(CLOCK_REALTIME); }
