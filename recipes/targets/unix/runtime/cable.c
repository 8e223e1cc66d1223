/* docs/targets.md, unix: network devices that are a stream socket (cable.h). */
#define _GNU_SOURCE
#include "cable.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
  HEADER = 14,
  /* Without its checksum (IEEE 802.3, 3.2.8), and with a tag of IEEE 802.1Q. */
  SHORTEST = 60,
  LONGEST_FRAME = HEADER + 4 + CABLE_MTU,
};

/* Port and address of `where`, which is 127.0.0.1:1234 or [::1]:1234; 0 when it is neither. */
static socklen_t parse(const char *where, struct sockaddr_storage *address) {
  const char *colon = strrchr(where, ':');
  char host[INET6_ADDRSTRLEN + 2] = {0}, *end;
  if (colon == NULL || (size_t)(colon - where) >= sizeof host) return 0;
  memcpy(host, where, (size_t)(colon - where));
  unsigned long port = strtoul(colon + 1, &end, 10);
  if (end == colon + 1 || *end != 0 || port == 0 || port > 65535) return 0;
  struct sockaddr_in *four = (struct sockaddr_in *)address;
  if (inet_pton(AF_INET, host, &four->sin_addr) == 1) {
    four->sin_family = AF_INET;
    four->sin_port = htons((u16)port);
    return sizeof *four;
  }
  size_t length = strlen(host);
  if (length < 2 || host[0] != '[' || host[length - 1] != ']') return 0;
  host[length - 1] = 0;
  struct sockaddr_in6 *six = (struct sockaddr_in6 *)address;
  if (inet_pton(AF_INET6, host + 1, &six->sin6_addr) != 1) return 0;
  six->sin6_family = AF_INET6;
  six->sin6_port = htons((u16)port);
  return sizeof *six;
}

int cable_connect(const char *where) {
  struct sockaddr_storage address = {0};
  socklen_t size;
  if (strchr(where, '/') != NULL) {
    struct sockaddr_un *path = (struct sockaddr_un *)&address;
    size = sizeof *path;
    path->sun_family = AF_UNIX;
    errno = EINVAL;
    if (strlen(where) >= sizeof path->sun_path) return -1;
    strcpy(path->sun_path, where);
  } else {
    size = parse(where, &address);
    errno = EINVAL;
    if (size == 0) return -1;
  }
  int handle = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1, made;
  if (handle < 0) return -1;
  do made = connect(handle, (struct sockaddr *)&address, size);
  while (made < 0 && errno == EINTR);
  if (made < 0) {
    int reason = errno;
    close(handle);
    errno = reason;
    return -1;
  }
  /* Frames wait for company here already. */
  if (address.ss_family != AF_UNIX) setsockopt(handle, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return handle;
}

void cable_flush(struct cable *cable, int handle) {
  while (cable->out_at < cable->out_end) {
    ssize_t sent = send(handle, cable->out + cable->out_at, cable->out_end - cable->out_at,
                        MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && (errno == EAGAIN || errno == ENOBUFS)) {
      event_want_room(handle);
      return;
    }
    /* The switch is gone: what is sent leads nowhere. */
    if (sent < 0) break;
    cable->out_at += (u32)sent;
  }
  cable->out_at = cable->out_end = 0;
}

u32 cable_send(struct cable *cable, int handle, const u8 *frame, u32 length) {
  u32 padded = length < SHORTEST ? SHORTEST : length;
  if (cable->out_end + CABLE_PREFIX + padded > CABLE_BATCH) {
    cable_flush(cable, handle);
    if (cable->out_end + CABLE_PREFIX + padded > CABLE_BATCH) return (u32)WOULD_BLOCK;
  }
  u8 *place = cable->out + cable->out_end;
  u32 prefix = htonl(padded);
  memcpy(place, &prefix, CABLE_PREFIX);
  memcpy(place + CABLE_PREFIX, frame, length);
  memset(place + CABLE_PREFIX + length, 0, padded - length);
  cable->out_end += CABLE_PREFIX + padded;
  return length;
}

/* Reads what is there: 0, WOULD_BLOCK or CLOSED. */
static u32 fill(struct cable *cable, int handle) {
  memmove(cable->in, cable->in + cable->in_at, cable->in_end - cable->in_at);
  cable->in_end -= cable->in_at;
  cable->in_at = 0;
  ssize_t got;
  do got = recv(handle, cable->in + cable->in_end, CABLE_BATCH - cable->in_end, MSG_DONTWAIT);
  while (got < 0 && errno == EINTR);
  if (got < 0 && errno == EAGAIN) return (u32)WOULD_BLOCK;
  if (got <= 0) return (u32)CLOSED;
  cable->in_end += (u32)got;
  return 0;
}

u32 cable_receive(struct cable *cable, int handle, u8 *frame, u32 capacity) {
  for (;;) {
    u32 have = cable->in_end - cable->in_at, length = 0;
    const u8 *place = cable->in + cable->in_at;
    if (have >= CABLE_PREFIX) {
      memcpy(&length, place, CABLE_PREFIX);
      length = ntohl(length);
      /* Another protocol, or out of step: nothing that follows makes sense. */
      if (length > LONGEST_FRAME) {
        shutdown(handle, SHUT_RDWR);
        return (u32)CLOSED;
      }
    }
    if (have < CABLE_PREFIX || have - CABLE_PREFIX < length) {
      u32 outcome = fill(cable, handle);
      if (outcome != 0) return outcome;
      continue;
    }
    cable->in_at += CABLE_PREFIX + length;
    if (length < HEADER) continue;
    u32 taken = length < capacity ? length : capacity;
    memcpy(frame, place + CABLE_PREFIX, taken);
    return taken;
  }
}
