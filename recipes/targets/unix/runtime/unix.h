/* What the files of this runtime share besides the host calls. A handle is a file descriptor. */
#ifndef UNIX_H
#define UNIX_H

#include "unipkg.h"

/* What is known of a handle. */
enum {
  /* A write did not take all, or a connection is under way: tell when there is room. */
  WANTS_ROOM = 1,
  /* The kernel tells of room. Not from the start: most connections never fill their buffer. */
  ROOM_WATCHED = 2,
  /* The peer's end was told; it comes once. */
  HANGUP_TOLD = 4,
  /* The last read took all that was there. */
  DRAINED = 8,
  /* Closed by the program, its last bytes under way. */
  LINGERS = 16,
  /* A TCP connection. */
  STREAM = 32,
  /* A socket of IPv6 that carries IPv4 as well. */
  DUAL_STACK = 64,
};

/* Handles are below this. */
enum { HANDLES = 1 << 18 };
extern u8 handle_state[HANDLES];

/* Watches a new handle that has `state`: the handle, or EXHAUSTED after which it is closed. */
u32 event_watch(int handle, u8 state);
/* Has WRITABLE told once there is room. */
void event_want_room(int handle);
/* Closes when the events at hand are dealt with, so that none of them meets a handle's successor. */
void event_close(int handle);
/* Takes no more than what is already under way to the peer, then closes. */
void event_linger(int handle);

/* Gives the kernel the datagrams that the program sent. */
void datagram_flush(void);
/* Sends the frames that wait for others to go with them: before anything is waited for. */
void net_flush(void);

#endif
