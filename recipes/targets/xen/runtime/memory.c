/*
 * Page tables, made once at start and then only added to as the program's memory grows:
 *
 *   0            64 KiB                4 GiB      8 GiB           BASE      TABLES     DEVICES … APIC
 *   ├ unmapped ──┼─ linear memory ─────┼ unmapped ┼── unmapped ───┼ kernel ─┼ tables ──┼─ registers ─┤
 *
 * Nothing is both writable and executable. An address of the program is an address of the machine, as
 * on unix: what its 32 bits of address and 32 of offset reach is its own memory or a fault.
 */
#include "hypervisor.h"

enum { PAGE = 4096, WASM_PAGE = 65536 };
#define PRESENT 1ull
#define WRITABLE_PAGE 2ull
#define UNCACHED 0x18ull
#define NO_EXECUTE (1ull << 63)
#define ADDRESS 0x000ffffffffff000ull

/* Where the tables of the linear memory are seen once they are in force, and the APIC. */
#define TABLES 0xffffffffc0000000ull
#define APIC 0xfffffffffffff000ull
#define APIC_PHYSICAL 0xfee00000ull
volatile u32 *const apic = (volatile u32 *)APIC;

/* Registers of devices, as xen.h tells of them: virtio transports, then a page for each I/O APIC. */
#define DEVICES 0xffffffffffe00000ull
#define TRANSPORTS_PHYSICAL 0xfeb00000ull
#define IO_APIC_PHYSICAL 0xfec00000ull
#define IO_APIC_DISTANCE 0x10000ull
#define TRANSPORTS_END (DEVICES + MMIO_TRANSPORTS * MMIO_TRANSPORT_SIZE)
volatile u8 *const mmio_transports = (volatile u8 *)DEVICES;
volatile u32 *const io_apics[IO_APICS] = {(volatile u32 *)TRANSPORTS_END,
                                          (volatile u32 *)(TRANSPORTS_END + PAGE)};
/* Xen's console is beyond them. */
#define CONSOLE (TRANSPORTS_END + IO_APICS * PAGE)
volatile u8 *const hypervisor_console = (volatile u8 *)CONSOLE;

u32 memory_pages = 0;

extern u8 text_start[], rodata_start[], data_start[], kernel_end[], devices_end[], stack_guard[];

/* Physical memory for tables is taken from here on. */
static u64 next_table;
/* The entries for the linear memory, one after another: entry `address >> 12`. */
static u64 *const linear_entries = (u64 *)TABLES;
/* Physical memory of the linear memory after the blob. */
static u64 backing;
/* Pages of 64 KiB that there is physical memory for. */
static u32 page_limit;

/* https://xenbits.xen.org/docs/unstable/hypercall/x86_64/include,public,arch-x86,hvm,start_info.h.html */
struct start_info {
  u32 magic, version, flags, modules;
  u64 module_list, command_line, rsdp, memory_map;
  u32 memory_map_entries, reserved;
};
struct memory_range {
  u64 start, size;
  u32 type, reserved;
};
enum { RAM = 1 };

/* Until the final tables are in force, the first GiB of physical memory is at its own addresses. */
static u64 new_tables(u64 count) {
  u64 table = next_table;
  next_table += count * PAGE;
  if (next_table > 1ull << 30) trap("the image is too large", "start");
  __builtin_memset((void *)table, 0, count * PAGE);
  return table;
}

/* The entry for an address: `shift` 12 for the one that names a page, 21 for the one above it. */
static u64 *entry_of(u64 root, u64 address, u32 shift) {
  u64 table = root;
  for (u32 level = 39; level > shift; level -= 9) {
    u64 *entry = (u64 *)table + (address >> level & 511);
    if (*entry == 0) *entry = new_tables(1) | PRESENT | WRITABLE_PAGE;
    table = *entry & ADDRESS;
  }
  return (u64 *)table + (address >> shift & 511);
}

static void map(u64 root, u64 address, u64 end, u64 physical, u64 flags) {
  for (; address != end; address += PAGE, physical += PAGE) {
    *entry_of(root, address, 12) = physical | flags | PRESENT;
  }
}

static u64 round_up(u64 value, u64 unit) { return (value + unit - 1) / unit * unit; }

/* End of the RAM that the kernel was loaded into. */
static u64 memory_end(const struct start_info *info) {
  if (info->magic != 0x336ec578 || info->version < 1) {
    trap("not booted by the PVH protocol with a memory map", "start");
  }
  const struct memory_range *ranges = (const void *)info->memory_map;
  u64 kernel = (u64)kernel_end - BASE;
  for (u32 i = 0; i < info->memory_map_entries; i++) {
    u64 end = ranges[i].start + ranges[i].size;
    if (ranges[i].type == RAM && ranges[i].start < kernel && kernel <= end) return end;
  }
  trap("no memory where the kernel is", "start");
}

/* Of QEMU's machine, or of Xen: neither has the other's. */
static void map_devices(u64 root) {
  if (hypervisor_present) {
    u64 frame = hypervisor_parameter(CONSOLE_FRAME);
    map(root, CONSOLE, CONSOLE + PAGE, frame * PAGE, NO_EXECUTE | WRITABLE_PAGE);
    return;
  }
  u64 registers = NO_EXECUTE | WRITABLE_PAGE | UNCACHED;
  map(root, APIC, APIC + PAGE, APIC_PHYSICAL, registers);
  map(root, DEVICES, TRANSPORTS_END, TRANSPORTS_PHYSICAL, registers);
  for (u64 i = 0; i < IO_APICS; i++) {
    u64 address = (u64)io_apics[i];
    map(root, address, address + PAGE, IO_APIC_PHYSICAL + i * IO_APIC_DISTANCE, registers);
  }
}

/* End of the kernel's own memory. Behind its file is that of drivers of QEMU's devices, which there are none of under Xen. */
static const u8 *drivers_end(void) { return hypervisor_present ? kernel_end : devices_end; }

static u64 blob_end(void) { return image_blob_address + round_up(image_blob_length, PAGE); }

void memory_map(u64 start_info) {
  u64 end = memory_end((const struct start_info *)start_info);
  u64 kernel = (u64)kernel_end - BASE, drivers = (u64)drivers_end() - BASE;
  if (drivers > end) trap("not enough memory for drivers", "start");
  __builtin_memset((void *)kernel, 0, drivers - kernel);
  next_table = drivers;
  u64 root = new_tables(1);
  map(root, (u64)text_start, (u64)rodata_start, (u64)text_start - BASE, 0);
  map(root, (u64)rodata_start, (u64)data_start, (u64)rodata_start - BASE, NO_EXECUTE);
  map(root, (u64)data_start, (u64)stack_guard, (u64)data_start - BASE, NO_EXECUTE | WRITABLE_PAGE);
  u64 stack = (u64)stack_guard + PAGE;
  map(root, stack, (u64)drivers_end(), stack - BASE, NO_EXECUTE | WRITABLE_PAGE);
  map_devices(root);

  u64 span = 512 * PAGE, size = (u64)image_maximum_pages * WASM_PAGE;
  u64 count = round_up(size, span) / span, tables = new_tables(count);
  for (u64 i = 0; i < count; i++) {
    *entry_of(root, i * span, 21) = (tables + i * PAGE) | PRESENT | WRITABLE_PAGE;
  }
  map(root, TABLES, TABLES + count * PAGE, tables, NO_EXECUTE | WRITABLE_PAGE);

  backing = next_table;
  u64 available = backing < end ? (end - backing + blob_end()) / WASM_PAGE : 0;
  page_limit = available < image_maximum_pages ? (u32)available : image_maximum_pages;
  __asm__ volatile("mov %0, %%cr3" : : "r"(root) : "memory");
}

u32 memory_grow(u32 pages) {
  u32 before = memory_pages;
  if (pages > page_limit - before) return 0xffffffff;
  u64 end = (u64)(before + pages) * WASM_PAGE;
  u64 address = before == 0 ? image_blob_address : (u64)before * WASM_PAGE;
  for (; address < end; address += PAGE) {
    int file = address < blob_end();
    u64 physical = file ? (u64)image_blob - BASE + (address - image_blob_address)
                        : backing + (address - blob_end());
    linear_entries[address / PAGE] = physical | PRESENT | WRITABLE_PAGE | NO_EXECUTE;
    if (!file) __builtin_memset((void *)address, 0, PAGE);
  }
  memory_pages = before + pages;
  return before;
}

u64 memory_frame(u32 address) { return (linear_entries[address / PAGE] & ADDRESS) / PAGE; }

u64 memory_exchange(u32 address, u64 frame) {
  u64 before = memory_frame(address);
  linear_entries[address / PAGE] = frame * PAGE | PRESENT | WRITABLE_PAGE | NO_EXECUTE;
  __asm__ volatile("invlpg (%0)" : : "r"((u64)address) : "memory");
  return before;
}

void memory_open(void) {
  if (memory_grow(image_minimum_pages) != 0) {
    trap("not enough memory: the program needs more than there is", "start");
  }
  image_place_data();
}
