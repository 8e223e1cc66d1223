/* docs/abi.md, random: the kernel's generator, which blocks only until it is seeded after boot. */
#include <errno.h>
#include <sys/random.h>

#include "unipkg.h"

void random_fill(u32 address, u32 length) {
  u32 filled = 0;
  while (filled < length) {
    ssize_t got = getrandom((u8 *)at(address) + filled, length - filled, 0);
    if (got > 0) filled += (u32)got;
    else if (errno == EFAULT) trap("memory access out of bounds", "random.fill");
    else if (errno != EINTR) trap("no source of random numbers", "random.fill");
  }
}
