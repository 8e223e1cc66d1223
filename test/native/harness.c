/*
 * Runs the cases of a differential test: `start(n)` for n from 0 on, in the real runtime's memory. A
 * trap ends a case, not the program. Prints a line for each: its number, and the result or the cause.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "unipkg.h"

static sigjmp_buf back;
static const char *cause;

_Noreturn void trap(const char *what, const char *where) {
  cause = what;
  siglongjmp(back, 1);
}

static void on_fault(int signal) { trap("memory access out of bounds", ""); }

int main(int count, char **arguments) {
  static unsigned char stack[65536];
  sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack}, NULL);
  struct sigaction action = {.sa_handler = on_fault, .sa_flags = SA_ONSTACK};
  sigaction(SIGSEGV, &action, NULL);
  memory_open();
  image_initialize();
  int cases = atoi(arguments[1]);
  for (int n = 0; n < cases; n++) {
    if (sigsetjmp(back, 1) == 0) printf("%d %016llx\n", n, (unsigned long long)image_start((u64)n));
    else printf("%d trap: %s\n", n, cause);
  }
  return 0;
}
