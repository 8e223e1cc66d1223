/*
 * docs/abi.md, console: lines of the kernel's log, `MODULE: TEXT`, of level info for stream 1 and of level
 * error for stream 2. A line waits for its end, up to the most that the log takes at once.
 */
#include <linux/printk.h>

#include "module.h"

/* The log cuts at 1024, its prefix included. */
enum { LONGEST = 900 };
static char line[LONGEST];
static u32 used = 0, line_stream = 1;

void console_flush(void) {
  if (used == 0) return;
  if (line_stream == 2) printk(KERN_ERR KBUILD_MODNAME ": %.*s\n", (int)used, line);
  else printk(KERN_INFO KBUILD_MODNAME ": %.*s\n", (int)used, line);
  used = 0;
}

static void put(u32 stream, const char *bytes, u32 length) {
  if (stream != line_stream) console_flush();
  line_stream = stream;
  for (u32 i = 0; i < length; i++) {
    if (bytes[i] == '\n') {
      if (used == 0) line[used++] = ' ';
      console_flush();
      continue;
    }
    if (used == LONGEST) console_flush();
    line[used++] = bytes[i] == 0 ? ' ' : bytes[i];
  }
}

void console_write(u32 stream, u32 address, u32 length) {
  put(stream == 2 ? 2 : 1, range(address, length), length);
}

void console_text(u32 stream, const char *text) { put(stream, text, (u32)strlen(text)); }
