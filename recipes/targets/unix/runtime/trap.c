/*
 * How an image ends badly: one line on the error stream, and status 134.
 *
 * Traps that the program checks for know their source place. Faults of the machine know the program
 * counter: it is told relative to the image, as `addr2line` and `symbolize` of the linker want it.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "unipkg.h"

static char line[1024];
static u32 used;

static void add(char letter) {
  if (used < sizeof line - 2) line[used++] = letter;
}

static void add_text(const char *text) {
  while (*text != 0) add(*text++);
}

static void add_number(u64 value, u32 base) {
  char digits[20];
  u32 count = 0;
  do digits[count++] = "0123456789abcdef"[value % base];
  while ((value /= base) != 0);
  while (count > 0) add(digits[--count]);
}

/* A string of AssemblyScript: UTF-16, its length in bytes 4 below it. Told as UTF-8. */
static void add_string(u32 string) {
  const u16 *units = at(string);
  u32 length = *(const u32 *)at(string - 4) / 2;
  for (u32 i = 0; i < length; i++) {
    u32 point = units[i];
    if ((point & 0xfc00) == 0xd800 && i + 1 < length && (units[i + 1] & 0xfc00) == 0xdc00) {
      point = 0x10000 + ((point & 0x3ff) << 10) + (units[++i] & 0x3ff);
    }
    if (point < 0x80) {
      add((char)point);
      continue;
    }
    if (point >= 0x10000) {
      add((char)(0xf0 | point >> 18));
      add((char)(0x80 | (point >> 12 & 0x3f)));
    } else if (point >= 0x800) {
      add((char)(0xe0 | point >> 12));
    }
    if (point >= 0x800) add((char)(0x80 | (point >> 6 & 0x3f)));
    else add((char)(0xc0 | point >> 6));
    add((char)(0x80 | (point & 0x3f)));
  }
}

static _Noreturn void end(void) {
  line[used] = '\n';
  line[used + 1] = 0;
  console_text(2, line);
  _exit(134);
}

void trap(const char *cause, const char *where) {
  used = 0;
  add_text("trap: ");
  add_text(cause);
  add_text(" at ");
  add_text(where);
  end();
}

void env_abort(u32 message, u32 file, u32 source_line, u32 column) {
  used = 0;
  add_text("abort: ");
  if (message == 0) add_text("assertion failed");
  else add_string(message);
  if (file != 0) {
    add_text(" at ");
    add_string(file);
    add(':');
    add_number(source_line, 10);
    add(':');
    add_number(column, 10);
  }
  end();
}

extern const u8 __ehdr_start;

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
  u64 counter = (u64)registers[REG_RIP];
  used = 0;
  add_text("trap: ");
  add_text(cause_of(signal, (u64)information->si_addr, (u64)registers[REG_RSP]));
  add_text(" at pc=0x");
  add_number(counter - (u64)&__ehdr_start, 16);
  end();
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
