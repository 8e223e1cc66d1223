/* docs/abi.md, grant: pages that other domains may use, and theirs that we may (grant_table.h, version 1). */
#include "hypervisor.h"

struct entry {
  volatile u16 flags;
  u16 domain;
  u32 frame;
};
enum { PERMIT = 1, READ_ONLY = 4, READING = 8, WRITING = 16 };

enum { PAGE = 4096, TABLE_PAGES = 4, ENTRIES = TABLE_PAGES * PAGE / sizeof(struct entry) };
/* GNTTAB_NR_RESERVED_ENTRIES: the tool stack's. */
enum { RESERVED = 8 };

static struct entry table[ENTRIES] __attribute__((aligned(4096)));
/* References that were given back, and the first that was never given. */
static u16 returned[ENTRIES];
static u32 returned_count, fresh = 0;

/* Has Xen put its table in the place of ours: at the first use, so that an image without grants has none. */
static int open_table(void) {
  if (fresh != 0) return 1;
  if (!hypervisor_present) return 0;
  for (u32 i = 0; i < TABLE_PAGES; i++) {
    if (!hypervisor_place(GRANT_TABLE, i, (u8 *)table + i * PAGE)) return 0;
  }
  fresh = RESERVED;
  return 1;
}

u32 grant_give(u32 domain, u32 address, u32 read_only) {
  if (address % PAGE != 0) return (u32)INVALID;
  if (!open_table()) return (u32)UNREACHABLE;
  if (returned_count == 0 && fresh == ENTRIES) return (u32)EXHAUSTED;
  u32 reference = returned_count > 0 ? returned[--returned_count] : fresh++;
  table[reference].domain = (u16)domain;
  table[reference].frame = (u32)memory_frame(address);
  __asm__ volatile("" : : : "memory");
  table[reference].flags = PERMIT | (read_only ? READ_ONLY : 0);
  return reference;
}

u32 grant_revoke(u32 reference) {
  if (reference < RESERVED || reference >= fresh) return (u32)INVALID;
  struct entry *entry = &table[reference];
  /* Only if nobody has it mapped at this very moment ("Invalidating an unused GTF_permit_access entry"). */
  u16 expected = (u16)(entry->flags & (PERMIT | READ_ONLY));
  if (expected == 0) return (u32)INVALID;
  if (!__atomic_compare_exchange_n(&entry->flags, &expected, 0, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
    return (u32)IN_USE;
  }
  returned[returned_count++] = (u16)reference;
  return 0;
}

/*
 * Frames without memory behind them, for the pages of others: below 4 GiB, where a PVH domain has no RAM
 * (tools/libs/light/libxl_x86.c; hvm/hvm_info_table.h, HVM_BELOW_4G_MMIO_START).
 */
enum { FIRST_FRAME = 0xf0000, MAPPINGS = 64 };
static struct mapping {
  u32 address; /* 0: free */
  u32 handle;
  u64 own_frame;
} mappings[MAPPINGS];

enum { MAP_GRANT = 0, UNMAP_GRANT = 1, HOST_MAP = 2 };

u32 grant_map(u32 domain, u32 reference, u32 address) {
  if (!hypervisor_present) return (u32)UNREACHABLE;
  if (address % PAGE != 0 || address == 0) return (u32)INVALID;
  u32 place = 0;
  while (place < MAPPINGS && mappings[place].address != 0) {
    if (mappings[place++].address == address) return (u32)IN_USE;
  }
  if (place == MAPPINGS) return (u32)EXHAUSTED;
  u64 frame = FIRST_FRAME + place;
  struct {
    u64 host_address;
    u32 flags, reference;
    u16 domain;
    int16_t status;
    u32 handle;
    u64 bus_address;
  } request = {frame * PAGE, HOST_MAP, reference, (u16)domain, 0, 0, 0};
  if (hypercall(GRANT_TABLE_OP, MAP_GRANT, (u64)&request, 1) != 0 || request.status != 0) return (u32)DENIED;
  mappings[place] = (struct mapping){address, request.handle, memory_exchange(address, frame)};
  return 0;
}

u32 grant_unmap(u32 address) {
  for (u32 place = 0; place < MAPPINGS && address != 0; place++) {
    struct mapping *mapping = &mappings[place];
    if (mapping->address != address) continue;
    memory_exchange(address, mapping->own_frame);
    struct {
      u64 host_address, bus_address;
      u32 handle;
      int16_t status;
    } request = {(FIRST_FRAME + place) * (u64)PAGE, 0, mapping->handle, 0};
    hypercall(GRANT_TABLE_OP, UNMAP_GRANT, (u64)&request, 1);
    mapping->address = 0;
    return 0;
  }
  return (u32)INVALID;
}
