/*
 * docs/abi.md, socket: UDP by the kernel. Datagrams go to and from the kernel many at a time, by recvmmsg and sendmmsg:
 * the calls are the dearest part of small ones.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "socket.h"

enum { BATCH = 64, LONGEST = 65536, SHORT = 2048 };

static struct sockaddr_in6 senders[HANDLES];

/* What came for one handle and was not given to the program yet. Memory is used as datagrams fill it. */
static int in_handle = -1; /* apart, so that the rest takes no room in the image */
static struct {
  u32 next, count;
  struct mmsghdr headers[BATCH];
  struct iovec vectors[BATCH];
  struct sockaddr_in6 from[BATCH];
  u8 data[BATCH][LONGEST];
} in;

/* What the program sent by one handle and the kernel has not taken yet. */
static int out_handle = -1;
static struct {
  u32 count;
  struct mmsghdr headers[BATCH];
  struct iovec vectors[BATCH];
  address_t to[BATCH];
  u8 data[BATCH][SHORT];
} out;

const struct sockaddr_in6 *datagram_sender(u32 handle) { return &senders[handle]; }

/*
 * Room for what comes while the program has something else to do: the usual 200 KiB hold less than 300 small
 * datagrams. Beyond net.core.rmem_max only root may go.
 */
static void make_room(int handle) {
  int bytes = 1 << 20;
  if (setsockopt(handle, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) != 0) {
    setsockopt(handle, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  }
}

u32 socket_udpOpen(u32 port) {
  u8 state;
  int handle = socket_bound(SOCK_DGRAM, port, &state);
  if (handle >= 0) make_room(handle);
  return handle < 0 ? socket_error("socket.udpOpen") : event_watch(handle, state);
}

void datagram_flush(void) {
  u32 sent = 0;
  while (sent < out.count) {
    int taken = sendmmsg(out_handle, out.headers + sent, out.count - sent, MSG_NOSIGNAL);
    if (taken > 0) sent += (u32)taken;
    /* No room: they are lost, as on any full queue. Another reason is one datagram's own. */
    else if (errno == EAGAIN) break;
    else if (errno != EINTR) sent++;
  }
  out.count = 0;
}

u32 socket_udpSend(u32 handle, u32 address, u32 length, u32 port, u32 data, u32 dataLength) {
  address_t to;
  int dual_stack = handle < HANDLES && handle_state[handle] & DUAL_STACK;
  socklen_t size = socket_address(&to, address, length, port, dual_stack);
  if (size == 0) return (u32)INVALID;
  if (dataLength > SHORT) {
    datagram_flush();
    ssize_t sent = sendto((int)handle, at(data), dataLength, MSG_NOSIGNAL, &to.any, size);
    if (sent < 0 && errno == EAGAIN && handle < HANDLES) {
      event_want_room((int)handle);
      return (u32)WOULD_BLOCK;
    }
    return sent < 0 ? socket_error("socket.udpSend") : (u32)sent;
  }
  if (out.count == BATCH || out_handle != (int)handle) datagram_flush();
  out_handle = (int)handle;
  u32 place = out.count++;
  out.to[place] = to;
  memcpy(out.data[place], at(data), dataLength);
  out.vectors[place] = (struct iovec){out.data[place], dataLength};
  out.headers[place].msg_hdr = (struct msghdr){
      .msg_name = &out.to[place], .msg_namelen = size, .msg_iov = &out.vectors[place], .msg_iovlen = 1};
  return dataLength;
}

/* Receives what is there for a handle; false with errno. */
static int fill(int handle) {
  for (u32 i = 0; i < BATCH; i++) {
    in.vectors[i] = (struct iovec){in.data[i], LONGEST};
    in.headers[i].msg_hdr = (struct msghdr){.msg_name = &in.from[i],
                                            .msg_namelen = sizeof in.from[i],
                                            .msg_iov = &in.vectors[i],
                                            .msg_iovlen = 1};
  }
  int got;
  do got = recvmmsg(handle, in.headers, BATCH, MSG_DONTWAIT, NULL);
  while (got < 0 && errno == EINTR);
  if (got < 0) return 0;
  in_handle = handle;
  in.next = 0;
  in.count = (u32)got;
  return 1;
}

u32 socket_udpReceive(u32 handle, u32 data, u32 capacity) {
  if (handle >= HANDLES) return (u32)INVALID;
  if (in_handle >= 0 && in_handle != (int)handle) {
    /* Another handle's are still waiting: one by one, then. */
    socklen_t size = sizeof senders[handle];
    ssize_t got;
    do got = recvfrom((int)handle, at(data), capacity, 0, (struct sockaddr *)&senders[handle], &size);
    while (got < 0 && errno == EINTR);
    return got < 0 ? socket_error("socket.udpReceive") : (u32)got;
  }
  if (in_handle >= 0 && in.next == in.count) {
    int is_drained = in.count < BATCH;
    in_handle = -1;
    /* There was room for more: what has come since is told by another event. */
    if (is_drained) return (u32)WOULD_BLOCK;
  }
  if (in_handle < 0 && !fill((int)handle)) return socket_error("socket.udpReceive");
  u32 place = in.next++;
  u32 length = in.headers[place].msg_len < capacity ? in.headers[place].msg_len : capacity;
  memcpy(at(data), in.data[place], length);
  senders[handle] = in.from[place];
  return length;
}

void datagram_close(int handle) {
  if (out_handle == handle) datagram_flush();
  if (in_handle == handle) in_handle = -1;
  close(handle);
}
