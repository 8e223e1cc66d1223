/*
 * Xen 4.17 as a PVH guest sees it. Numbers and layouts are those of its public headers (xen/include/public, in Debian's libxen-dev),
 * each named where it is used.
 */
#ifndef HYPERVISOR_H
#define HYPERVISOR_H

#include "xen.h"

/* xen.h: __HYPERVISOR_*. */
enum { MEMORY_OP = 12, GRANT_TABLE_OP = 20, SCHED_OP = 29, EVENT_CHANNEL_OP = 32, HVM_OP = 34 };

/* Whether Xen is there: asked of the processor once, by hypervisor_detect. */
extern u8 hypervisor_present;
void hypervisor_detect(void);

/* Calls Xen: 0 or more, or an error below 0. Only where it is present. */
long hypercall(u64 operation, u64 a, u64 b, u64 c);
#define DOMID_SELF 0x7ff0 /* xen.h */

/* hvm/params.h: HVM_PARAM_*. */
enum { CALLBACK_IRQ = 0, STORE_FRAME = 1, STORE_PORT = 2, CONSOLE_FRAME = 17, CONSOLE_PORT = 18 };
u64 hypervisor_parameter(u32 index);

/* memory.h: XENMAPSPACE_*. Has Xen put a page of its own in the place of one of the kernel's; false when it refuses. */
enum { SHARED_INFO = 0, GRANT_TABLE = 1 };
int hypervisor_place(u32 space, u64 index, const volatile void *page);

/* xen.h: struct vcpu_time_info, struct shared_info, for the one processor that we have. */
struct time_info {
  u32 version, reserved;
  u64 time_stamp, system_time;
  u32 multiplier;
  int8_t shift;
  u8 flags, reserved2[2];
};
/* The whole page, so that nothing else is in it when it is replaced. */
struct __attribute__((aligned(4096))) shared_info {
  u8 upcall_pending, upcall_mask;
  u64 pending_selector;
  u64 architecture[2];
  struct time_info time;
  u8 other_processors[31 * 64];
  volatile u64 pending[64], mask[64];
  u32 wall_version, wall_seconds, wall_nanoseconds, wall_seconds_high;
};
extern volatile struct shared_info shared_info;

/* From here on shared_info is Xen's. */
void hypervisor_open(void);

/* Sleeps until an event channel of ours is pending or the clock is at `deadline` (0: never). */
void hypervisor_sleep(const u32 *ports, u32 count, u64 deadline);

/* event_channel.h: EVTCHNOP_send. */
void hypervisor_notify(u32 port);
/* Whether a port was notified since it was asked last. */
int hypervisor_take(u32 port);

/* sched.h: SHUTDOWN_*. */
enum { POWER_OFF = 0, CRASH = 3 };
_Noreturn void hypervisor_shutdown(u32 reason);

#endif
