/* docs/abi.md, random: the kernel's generator. */
#include <linux/random.h>

#include "module.h"

void random_fill(u32 address, u32 length) {
  u8 *bytes = range(address, length);
  wait_for_random_bytes();
  get_random_bytes(bytes, length);
}
