/*
 * docs/abi.md, socket: TCP and UDP by the kernel's own sockets.
 *
 * The kernel calls data_ready and its like in interrupts; all else is done in the program's thread and never
 * waits. A socket gets its original functions back before it is released, because TCP keeps it for a
 * while after that, maybe longer than this module.
 */
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/net.h>
#include <linux/tcp.h>
#include <net/ipv6.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "module.h"

struct endpoint {
  struct source source;
  struct list_head all;
  struct socket *socket;
  /* A TCP connection, and what was noted of it. */
  bool stream, hangup_told, wants_room;
  /* A socket of IPv6 that carries IPv4 as well. */
  bool dual_stack;
  /* Closed by the program, its last bytes under way; until then. */
  bool lingers;
  u64 until;
  /* Where the last datagram came from. */
  union {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_storage whole;
  } sender;
};
typedef typeof(((struct endpoint *)NULL)->sender) address_t;

/* All that are open; those that linger, oldest first, are in the second. */
static LIST_HEAD(endpoints);
static LIST_HEAD(lingerers);
#define LINGER_TIME 5000000000ull

/* What fresh sockets have: [0] those of UDP, [1] those of TCP. */
static struct {
  void (*data_ready)(struct sock *);
  void (*state_change)(struct sock *);
  void (*write_space)(struct sock *);
  void (*error_report)(struct sock *);
} originals[2];

/* ---- Called by the kernel, in any context. ---- */

static void happened(struct sock *sock, u32 flags) {
  read_lock_bh(&sock->sk_callback_lock);
  struct endpoint *endpoint = rcu_dereference_sk_user_data(sock);
  if (endpoint != NULL) event_happened(&endpoint->source, flags);
  read_unlock_bh(&sock->sk_callback_lock);
}

static bool is_gone(const struct sock *sock) {
  if (sock->sk_protocol != IPPROTO_TCP || sock->sk_state == TCP_LISTEN) return false;
  return sock->sk_shutdown & RCV_SHUTDOWN || sock->sk_state == TCP_CLOSE || sock->sk_err != 0;
}

static void data_ready(struct sock *sock) {
  happened(sock, is_gone(sock) ? READABLE | HANGUP : READABLE);
}

static void state_change(struct sock *sock) {
  happened(sock, is_gone(sock) ? READABLE | HANGUP : WRITABLE);
}

static void write_space(struct sock *sock) {
  bool room = sock->sk_protocol == IPPROTO_TCP ? sk_stream_is_writeable(sock) : sock_writeable(sock);
  if (!room) return;
  if (sock->sk_socket != NULL) clear_bit(SOCK_NOSPACE, &sock->sk_socket->flags);
  happened(sock, WRITABLE);
}

/* ---- The program's thread. ---- */

static u32 told(struct source *source, u32 pending);

static struct endpoint *endpoint_of(u32 handle) {
  struct source *source = event_source_of(handle, told);
  return source == NULL ? NULL : container_of(source, struct endpoint, source);
}

static u32 reason_of(int error) {
  switch (-error) {
    case EAGAIN:
    case EINPROGRESS:
      return (u32)WOULD_BLOCK;
    case EPIPE:
    case ECONNRESET:
    case ECONNABORTED:
    case ENOTCONN:
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
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      return (u32)EXHAUSTED;
    default:
      return (u32)INVALID;
  }
}

/* Watches a socket from now on: its handle; when there is none, the socket is released. */
static u32 watch(struct socket *socket, bool dual_stack) {
  struct sock *sock = socket->sk;
  struct endpoint *endpoint = kzalloc(sizeof *endpoint, GFP_KERNEL);
  u32 handle = endpoint == NULL ? (u32)EXHAUSTED : event_source_open(&endpoint->source, told);
  if ((s32)handle < 0) {
    sock_release(socket);
    kfree(endpoint);
    return handle;
  }
  endpoint->socket = socket;
  endpoint->dual_stack = dual_stack;
  list_add_tail(&endpoint->all, &endpoints);
  write_lock_bh(&sock->sk_callback_lock);
  /* One that was accepted has its listener's functions already. */
  if (sock->sk_data_ready != data_ready) {
    typeof(&originals[0]) original = &originals[sock->sk_protocol == IPPROTO_TCP];
    original->data_ready = sock->sk_data_ready;
    original->state_change = sock->sk_state_change;
    original->write_space = sock->sk_write_space;
    original->error_report = sock->sk_error_report;
  }
  /* Connections that come do not inherit the endpoint of their listener. */
  __rcu_assign_sk_user_data_with_flags(sock, endpoint, SK_USER_DATA_NOCOPY);
  sock->sk_data_ready = data_ready;
  sock->sk_state_change = state_change;
  sock->sk_write_space = write_space;
  sock->sk_error_report = state_change;
  write_unlock_bh(&sock->sk_callback_lock);
  return handle;
}

static void release(struct endpoint *endpoint) {
  struct sock *sock = endpoint->socket->sk;
  typeof(&originals[0]) original = &originals[sock->sk_protocol == IPPROTO_TCP];
  lock_sock(sock);
  write_lock_bh(&sock->sk_callback_lock);
  rcu_assign_sk_user_data(sock, NULL);
  sock->sk_data_ready = original->data_ready;
  sock->sk_state_change = original->state_change;
  sock->sk_write_space = original->write_space;
  sock->sk_error_report = original->error_report;
  write_unlock_bh(&sock->sk_callback_lock);
  release_sock(sock);
  event_source_close(&endpoint->source);
  list_del(&endpoint->all);
  sock_release(endpoint->socket);
  kfree(endpoint);
}

/* A socket of this type bound to `port` on all addresses, of IPv6 and IPv4 where there is IPv6. */
static int bound(int type, u32 port, struct socket **socket, bool *dual_stack) {
  if (port > 65535) return -EINVAL;
  int protocol = type == SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP;
  int error = sock_create_kern(&init_net, AF_INET6, type, protocol, socket);
  if (error == 0) {
    (*socket)->sk->sk_ipv6only = 0;
    if (type == SOCK_STREAM) sock_set_reuseaddr((*socket)->sk);
    struct sockaddr_in6 all = {.sin6_family = AF_INET6, .sin6_port = htons((u16)port)};
    error = kernel_bind(*socket, (struct sockaddr *)&all, sizeof all);
    *dual_stack = true;
    if (error == 0) return 0;
    sock_release(*socket);
    if (error != -EADDRNOTAVAIL) return error;
  } else if (error != -EAFNOSUPPORT) {
    return error;
  }
  *dual_stack = false;
  error = sock_create_kern(&init_net, AF_INET, type, protocol, socket);
  if (error != 0) return error;
  if (type == SOCK_STREAM) sock_set_reuseaddr((*socket)->sk);
  struct sockaddr_in all = {.sin_family = AF_INET, .sin_port = htons((u16)port)};
  error = kernel_bind(*socket, (struct sockaddr *)&all, sizeof all);
  if (error != 0) sock_release(*socket);
  return error;
}

/* The address of 4 or 16 bytes for a socket of the endpoint's kind; its length, 0 when it makes no sense. */
static int address_of(address_t *to, const u8 *bytes, u32 length, u32 port, bool dual_stack) {
  memset(to, 0, sizeof *to);
  if (port > 65535 || (length != 4 && length != 16)) return 0;
  if (length == 4 && !dual_stack) {
    to->v4.sin_family = AF_INET;
    to->v4.sin_port = htons((u16)port);
    memcpy(&to->v4.sin_addr, bytes, 4);
    return sizeof to->v4;
  }
  to->v6.sin6_family = AF_INET6;
  to->v6.sin6_port = htons((u16)port);
  u8 *into = to->v6.sin6_addr.s6_addr;
  if (length == 4) into[10] = into[11] = 0xff; /* RFC 4291, 2.5.5.2: IPv4 within IPv6 */
  memcpy(into + 16 - length, bytes, length);
  return sizeof to->v6;
}

u32 socket_tcpListen(u32 port, u32 backlog) {
  struct socket *socket;
  bool dual_stack;
  int error = bound(SOCK_STREAM, port, &socket, &dual_stack);
  if (error != 0) return reason_of(error);
  /* Connections inherit it: a write is a segment, the program does its own gathering. */
  tcp_sock_set_nodelay(socket->sk);
  u32 handle = watch(socket, dual_stack);
  if ((s32)handle < 0) return handle;
  error = kernel_listen(socket, (int)backlog);
  if (error == 0) return handle;
  release(endpoint_of(handle));
  return reason_of(error);
}

u32 socket_tcpAccept(u32 handle) {
  struct endpoint *listener = endpoint_of(handle);
  if (listener == NULL) return (u32)CLOSED;
  struct socket *socket;
  int error;
  do error = kernel_accept(listener->socket, &socket, O_NONBLOCK);
  while (error == -ECONNABORTED);
  if (error != 0) return reason_of(error);
  u32 connection = watch(socket, false);
  if ((s32)connection < 0) return connection;
  struct endpoint *endpoint = endpoint_of(connection);
  endpoint->stream = true;
  /* What came before it was watched has told nobody. */
  event_happened(&endpoint->source, is_gone(socket->sk) ? READABLE | HANGUP : READABLE);
  return connection;
}

u32 socket_tcpConnect(u32 address, u32 length, u32 port) {
  address_t peer;
  int size = address_of(&peer, range(address, length), length, port, false);
  if (size == 0) return (u32)INVALID;
  struct socket *socket;
  int error = sock_create_kern(&init_net, peer.any.sa_family, SOCK_STREAM, IPPROTO_TCP, &socket);
  if (error != 0) return reason_of(error);
  tcp_sock_set_nodelay(socket->sk);
  u32 handle = watch(socket, false);
  if ((s32)handle < 0) return handle;
  struct endpoint *endpoint = endpoint_of(handle);
  endpoint->stream = true;
  endpoint->wants_room = true;
  error = kernel_connect(socket, &peer.any, size, O_NONBLOCK);
  if (error == 0) event_happened(&endpoint->source, WRITABLE);
  if (error == 0 || error == -EINPROGRESS) return handle;
  release(endpoint);
  return reason_of(error);
}

u32 socket_tcpRead(u32 handle, u32 address, u32 capacity) {
  struct kvec into = {.iov_base = range(address, capacity), .iov_len = capacity};
  struct endpoint *endpoint = endpoint_of(handle);
  if (endpoint == NULL) return (u32)CLOSED;
  struct msghdr message = {0};
  int got = kernel_recvmsg(endpoint->socket, &message, &into, 1, capacity, MSG_DONTWAIT);
  return got < 0 ? reason_of(got) : (u32)got;
}

u32 socket_tcpWrite(u32 handle, u32 address, u32 length) {
  struct kvec from = {.iov_base = range(address, length), .iov_len = length};
  struct endpoint *endpoint = endpoint_of(handle);
  if (endpoint == NULL) return (u32)CLOSED;
  struct msghdr message = {.msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL};
  int taken = kernel_sendmsg(endpoint->socket, &message, &from, 1, length);
  if (taken < (int)length && (taken >= 0 || taken == -EAGAIN)) endpoint->wants_room = true;
  return taken < 0 ? reason_of(taken) : (u32)taken;
}

void socket_tcpShutdown(u32 handle) {
  struct endpoint *endpoint = endpoint_of(handle);
  if (endpoint != NULL) kernel_sock_shutdown(endpoint->socket, SHUT_WR);
}

u32 socket_udpOpen(u32 port) {
  struct socket *socket;
  bool dual_stack;
  int error = bound(SOCK_DGRAM, port, &socket, &dual_stack);
  return error == 0 ? watch(socket, dual_stack) : reason_of(error);
}

u32 socket_udpSend(u32 handle, u32 address, u32 length, u32 port, u32 data, u32 dataLength) {
  const u8 *bytes = range(address, length);
  struct kvec from = {.iov_base = range(data, dataLength), .iov_len = dataLength};
  struct endpoint *endpoint = endpoint_of(handle);
  if (endpoint == NULL) return (u32)INVALID;
  address_t to;
  int size = address_of(&to, bytes, length, port, endpoint->dual_stack);
  if (size == 0) return (u32)INVALID;
  struct msghdr message = {
      .msg_name = &to, .msg_namelen = size, .msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL};
  int sent = kernel_sendmsg(endpoint->socket, &message, &from, 1, dataLength);
  if (sent == -EAGAIN) endpoint->wants_room = true;
  return sent < 0 ? reason_of(sent) : (u32)sent;
}

u32 socket_udpReceive(u32 handle, u32 data, u32 capacity) {
  struct kvec into = {.iov_base = range(data, capacity), .iov_len = capacity};
  struct endpoint *endpoint = endpoint_of(handle);
  if (endpoint == NULL) return (u32)INVALID;
  struct msghdr message = {.msg_name = &endpoint->sender};
  int got = kernel_recvmsg(endpoint->socket, &message, &into, 1, capacity, MSG_DONTWAIT);
  return got < 0 ? reason_of(got) : (u32)got;
}

static int peer_of(struct endpoint *endpoint, address_t *peer) {
  if (endpoint == NULL) return -ENOTCONN;
  if (endpoint->stream) return kernel_getpeername(endpoint->socket, &peer->any);
  *peer = endpoint->sender;
  return 0;
}

u32 socket_peer(u32 handle, u32 address) {
  u8 *into = range(address, 16);
  address_t peer;
  int error = peer_of(endpoint_of(handle), &peer);
  if (error < 0) return reason_of(error);
  if (peer.any.sa_family == AF_INET) {
    memcpy(into, &peer.v4.sin_addr, 4);
    return 4;
  }
  u32 skipped = ipv6_addr_v4mapped(&peer.v6.sin6_addr) ? 12 : 0;
  memcpy(into, peer.v6.sin6_addr.s6_addr + skipped, 16 - skipped);
  return 16 - skipped;
}

/* Both families have the port at the same place. */
u32 socket_peerPort(u32 handle) {
  address_t peer;
  int error = peer_of(endpoint_of(handle), &peer);
  return error < 0 ? reason_of(error) : ntohs(peer.v4.sin_port);
}

u32 socket_localPort(u32 handle) {
  struct endpoint *endpoint = endpoint_of(handle);
  address_t own;
  int error = endpoint == NULL ? -ENOTCONN : kernel_getsockname(endpoint->socket, &own.any);
  return error < 0 ? reason_of(error) : ntohs(own.v4.sin_port);
}

/* Drops what has come; false when the peer is through. */
static bool drain(struct endpoint *endpoint) {
  struct msghdr message = {0};
  struct kvec none = {.iov_base = NULL, .iov_len = 1 << 20};
  int got;
  do got = kernel_recvmsg(endpoint->socket, &message, &none, 1, 1 << 20, MSG_DONTWAIT | MSG_TRUNC);
  while (got > 0);
  return got == -EAGAIN;
}

/*
 * Ends our side and drops what the peer sends until it is through. Released at once, the kernel would
 * answer that by a reset, which destroys what the peer has not read (RFC 9112, section 9.6).
 */
static void linger(struct endpoint *endpoint) {
  if (endpoint->hangup_told || kernel_sock_shutdown(endpoint->socket, SHUT_WR) != 0 ||
      !drain(endpoint)) {
    release(endpoint);
    return;
  }
  endpoint->lingers = true;
  endpoint->until = clock_monotonic() + LINGER_TIME;
  list_move_tail(&endpoint->all, &lingerers);
}

u64 socket_linger(u64 now) {
  struct endpoint *endpoint;
  while ((endpoint = list_first_entry_or_null(&lingerers, struct endpoint, all)) != NULL) {
    if (endpoint->until > now) return endpoint->until;
    release(endpoint);
  }
  return NEVER;
}

static u32 told(struct source *source, u32 pending) {
  struct endpoint *endpoint = container_of(source, struct endpoint, source);
  if (endpoint->lingers) {
    if (pending & HANGUP || !drain(endpoint)) release(endpoint);
    return 0;
  }
  if (endpoint->wants_room) {
    if (pending & (WRITABLE | HANGUP)) endpoint->wants_room = false;
  } else {
    pending &= (u32)~WRITABLE;
  }
  if (endpoint->hangup_told) pending &= (u32)~HANGUP;
  else if (pending & HANGUP) endpoint->hangup_told = true;
  return pending;
}

void socket_close(u32 handle) {
  struct endpoint *endpoint = endpoint_of(handle);
  if (endpoint == NULL || endpoint->lingers) return;
  if (endpoint->stream) linger(endpoint);
  else release(endpoint);
}

void socket_reset(u32 handle) {
  struct endpoint *endpoint = endpoint_of(handle);
  if (endpoint == NULL || endpoint->lingers) return;
  sock_no_linger(endpoint->socket->sk);
  release(endpoint);
}

void socket_close_all(void) {
  list_splice_init(&lingerers, &endpoints);
  struct endpoint *endpoint, *next;
  list_for_each_entry_safe(endpoint, next, &endpoints, all) release(endpoint);
}
