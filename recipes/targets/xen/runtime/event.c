/* docs/abi.md, event: the processor sleeps until the APIC's timer or a device wakes it. */
#include "xen.h"

enum { APIC_TIMER = 0x320 / 4, APIC_INITIAL = 0x380 / 4 };

/*
 * Tells the status to QEMU's isa-debug-exit, which ends with (value << 1) | 1; linker/native/qemu.ts
 * reads it. Seven bits arrive: 0 is QEMU's own failure, 1 to 125 are status 0 to 124, 127 is 134, and
 * 126 stands for all others.
 */
void event_exit(u32 status) {
  out32(0xf4, status < 125 ? status + 1 : status == 134 ? 127 : 126);
  out16(0x604, 0x2000); /* ACPI of QEMU's larger machines: power off */
  for (;;) __asm__ volatile("cli; hlt"); /* Xen ends a guest whose last processor does this. */
}

/* A pointer, so that a program that uses no device has no driver in its image. */
static event_source source = NULL;

void event_add_source(event_source added) { source = added; }

u32 event_wait(u64 deadline, struct record *records) {
  for (;;) {
    u32 told = source == NULL ? 0 : source(records);
    u64 now = clock_monotonic();
    if (told > 0 || deadline <= now) return told;
    if (deadline != NEVER) {
      apic[APIC_TIMER] = TIMER_VECTOR; /* once */
      apic[APIC_INITIAL] = clock_apic_ticks(deadline - now);
    }
    /*
     * Interrupts are open only while asleep: none comes between `sti` and `hlt`, and one that came
     * since the source was asked waits in the APIC and wakes at once.
     */
    __asm__ volatile("sti; hlt; cli" : : : "memory");
  }
}
