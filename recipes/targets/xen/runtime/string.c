/* What the compiler expects of a C library. Sixteen bytes at a time, ends overlapping. */
#include "unipkg.h"

typedef u64 __attribute__((vector_size(16), aligned(1), may_alias)) block;
typedef u64 __attribute__((aligned(1), may_alias)) word64;
typedef u32 __attribute__((aligned(1), may_alias)) word32;
typedef u16 __attribute__((aligned(1), may_alias)) word16;

/* Up to 16 bytes: all is read before anything is written, so that overlap does not matter. */
static inline __attribute__((always_inline)) void move_few(u8 *to, const u8 *from, size_t length) {
  if (length >= 8) {
    u64 first = *(const word64 *)from, last = *(const word64 *)(from + length - 8);
    *(word64 *)to = first;
    *(word64 *)(to + length - 8) = last;
  } else if (length >= 4) {
    u32 first = *(const word32 *)from, last = *(const word32 *)(from + length - 4);
    *(word32 *)to = first;
    *(word32 *)(to + length - 4) = last;
  } else if (length >= 2) {
    u16 first = *(const word16 *)from, last = *(const word16 *)(from + length - 2);
    *(word16 *)to = first;
    *(word16 *)(to + length - 2) = last;
  } else if (length == 1) {
    *to = *from;
  }
}

void *memmove(void *to, const void *from, size_t length) {
  u8 *target = to;
  const u8 *source = from;
  if (length <= 16) {
    move_few(target, source, length);
  } else if ((u64)(target - source) >= length) {
    /* Forward: the target does not begin within the source. */
    block last = *(const block *)(source + length - 16);
    u8 *end = target + length - 16;
    for (; target < end; target += 16, source += 16) *(block *)target = *(const block *)source;
    *(block *)end = last;
  } else {
    block first = *(const block *)source;
    for (; length > 16; length -= 16) {
      *(block *)(target + length - 16) = *(const block *)(source + length - 16);
    }
    *(block *)target = first;
  }
  return to;
}

void *memcpy(void *to, const void *from, size_t length) { return memmove(to, from, length); }

void *memset(void *to, int value, size_t length) {
  u8 *target = to;
  u64 word = (u8)value * 0x0101010101010101ull;
  if (length >= 16) {
    block all = {word, word};
    u8 *end = target + length - 16;
    for (; target < end; target += 16) *(block *)target = all;
    *(block *)end = all;
  } else if (length >= 8) {
    *(word64 *)target = word;
    *(word64 *)(target + length - 8) = word;
  } else {
    for (size_t i = 0; i < length; i++) ((volatile u8 *)target)[i] = (u8)value;
  }
  return to;
}

int memcmp(const void *a, const void *b, size_t length) {
  const u8 *left = a, *right = b;
  for (; length > 0; length--, left++, right++) {
    if (*left != *right) return *left - *right;
  }
  return 0;
}
