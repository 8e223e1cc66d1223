/* What machine.h's checks call, and the place of a counter in the code. */
#include <linux/module.h>

#include "module.h"

/*
 * First in the module's code, since this file is the first that is linked: counters are told from here on,
 * wherever the kernel has put the module.
 */
u64 code_counter(u64 address) {
  u64 start = (u64)code_counter;
  if (!within_module_core(address, THIS_MODULE) || address < start) return 0;
  return address - start;
}

void memory_fault(u64 address) {
  const char *cause = address < 65536 ? "null reference" : "memory access out of bounds";
  trap_counter(cause, code_counter((u64)__builtin_return_address(0) - 1));
}

void stack_fault(void) {
  trap_counter("stack exhausted", code_counter((u64)__builtin_return_address(0) - 1));
}

/* Nothing of the machine's faults is the program's: all that could be one is checked. */
void trap_open(void) {}

/* message.c has it by this name (kbuild.ts): only strings that are in the memory are read. */
_Noreturn void message_abort(u32 message, u32 file, u32 line, u32 column);

static u32 checked(u32 string) {
  if (string == 0) return 0;
  range(string - 4, 4);
  range(string, *(const u32 *)at(string - 4));
  return string;
}

void env_abort(u32 message, u32 file, u32 line, u32 column) {
  message_abort(checked(message), checked(file), line, column);
}
