/*
 * Faults of the machine, and signals that end the program.
 *
 * A fault knows its program counter only: it is told relative to the image, wherever that was loaded.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <ucontext.h>
#include <unistd.h>

#include "unipkg.h"

extern const u8 __ehdr_start, etext;

u64 code_counter(u64 address) {
  u64 counter = address - (u64)&__ehdr_start;
  return counter < (u64)(&etext - &__ehdr_start) ? counter : 0;
}

static const char *cause_of(int signal, u64 address, u64 stack) {
  if (signal == SIGILL) return "illegal instruction";
  if (signal == SIGFPE) return "arithmetic fault";
  if (address - MEMORY < 65536) return "null reference";
  if (address - MEMORY < (8ull << 30)) return "memory access out of bounds";
  /* The lowest frame may have reached some way past the end of the stack. */
  if (address - stack + 65536 < 131072) return "stack exhausted";
  return "fault";
}

static void on_fault(int signal, siginfo_t *information, void *context) {
  const greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
  const char *cause = cause_of(signal, (u64)information->si_addr, (u64)registers[REG_RSP]);
  trap_counter(cause, code_counter((u64)registers[REG_RIP]));
}

static void on_end(int signal) { _exit(128 + signal); }

void trap_open(void) {
  /* The handler has a stack of its own: the fault may be that there is no stack left. */
  static u8 stack[16384] __attribute__((aligned(16)));
  sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack}, NULL);
  struct sigaction fault = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESETHAND};
  sigaction(SIGSEGV, &fault, NULL);
  sigaction(SIGBUS, &fault, NULL);
  sigaction(SIGFPE, &fault, NULL);
  sigaction(SIGILL, &fault, NULL);
  /* As process 1 of a container these would do nothing by default. */
  struct sigaction ended = {.sa_handler = on_end};
  sigaction(SIGTERM, &ended, NULL);
  sigaction(SIGINT, &ended, NULL);
}
