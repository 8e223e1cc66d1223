/*
 * Segments of TCP over IPv4 in large pieces: what network cards call TSO and GRO, done between the kernel, which gives
 * and takes up to 64 KiB at once with a header of its own (struct virtio_net_hdr), and the program, which sees frames of
 * its device's MTU with right checksums.
 */
#ifndef OFFLOAD_H
#define OFFLOAD_H

#include <linux/virtio_net.h>

#include "unipkg.h"

enum {
  /* A frame of the largest IPv4 packet (RFC 791, 3.1). */
  LONGEST = 14 + 65535,
};

/* A large frame from the kernel that is given to the program segment by segment. */
struct incoming {
  u8 frame[LONGEST];
  u32 length;
  /* Octets of headers, of text in each segment, and where the next one's text begins; length when there is none. */
  u32 header, size, next;
};

/* Segments of the program that go to the kernel together. */
struct outgoing {
  struct virtio_net_hdr header;
  u8 frame[LONGEST];
  u32 length;
  /* Octets of headers, and of text in the first segment. */
  u32 headers, size;
  u32 next_sequence;
};

/* Makes a checksum that the kernel left to be made. */
void offload_checksum(const struct virtio_net_hdr *header, u8 *frame, u32 length);

/* Takes a large frame of `length` octets at `large->frame`; false when it is none that can be taken apart. */
int offload_take_apart(struct incoming *large, const struct virtio_net_hdr *header, u32 length);

/* The next segment at `frame`, its length: 0 when there is none left. */
u32 offload_next(struct incoming *large, u8 *frame);

enum { ALONE, BEGUN, JOINED, LAST };

/*
 * Joins a frame to those that wait. ALONE: it does not fit to them, and is to be sent by itself, after them. BEGUN: it is the
 * first one that waits. JOINED: more may follow. LAST: joined, and nothing may follow.
 */
int offload_join(struct outgoing *waiting, const u8 *frame, u32 length);

/* Writes the headers of what waits, before it is sent. */
void offload_finish(struct outgoing *waiting);

#endif
