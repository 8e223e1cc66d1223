/* docs/abi.md, socket: TCP by the kernel, and what it shares with UDP (datagram.c). */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "socket.h"

u32 socket_error(const char *call) {
  switch (errno) {
    case EAGAIN:
    case EINPROGRESS:
      return (u32)WOULD_BLOCK;
    case EPIPE:
    case ECONNRESET:
    case ECONNABORTED:
    case ENOTCONN:
    case EBADF:
      return (u32)CLOSED;
    case ECONNREFUSED:
      return (u32)REFUSED;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case EADDRNOTAVAIL:
      return (u32)UNREACHABLE;
    case EADDRINUSE:
      return (u32)IN_USE;
    case EACCES:
    case EPERM:
      return (u32)DENIED;
    case ETIMEDOUT:
      return (u32)TIMED_OUT;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      return (u32)EXHAUSTED;
    case EFAULT:
      trap("memory access out of bounds", call);
    default:
      return (u32)INVALID;
  }
}

static void set(int handle, int level, int option, int value) {
  setsockopt(handle, level, option, &value, sizeof value);
}

int socket_bound(int type, u32 port, u8 *state) {
  if (port > 65535) {
    errno = EINVAL;
    return -1;
  }
  int handle = socket(AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (handle >= 0) {
    set(handle, IPPROTO_IPV6, IPV6_V6ONLY, 0);
    if (type == SOCK_STREAM) set(handle, SOL_SOCKET, SO_REUSEADDR, 1);
    struct sockaddr_in6 all = {.sin6_family = AF_INET6, .sin6_port = htons((u16)port)};
    if (bind(handle, (struct sockaddr *)&all, sizeof all) == 0) {
      *state = DUAL_STACK;
      return handle;
    }
    int reason = errno;
    close(handle);
    errno = reason;
    if (reason != EADDRNOTAVAIL && reason != EAFNOSUPPORT) return -1;
  } else if (errno != EAFNOSUPPORT) {
    return -1;
  }
  handle = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (handle < 0) return -1;
  if (type == SOCK_STREAM) set(handle, SOL_SOCKET, SO_REUSEADDR, 1);
  struct sockaddr_in all = {.sin_family = AF_INET, .sin_port = htons((u16)port)};
  *state = 0;
  if (bind(handle, (struct sockaddr *)&all, sizeof all) == 0) return handle;
  int reason = errno;
  close(handle);
  errno = reason;
  return -1;
}

socklen_t socket_address(address_t *to, u32 address, u32 length, u32 port, int dual_stack) {
  if (port > 65535) return 0;
  memset(to, 0, sizeof *to);
  if (length == 4 && !dual_stack) {
    to->v4.sin_family = AF_INET;
    to->v4.sin_port = htons((u16)port);
    memcpy(&to->v4.sin_addr, at(address), 4);
    return sizeof to->v4;
  }
  if (length != 4 && length != 16) return 0;
  to->v6.sin6_family = AF_INET6;
  to->v6.sin6_port = htons((u16)port);
  u8 *bytes = to->v6.sin6_addr.s6_addr;
  if (length == 4) bytes[10] = bytes[11] = 0xff; /* RFC 4291, 2.5.5.2: IPv4 within IPv6 */
  memcpy(bytes + 16 - length, at(address), length);
  return sizeof to->v6;
}

u32 socket_tcpListen(u32 port, u32 backlog) {
  u8 state;
  int handle = socket_bound(SOCK_STREAM, port, &state);
  if (handle < 0) return socket_error("socket.tcpListen");
  /* Connections inherit it: a write is a segment, the program does its own gathering. */
  set(handle, IPPROTO_TCP, TCP_NODELAY, 1);
  if (listen(handle, (int)backlog) != 0) {
    u32 reason = socket_error("socket.tcpListen");
    close(handle);
    return reason;
  }
  return event_watch(handle, state);
}

u32 socket_tcpAccept(u32 handle) {
  int connection;
  do connection = accept4((int)handle, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  while (connection < 0 && (errno == ECONNABORTED || errno == EINTR));
  if (connection < 0) return socket_error("socket.tcpAccept");
  return event_watch(connection, STREAM);
}

u32 socket_tcpConnect(u32 address, u32 length, u32 port) {
  address_t peer;
  socklen_t size = socket_address(&peer, address, length, port, 0);
  if (size == 0) return (u32)INVALID;
  int handle = socket(peer.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (handle < 0) return socket_error("socket.tcpConnect");
  set(handle, IPPROTO_TCP, TCP_NODELAY, 1);
  if (connect(handle, &peer.any, size) != 0 && errno != EINPROGRESS) {
    u32 reason = socket_error("socket.tcpConnect");
    close(handle);
    return reason;
  }
  return event_watch(handle, STREAM | WANTS_ROOM);
}

u32 socket_tcpRead(u32 handle, u32 address, u32 capacity) {
  ssize_t got;
  do got = recv((int)handle, at(address), capacity, 0);
  while (got < 0 && errno == EINTR);
  if (handle < HANDLES && got < (ssize_t)capacity) handle_state[handle] |= DRAINED;
  return got < 0 ? socket_error("socket.tcpRead") : (u32)got;
}

u32 socket_tcpWrite(u32 handle, u32 address, u32 length) {
  ssize_t taken;
  do taken = send((int)handle, at(address), length, MSG_NOSIGNAL);
  while (taken < 0 && errno == EINTR);
  if (handle < HANDLES && taken < (ssize_t)length && (taken >= 0 || errno == EAGAIN)) {
    int reason = errno;
    event_want_room((int)handle);
    errno = reason;
  }
  return taken < 0 ? socket_error("socket.tcpWrite") : (u32)taken;
}

void socket_tcpShutdown(u32 handle) { shutdown((int)handle, SHUT_WR); }

static int peer_of(u32 handle, address_t *peer) {
  if (handle < HANDLES && !(handle_state[handle] & STREAM)) {
    peer->v6 = *datagram_sender(handle);
    return 1;
  }
  socklen_t size = sizeof *peer;
  return getpeername((int)handle, &peer->any, &size) == 0;
}

u32 socket_peer(u32 handle, u32 address) {
  address_t peer;
  if (!peer_of(handle, &peer)) return socket_error("socket.peer");
  if (peer.any.sa_family == AF_INET) {
    memcpy(at(address), &peer.v4.sin_addr, 4);
    return 4;
  }
  u32 skipped = IN6_IS_ADDR_V4MAPPED(&peer.v6.sin6_addr) ? 12 : 0;
  memcpy(at(address), peer.v6.sin6_addr.s6_addr + skipped, 16 - skipped);
  return 16 - skipped;
}

/* Both families have the port at the same place. */
u32 socket_peerPort(u32 handle) {
  address_t peer;
  return peer_of(handle, &peer) ? ntohs(peer.v4.sin_port) : socket_error("socket.peerPort");
}

u32 socket_localPort(u32 handle) {
  address_t own;
  socklen_t size = sizeof own;
  if (getsockname((int)handle, &own.any, &size) != 0) return socket_error("socket.localPort");
  return ntohs(own.v4.sin_port);
}

void socket_close(u32 handle) {
  if (handle >= HANDLES) return;
  if (handle_state[handle] & STREAM) event_linger((int)handle);
  else datagram_close((int)handle);
}

void socket_reset(u32 handle) {
  struct linger none = {.l_onoff = 1, .l_linger = 0};
  setsockopt((int)handle, SOL_SOCKET, SO_LINGER, &none, sizeof none);
  event_close((int)handle);
}
