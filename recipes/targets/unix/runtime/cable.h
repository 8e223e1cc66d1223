/*
 * A cable to a switch (`unipkg switch`), or to QEMU: frames in a stream socket, each behind its length of 32 bits, highest first
 * (QEMU's net/stream.c). Many frames go with one call of the system.
 */
#ifndef CABLE_H
#define CABLE_H

#include "unix.h"

enum {
  /* Octets of one call of the system. */
  CABLE_BATCH = 64 << 10,
  CABLE_PREFIX = 4,
  /* The MTU of the switch's ports. */
  CABLE_MTU = 1500,
};

struct cable {
  /* What has come, from `in_at` on, and what is to go, from `out_at` on. */
  u32 in_at, in_end, out_at, out_end;
  u8 in[CABLE_BATCH], out[CABLE_BATCH];
};

/* Connects to a Unix socket, a path with a slash in it, or to IPV4:PORT or [IPV6]:PORT: a descriptor, or -1 and errno. */
int cable_connect(const char *where);
/* Takes a frame, padded to the shortest there is: its length, or WOULD_BLOCK. */
u32 cable_send(struct cable *cable, int handle, const u8 *frame, u32 length);
/* The next frame, cut to `capacity`: its length, WOULD_BLOCK or CLOSED. */
u32 cable_receive(struct cable *cable, int handle, u8 *frame, u32 capacity);
/* Sends what waits, as far as there is room. */
void cable_flush(struct cable *cable, int handle);

#endif
