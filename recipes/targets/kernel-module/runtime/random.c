/* docs/abi.md, random: the kernel's generator. */
#include <linux/random.h>

#include "module.h"

void random_fill(u32 address, u32 length) {
  u8 *bytes = range(address, length);
  /* The wait ends early for a signal only. */
  while (wait_for_random_bytes() != 0) attend();
  get_random_bytes(bytes, length);
}
