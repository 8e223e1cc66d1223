/* docs/abi.md, console: both streams go to the first serial port, a 16550. */
#include "xen.h"

enum { PORT = 0x3f8, DATA = 0, INTERRUPTS = 1, FIFO = 2, LINE = 3, MODEM = 4, STATUS = 5 };
enum { ROOM = 0x20 };

void console_open(void) {
  out8(PORT + INTERRUPTS, 0);
  out8(PORT + LINE, 0x80); /* divisor: 115200 baud */
  out8(PORT + DATA, 1);
  out8(PORT + INTERRUPTS, 0);
  out8(PORT + LINE, 0x03); /* 8 bits, no parity, 1 stop */
  out8(PORT + FIFO, 0x07); /* on and empty */
  out8(PORT + MODEM, 0x03);
}

static void put(u8 byte) {
  while ((in8(PORT + STATUS) & ROOM) == 0) {
  }
  out8(PORT + DATA, byte);
}

void console_write(u32 stream, u32 address, u32 length) {
  const u8 *bytes = at(address);
  for (u32 i = 0; i < length; i++) put(bytes[i]);
}

void console_text(u32 stream, const char *text) {
  while (*text != 0) put((u8)*text++);
}
