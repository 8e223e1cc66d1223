/*
 * The linear memory: 8 GiB of reserved addresses from 0 on, of which the grown part is usable, so that
 * 32 bits of address and 32 of offset meet either the program's own memory or a fault.
 *
 * An address of the program is an address of the machine. Linux maps nothing below vm.mmap_min_addr,
 * and neither do we: the first 64 KiB are the null page of docs/abi.md.
 */
#include <elf.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "unipkg.h"

enum { PAGE = 65536 };
#define WINDOW (8ull << 30)

u32 memory_pages = 0;

u32 memory_grow(u32 pages) {
  u32 before = memory_pages;
  if (pages > image_maximum_pages - before) return 0xffffffff;
  /* Page 0 stays out of reach. */
  u64 start = before == 0 ? PAGE : (u64)before * PAGE;
  u64 end = (u64)(before + pages) * PAGE;
  if (end > start && mprotect((void *)(MEMORY + start), end - start, PROT_READ | PROT_WRITE) != 0) {
    return 0xffffffff;
  }
  memory_pages = before + pages;
  return before;
}

/* Offset in the executable file of something that the loader mapped from it. */
extern const Elf64_Ehdr __ehdr_start;
static u64 file_offset(const void *mapped) {
  const u8 *base = (const u8 *)&__ehdr_start;
  const Elf64_Phdr *header = (const void *)(base + __ehdr_start.e_phoff);
  u64 address = (u64)((const u8 *)mapped - base);
  for (int i = 0; i < __ehdr_start.e_phnum; i++, header++) {
    if (header->p_type == PT_LOAD && address - header->p_vaddr < header->p_filesz) {
      return address - header->p_vaddr + header->p_offset;
    }
  }
  return 0;
}

/* Maps the blob privately from the executable: no file is read before the program looks at it. */
static int map_blob(void) {
  u64 offset = file_offset(image_blob);
  int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  if (offset == 0 || offset % 4096 != 0 || file < 0) return 0;
  void *wanted = at(image_blob_address);
  void *got = mmap(wanted, image_blob_length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, file,
                   (off_t)offset);
  close(file);
  if (got != wanted) return 0;
  /* The file goes on after the blob, memory does not. */
  u32 tail = (4096 - image_blob_length % 4096) % 4096;
  memset((u8 *)got + image_blob_length, 0, tail);
  return 1;
}

void memory_open(void) {
  void *wanted = at(PAGE);
  void *got = mmap(wanted, WINDOW - PAGE, PROT_NONE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
  if (got != wanted || memory_grow(image_minimum_pages) != 0) {
    trap("the addresses from 65536 to 8 GiB cannot be had (vm.mmap_min_addr, ulimit -v)", "start");
  }
  if (image_blob_length > 0 && !map_blob()) {
    memcpy(at(image_blob_address), image_blob, image_blob_length);
  }
  /* After the blob: its last page is shared with what follows. */
  image_place_data();
}
