/* Faults of the processor, each of which ends the image; and interrupts of timer and devices, which wake it. */
#include "xen.h"

/* One entry of 9 bytes for each exception that there is (Intel SDM, volume 3, 6.15): pushes an error code where the processor does not. */
__asm__(
    ".pushsection .text.trap, \"ax\"\n"
    "trap_entries:\n"
    ".set vector, 0\n"
    ".rept 22\n"
    "  .if !((vector == 8) | ((vector >= 10) & (vector <= 14)) | (vector == 17) | (vector == 21))\n"
    "    push $0\n"
    "  .endif\n"
    "  push $vector\n"
    "  jmp trap_common\n"
    "  .set vector, vector + 1\n"
    "  .org trap_entries + 9 * vector\n"
    ".endr\n"
    "trap_common:\n"
    "  pop %rdi\n" /* vector */
    "  pop %rsi\n" /* error code */
    "  mov (%rsp), %rdx\n" /* program counter */
    "  mov 24(%rsp), %rcx\n" /* stack pointer */
    "  cld\n"
    "  and $-16, %rsp\n"
    "  call on_fault\n"
    /* The end of an interrupt is told to the APIC; nothing else is to do, and no register is touched. */
    "wake_entry:\n"
    "  movl $0, 0xfffffffffffff0b0\n"
    "spurious_entry:\n"
    "  iretq\n"
    ".popsection\n");
extern const u8 trap_entries[], wake_entry[], spurious_entry[];

extern u8 stack_guard[], text_start[], rodata_start[], data_start[];

/* Intel SDM, volume 3, 4.7: bits of a page fault's error code. */
enum { WRITE = 2, FETCH = 16 };

u64 code_counter(u64 address) {
  return address - (u64)text_start < (u64)(rodata_start - text_start) ? address : 0;
}

__attribute__((used)) static _Noreturn void on_fault(u64 vector, u64 error, u64 counter, u64 stack) {
  u64 address;
  __asm__("mov %%cr2, %0" : "=r"(address));
  switch (vector) {
    case 0:
      trap_counter("arithmetic fault", counter);
    case 6:
      /* UD2 is what the program's unreachable places are made of (linker/native/prelude.ts). */
      trap_counter(*(const u16 *)counter == 0x0b0f ? "unreachable" : "illegal instruction", counter);
    case 13:
      trap_counter("general protection fault", counter);
    case 14:
      if (address < 65536) trap_counter("null reference", counter);
      if (error & FETCH) trap_counter("execution of data", counter);
      if (address < 8ull << 30) trap_counter("memory access out of bounds", counter);
      if (address - (u64)stack_guard < 4096) trap_counter("stack exhausted", counter);
      if (error & WRITE && code_counter(address) != 0) trap_counter("write to code", counter);
      if (error & WRITE && address - (u64)rodata_start < (u64)(data_start - rodata_start)) {
        trap_counter("write to constants", counter);
      }
      trap_counter("page fault", counter);
    case 8:
      trap_counter("double fault", counter);
    default:
      trap_counter("processor exception", counter);
  }
}

/* Every fault has a stack of its own, since the fault may be that there is none left. */
static u8 fault_stack[4096] __attribute__((aligned(16)));
static u8 double_fault_stack[4096] __attribute__((aligned(16)));

static struct __attribute__((packed)) {
  u32 reserved;
  u64 stacks[3];
  u64 reserved2;
  u64 fault_stacks[7];
  u64 reserved3;
  u16 reserved4, port_map;
} task_state;

static u64 segments[5] = {0, 0x00af9a000000ffff, 0x00cf92000000ffff};

static struct {
  u64 low, high;
} gates[SPURIOUS_VECTOR + 1];

struct __attribute__((packed)) pointer {
  u16 limit;
  u64 address;
};

/* An interrupt gate of ring 0. */
static void gate(u32 vector, const u8 *entry, u64 stack) {
  u64 address = (u64)entry;
  gates[vector].low =
      (address & 0xffff) | 8 << 16 | stack << 32 | 0x8eull << 40 | (address >> 16 & 0xffff) << 48;
  gates[vector].high = address >> 32;
}

void trap_open(void) {
  task_state.fault_stacks[0] = (u64)(fault_stack + sizeof fault_stack);
  task_state.fault_stacks[1] = (u64)(double_fault_stack + sizeof double_fault_stack);
  task_state.port_map = sizeof task_state;
  u64 task = (u64)&task_state;
  segments[3] = (sizeof task_state - 1) | (task & 0xffffff) << 16 | 0x89ull << 40 | (task >> 24 & 0xff) << 56;
  segments[4] = task >> 32;
  struct pointer table = {sizeof segments - 1, (u64)segments};
  __asm__ volatile("lgdt %0" : : "m"(table));
  __asm__ volatile("ltr %w0" : : "r"(24));

  for (u32 vector = 0; vector < 22; vector++) gate(vector, trap_entries + vector * 9, vector == 8 ? 2 : 1);
  gate(TIMER_VECTOR, wake_entry, 0);
  gate(DEVICE_VECTOR, wake_entry, 0);
  gate(SPURIOUS_VECTOR, spurious_entry, 0);
  struct pointer vectors = {sizeof gates - 1, (u64)gates};
  __asm__ volatile("lidt %0" : : "m"(vectors));
  /* The old interrupt controllers stay silent. */
  out8(0x21, 0xff);
  out8(0xa1, 0xff);
}
