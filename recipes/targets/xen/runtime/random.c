/* docs/abi.md, random: the processor's generator. */
#include "xen.h"

/* Intel asks for ten tries before the generator counts as broken. */
static int next(u64 *value) {
  for (u32 tries = 0; tries < 10; tries++) {
    u8 there;
    __asm__ volatile("rdrand %0; setc %1" : "=r"(*value), "=qm"(there) : : "cc");
    if (there) return 1;
  }
  return 0;
}

void random_fill(u32 address, u32 length) {
  u8 *to = at(address);
  if ((cpuid(1, 0).c >> 30 & 1) == 0) trap("no source of random numbers (RDRAND)", "random.fill");
  for (u32 filled = 0; filled < length; filled += 8) {
    u64 value;
    if (!next(&value)) trap("the source of random numbers is broken (RDRAND)", "random.fill");
    u32 count = length - filled < 8 ? length - filled : 8;
    __builtin_memcpy(to + filled, &value, count);
  }
}
