/* What the files of this runtime share besides the host calls. */
#ifndef XEN_H
#define XEN_H

#include "unipkg.h"

/* The kernel's addresses are physical ones plus this. */
#define BASE 0xffffffff80000000ull

static inline void out8(u16 port, u8 value) { __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port)); }
static inline void out16(u16 port, u16 value) { __asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port)); }
static inline void out32(u16 port, u32 value) { __asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port)); }
static inline u8 in8(u16 port) {
  u8 value;
  __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
  return value;
}
static inline u64 read_msr(u32 number) {
  u32 low, high;
  __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(number));
  return (u64)high << 32 | low;
}
static inline void write_msr(u32 number, u64 value) {
  __asm__ volatile("wrmsr" : : "c"(number), "a"((u32)value), "d"((u32)(value >> 32)));
}
static inline u64 time_stamp(void) {
  u32 low, high;
  __asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
  return (u64)high << 32 | low;
}

struct cpuid {
  u32 a, b, c, d;
};
static inline struct cpuid cpuid(u32 leaf, u32 subleaf) {
  struct cpuid result;
  __asm__ volatile("cpuid"
                   : "=a"(result.a), "=b"(result.b), "=c"(result.c), "=d"(result.d)
                   : "a"(leaf), "c"(subleaf));
  return result;
}

/* memory.c: the final page tables, from the memory map of hvm_start_info. Once, before memory_open. */
void memory_map(u64 start_info);
/* The local APIC's registers, at an address of their own. */
extern volatile u32 *const apic;
/*
 * Registers of devices, at addresses of their own: MMIO_TRANSPORTS places of 512 bytes where QEMU's
 * microvm puts virtio devices, and the two I/O APICs that their interrupts come through
 * (https://www.qemu.org/docs/master/system/i386/microvm.html; hw/i386/microvm.c, include/hw/i386/microvm.h).
 */
enum { MMIO_TRANSPORTS = 24, MMIO_TRANSPORT_SIZE = 512, IO_APICS = 2 };
extern volatile u8 *const mmio_transports;
extern volatile u32 *const io_apics[IO_APICS];

/* The page that Xen's console reads, at an address of its own. */
extern volatile u8 *const hypervisor_console;
/* Frame of physical memory that a page of the linear memory is in. */
u64 memory_frame(u32 address);
/* Puts another frame at a page of the linear memory; answers with the one before. */
u64 memory_exchange(u32 address, u64 frame);

/*
 * event.c: what else there is to wait for. Writes the records of what has happened since it was asked last, and
 * says how many. Asked before the processor sleeps, too: whatever happens after it answered 0 must interrupt.
 */
typedef u32 (*event_source)(struct record *records);
/* Kinds of devices that have one; each tells of no more than its share of the records. */
enum { EVENT_SOURCES = 4 };
/* Adds a source, once. */
void event_add_source(event_source source);
/* On Xen, whoever has event channels sees to the sleep until one of them is pending. */
void event_sleep_by(void (*sleep)(u64 deadline));

/* Where each kind of device's handles begin: records tell of a handle, not of its kind. */
enum { NET_HANDLES = 0, BLOCK_HANDLES = 16, CHANNEL_HANDLES = 64 };

/* console.c: the serial port at first; on Xen its ring, once that is mapped. */
void console_open(void);
void console_attach(volatile void *page);
/* Waits until all that was written has been read. */
void console_close(void);

/* clock.c: measures the time stamp counter and the APIC's timer. */
void clock_open(void);
/* APIC timer ticks in a number of nanoseconds, at most 32 bits of them, at least 1. */
u32 clock_apic_ticks(u64 nanoseconds);

/* trap.c: interrupt vectors. Those of the timer and of devices only wake the processor. */
enum { TIMER_VECTOR = 32, DEVICE_VECTOR = 33, SPURIOUS_VECTOR = 47 };

#endif
