/* What TCP and UDP share. */
#ifndef SOCKET_H
#define SOCKET_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "unix.h"

typedef union {
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
} address_t;

/* The result for errno of a failed call; a trap for an address that is none. */
u32 socket_error(const char *call);
/* A socket bound to `port` on all addresses, of IPv6 and IPv4 where there is IPv6; -1 with errno. */
int socket_bound(int type, u32 port, u8 *state);
/* The address of 4 or 16 bytes for a socket of the handle's kind; its length, 0 when it makes no sense. */
socklen_t socket_address(address_t *to, u32 address, u32 length, u32 port, int dual_stack);

/* Where the last datagram of a UDP handle came from. */
const struct sockaddr_in6 *datagram_sender(u32 handle);
/* Sends what was taken, then closes. */
void datagram_close(int handle);

#endif
