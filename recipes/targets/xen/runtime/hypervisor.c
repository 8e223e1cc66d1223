/* Xen: found, called, and what it shares with every guest. Without Xen only hypervisor_detect may be called. */
#include "hypervisor.h"

u8 hypervisor_present = 0;

/*
 * A hypercall is one instruction, whose name depends on the maker of the processor. Not by the hypercall page, which Xen writes code
 * into: Xen's own advisory XSA-466 asks guests to do without it.
 */
static u8 by_vmmcall;

void hypervisor_detect(void) {
  if ((cpuid(1, 0).c >> 31) == 0) return;
  /* arch-x86/cpuid.h: XEN_CPUID_SIGNATURE, at 0x40000000 or, beside another hypervisor's leaves, a multiple of 0x100 above. */
  for (u32 base = 0x40000000; base < 0x40010000; base += 0x100) {
    struct cpuid id = cpuid(base, 0);
    if (id.b == 0x566e6558 && id.c == 0x65584d4d && id.d == 0x4d4d566e) hypervisor_present = 1;
    if (hypervisor_present) break;
  }
  struct cpuid maker = cpuid(0, 0);
  by_vmmcall = maker.c == 0x444d4163 /* AuthenticAMD */ || maker.c == 0x656e6975 /* HygonGenuine */;
}

/* arch-x86/xen-x86_64.h: number in rax, arguments in rdi, rsi, rdx. */
long hypercall(u64 operation, u64 a, u64 b, u64 c) {
  long result;
  if (by_vmmcall) {
    __asm__ volatile("vmmcall" : "=a"(result), "+D"(a), "+S"(b), "+d"(c) : "0"(operation) : "r8", "r10", "memory");
  } else {
    __asm__ volatile("vmcall" : "=a"(result), "+D"(a), "+S"(b), "+d"(c) : "0"(operation) : "r8", "r10", "memory");
  }
  return result;
}

/* hvm/hvm_op.h: struct xen_hvm_param, HVMOP_set_param and HVMOP_get_param. */
struct parameter {
  u16 domain, reserved;
  u32 index;
  u64 value;
};
enum { SET_PARAMETER = 0, GET_PARAMETER = 1 };

u64 hypervisor_parameter(u32 index) {
  struct parameter parameter = {DOMID_SELF, 0, index, 0};
  return hypercall(HVM_OP, GET_PARAMETER, (u64)&parameter, 0) == 0 ? parameter.value : 0;
}

/* memory.h: XENMEM_add_to_physmap, struct xen_add_to_physmap. */
int hypervisor_place(u32 space, u64 index, const volatile void *page) {
  struct {
    u16 domain, size;
    u32 space;
    u64 index, frame;
  } request = {DOMID_SELF, 0, space, index, ((u64)page - BASE) >> 12};
  return hypercall(MEMORY_OP, 7, (u64)&request, 0) == 0;
}

volatile struct shared_info shared_info;

void hypervisor_open(void) {
  if (!hypervisor_place(SHARED_INFO, 0, &shared_info)) trap("Xen does not give its shared page", "start");
  /*
   * No interrupts: events are waited for by SCHEDOP_poll. That it is set at all has Xen take us for the 64-bit guest that we are by now
   * (hvm_latch_shinfo_size in xen/arch/x86/hvm/hvm.c).
   */
  struct parameter none = {DOMID_SELF, 0, CALLBACK_IRQ, 0};
  hypercall(HVM_OP, SET_PARAMETER, (u64)&none, 0);
}

void hypervisor_sleep(const u32 *ports, u32 count, u64 deadline) {
  struct {
    const u32 *ports;
    u32 count;
    u64 timeout;
  } poll = {ports, count, deadline};
  hypercall(SCHED_OP, 3, (u64)&poll, 0); /* sched.h: SCHEDOP_poll, struct sched_poll */
}

void hypervisor_notify(u32 port) { hypercall(EVENT_CHANNEL_OP, 4, (u64)&port, 0); }

int hypervisor_take(u32 port) {
  volatile u64 *word = &shared_info.pending[port / 64];
  if (!(*word >> port % 64 & 1)) return 0;
  __asm__ volatile("lock btrq %1, %0" : "+m"(*word) : "r"((u64)(port % 64)) : "memory");
  return 1;
}

void hypervisor_shutdown(u32 reason) {
  for (;;) hypercall(SCHED_OP, 2, (u64)&reason, 0); /* SCHEDOP_shutdown */
}
