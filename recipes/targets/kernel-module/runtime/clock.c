/* docs/abi.md, clock. */
#include <linux/ktime.h>

#include "module.h"

u64 clock_monotonic(void) { return ktime_get_ns(); }

u64 clock_wall(void) { return ktime_get_real_ns(); }
