/* The one line that an image that ends badly prints. The same file for every target. */
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
    } else if (point < 0x800) {
      add((char)(0xc0 | point >> 6));
      add((char)(0x80 | (point & 0x3f)));
    } else {
      if (point < 0x10000) {
        add((char)(0xe0 | point >> 12));
      } else {
        add((char)(0xf0 | point >> 18));
        add((char)(0x80 | (point >> 12 & 0x3f)));
      }
      add((char)(0x80 | (point >> 6 & 0x3f)));
      add((char)(0x80 | (point & 0x3f)));
    }
  }
}

/*
 * ` from pc=0x…` for the functions that led here, nearest first: all code is compiled with frame pointers, and
 * a frame is the caller's frame and the return address. Ends where a frame is none of this image's.
 */
static void add_callers(const u64 *frame) {
  for (u32 count = 0; count < 16; count++) {
    /* The call is before the address that it returns to. */
    u64 counter = code_counter(frame[1] - 1);
    if (counter == 0) return;
    add_text(" from pc=0x");
    add_number(counter, 16);
    const u64 *caller = (const u64 *)frame[0];
    if (caller <= frame || caller > frame + 131072) return;
    frame = caller;
  }
}

static _Noreturn void end(void) {
  line[used] = '\n';
  line[used + 1] = 0;
  console_text(2, line);
  event_exit(134);
}

void trap(const char *cause, const char *where) {
  add_text("trap: ");
  add_text(cause);
  add_text(" at ");
  add_text(where);
  end();
}

void trap_counter(const char *cause, u64 counter) {
  add_text("trap: ");
  add_text(cause);
  add_text(" at pc=0x");
  add_number(counter, 16);
  end();
}

/* The call is before the address that it returns to. */
void trap_here(const char *cause) { trap_counter(cause, code_counter((u64)__builtin_return_address(0) - 1)); }

static void add_message(u32 message) {
  add_text("abort: ");
  if (message == 0) add_text("assertion failed");
  else add_string(message);
}

void env_abort(u32 message, u32 file, u32 source_line, u32 column) {
  add_message(message);
  if (file != 0) {
    add_text(" at ");
    add_string(file);
    add_text(":");
    add_number(source_line, 10);
    add_text(":");
    add_number(column, 10);
  }
  add_callers(__builtin_frame_address(0));
  end();
}

void env_fail(u32 message) {
  add_message(message);
  add_callers(__builtin_frame_address(0));
  end();
}
