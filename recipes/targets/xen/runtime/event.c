/* docs/abi.md, event: the processor sleeps until a timer or a device wakes it. */
#include "hypervisor.h"

enum { APIC_TIMER = 0x320 / 4, APIC_INITIAL = 0x380 / 4 };

/*
 * On Xen a domain that fails is a crash, which its configuration can answer (on_crash). Elsewhere the status goes to QEMU's
 * isa-debug-exit, which ends with (value << 1) | 1; linker/native/qemu.ts reads it. Seven bits arrive: 0 is QEMU's own failure, 1 to 125
 * are status 0 to 124, 127 is 134, and 126 stands for all others.
 */
void event_exit(u32 status) {
  console_close();
  if (hypervisor_present) hypervisor_shutdown(status == 0 ? POWER_OFF : CRASH);
  out32(0xf4, status < 125 ? status + 1 : status == 134 ? 127 : 126);
  out16(0x604, 0x2000); /* ACPI of QEMU's larger machines: power off */
  for (;;) __asm__ volatile("cli; hlt");
}

/* Pointers, so that a program that uses no device has no driver in its image. */
static event_source sources[EVENT_SOURCES];
static void (*sleep_on_xen)(u64 deadline) = NULL;

void event_add_source(event_source added) {
  u32 place = 0;
  while (sources[place] != NULL && sources[place] != added) place++;
  sources[place] = added;
}

void event_sleep_by(void (*sleep)(u64 deadline)) { sleep_on_xen = sleep; }

static void sleep_until(u64 deadline, u64 now) {
  if (sleep_on_xen != NULL) {
    sleep_on_xen(deadline);
  } else if (hypervisor_present) {
    hypervisor_sleep(NULL, 0, deadline == NEVER ? 0 : deadline);
  } else {
    if (deadline != NEVER) {
      apic[APIC_TIMER] = TIMER_VECTOR; /* once */
      apic[APIC_INITIAL] = clock_apic_ticks(deadline - now);
    }
    /*
     * Interrupts are open only while asleep: none comes between `sti` and `hlt`, and one that came
     * since the sources were asked waits in the APIC and wakes at once.
     */
    __asm__ volatile("sti; hlt; cli" : : : "memory");
  }
}

u32 event_wait(u64 deadline, struct record *records) {
  for (;;) {
    u32 told = 0;
    for (u32 i = 0; i < EVENT_SOURCES && sources[i] != NULL; i++) told += sources[i](records + told);
    u64 now = clock_monotonic();
    if (told > 0 || deadline <= now) return told;
    sleep_until(deadline, now);
  }
}
