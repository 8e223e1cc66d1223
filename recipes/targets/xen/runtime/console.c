/* docs/abi.md, console: both streams go to Xen's console, or without Xen to the first serial port, a 16550. */
#include "hypervisor.h"

enum { PORT = 0x3f8, DATA = 0, INTERRUPTS = 1, FIFO = 2, LINE = 3, MODEM = 4, STATUS = 5 };
enum { ROOM = 0x20 };

static void open_serial(void) {
  out8(PORT + INTERRUPTS, 0);
  out8(PORT + LINE, 0x80); /* divisor: 115200 baud */
  out8(PORT + DATA, 1);
  out8(PORT + INTERRUPTS, 0);
  out8(PORT + LINE, 0x03); /* 8 bits, no parity, 1 stop */
  out8(PORT + FIFO, 0x07); /* on and empty */
  out8(PORT + MODEM, 0x03);
}

static void put_serial(u8 byte) {
  while ((in8(PORT + STATUS) & ROOM) == 0) {
  }
  out8(PORT + DATA, byte);
}

/* io/console.h: struct xencons_interface. */
static volatile struct {
  u8 in[1024], out[2048];
  u32 in_read, in_written, out_read, out_written;
} *ring = NULL;
static u32 port;

/* Waits until fewer than `left` bytes are still to be read; for no longer than a second in which none is. */
static int drain(u32 left) {
  u32 read = ring->out_read;
  u64 patience = clock_monotonic() + 1000000000;
  while (ring->out_written - ring->out_read >= left) {
    hypervisor_notify(port);
    u64 now = clock_monotonic();
    hypervisor_sleep(&port, 1, now + 10000000);
    hypervisor_take(port);
    if (ring->out_read != read) {
      read = ring->out_read;
      patience = now + 1000000000;
    } else if (now > patience) {
      return 0;
    }
  }
  return 1;
}

static void put_ring(u8 byte) {
  /* Nobody reads: the text is lost, the program goes on. */
  if (ring->out_written - ring->out_read >= sizeof ring->out && !drain(sizeof ring->out)) return;
  ring->out[ring->out_written % sizeof ring->out] = byte;
  __asm__ volatile("" : : : "memory");
  ring->out_written++;
}

static void write(const u8 *bytes, u32 length) {
  if (!hypervisor_present) {
    for (u32 i = 0; i < length; i++) put_serial(bytes[i]);
  } else if (ring == NULL) {
    /* Until memory.c has mapped the ring: into Xen's log, where it tells of guests' misfortunes. */
    for (u32 i = 0; i < length; i++) out8(0xe9, bytes[i]);
  } else {
    for (u32 i = 0; i < length; i++) {
      if (bytes[i] == '\n') put_ring('\r'); /* as a terminal wants it: nobody on the way adds it */
      put_ring(bytes[i]);
    }
    hypervisor_notify(port);
  }
}

void console_open(void) {
  if (!hypervisor_present) open_serial();
}

void console_attach(volatile void *page) {
  ring = page;
  port = (u32)hypervisor_parameter(CONSOLE_PORT);
}

void console_close(void) {
  if (ring != NULL) drain(1);
}

void console_write(u32 stream, u32 address, u32 length) { write(at(address), length); }

void console_text(u32 stream, const char *text) {
  u32 length = 0;
  while (text[length] != 0) length++;
  write((const u8 *)text, length);
}
