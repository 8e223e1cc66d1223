/*
 * The linear memory: one range of the kernel's addresses, had whole from the start, so that its size is
 * the bound that the module's parameter `memory` gives, and no address ever moves.
 *
 * There is memory from the program's address 65536 on; below is the null page of docs/abi.md.
 */
#include <linux/cache.h>
#include <linux/vmalloc.h>

#include "module.h"

enum { PAGE = 65536, PAGES_PER_MEBIBYTE = 16, USUAL = 16 };

/* What machine.h shows to all others as constants. */
u64 base_to_be __asm__("memory_base") __ro_after_init = 0;
u64 limit_to_be __asm__("memory_limit") __ro_after_init = PAGE;

u32 memory_pages = 0;

/* Pages that the program can grow to. */
static u32 page_limit = 0;

bool memory_allocate(unsigned int mebibytes) {
  u64 pages = mebibytes != 0 ? (u64)mebibytes * PAGES_PER_MEBIBYTE
                             : image_minimum_pages + USUAL * PAGES_PER_MEBIBYTE;
  page_limit = pages < image_maximum_pages ? (u32)pages : image_maximum_pages;
  if (page_limit < image_minimum_pages || page_limit < 2) return false;
  u8 *memory = vzalloc((u64)(page_limit - 1) * PAGE);
  if (memory == NULL) return false;
  base_to_be = (u64)memory - PAGE;
  limit_to_be = (u64)page_limit * PAGE;
  return true;
}

void memory_free(void) { vfree((void *)(base_to_be + PAGE)); }

u32 memory_grow(u32 pages) {
  u32 before = memory_pages;
  if (pages > page_limit - before) return 0xffffffff;
  memory_pages = before + pages;
  return before;
}

void memory_open(void) {
  memory_grow(image_minimum_pages);
  memcpy((void *)(base_to_be + image_blob_address), image_blob, image_blob_length);
  image_place_data();
}
