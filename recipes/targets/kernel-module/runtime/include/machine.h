/*
 * Included before everything else, the translated program too: where the linear memory is, and what is checked.
 *
 * On other targets a stray address is a fault of the machine. Here that fault would be the kernel's, so
 * each access is checked, and each function looks whether there is stack left: what goes wrong ends the
 * program and nothing else. Rounds of loops, and functions that may call themselves, look whether the kernel
 * wants something of the thread: a program that computes without end neither keeps a processor nor stays for ever.
 */
#ifndef UNIPKG_MACHINE_H
#define UNIPKG_MACHINE_H

#include <linux/compiler.h>
#include <linux/thread_info.h>
#include <linux/types.h>

/*
 * Set once, before the program runs (by another name, in memory.c and main.c): constant for all who read
 * them, so that the compiler may keep them in registers.
 */
extern const u64 memory_base, memory_limit, stack_limit;

/* Flags of the program's thread, written by the kernel at any time. */
extern const volatile unsigned long *const thread_flags;

#define MEMORY memory_base

/* An access outside of the memory, or below 64 KiB; `address` is the program's. */
_Noreturn void memory_fault(u64 address);
_Noreturn void stack_fault(void);

/* Lets others have the processor; ends the program when it is to end. */
void attend(void);

/* One comparison for both ends: addresses below 64 KiB wrap round to above everything. */
static inline __attribute__((always_inline)) u64 memory_place(u64 address, u64 size) {
  if (unlikely(address - 65536 > memory_limit - 65536 - size)) memory_fault(address);
  return memory_base + address;
}
#define AT(type, address, offset) (*(type *)memory_place((u64)(address) + offset##ull, sizeof(type)))

/* At the start of each function of the program. */
#define ENTER                                                     \
  do {                                                            \
    u64 stack_here;                                               \
    __asm__ volatile("mov %%rsp, %0" : "=r"(stack_here));         \
    if (unlikely(stack_here < stack_limit)) stack_fault();        \
  } while (0);

/* In each round of a loop, and in each function that may call itself. */
#define REPEAT                                                                        \
  do {                                                                                \
    if (unlikely(*thread_flags & (_TIF_NEED_RESCHED | _TIF_SIGPENDING))) attend();    \
  } while (0)

#endif
