/* docs/abi.md, event: waiting by epoll, edge-triggered. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "unix.h"

u8 handle_state[HANDLES];

/* Made with the first handle: a program without sockets needs none. */
static int watcher = -1;

/* Handles to be closed before the next wait. */
static int closing[HANDLES];
static u32 closing_count = 0;

/*
 * Connections that the program has closed: the kernel still sends, and we read and drop what the peer
 * sends. Closing at once would answer that by a reset, which destroys what the peer has not read
 * (RFC 9112, section 9.6). Oldest first; one that is gone before its time leaves handle -1.
 */
enum { LINGERERS = 1024 };
#define LINGER_TIME 5000000000ull
static struct {
  int handle;
  u64 until;
} lingerers[LINGERERS];
static u32 first_lingerer = 0, lingerer_count = 0;

void event_exit(u32 status) {
  datagram_flush();
  net_flush();
  _exit((int)status);
}

static void more_handles(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max < HANDLES ? limit.rlim_max : HANDLES;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
}

u32 event_watch(int handle, u8 state) {
  if (watcher < 0) {
    watcher = epoll_create1(EPOLL_CLOEXEC);
    more_handles();
  }
  u32 room = state & WANTS_ROOM ? EPOLLOUT : 0;
  struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | EPOLLET | room, .data.fd = handle};
  if (handle >= HANDLES || epoll_ctl(watcher, EPOLL_CTL_ADD, handle, &event) != 0) {
    close(handle);
    return (u32)EXHAUSTED;
  }
  handle_state[handle] = room != 0 ? state | ROOM_WATCHED : state;
  return (u32)handle;
}

void event_want_room(int handle) {
  u8 state = handle_state[handle];
  handle_state[handle] = state | WANTS_ROOM | ROOM_WATCHED;
  if (state & ROOM_WATCHED) return;
  /* If there is room by now, this has it told. */
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.fd = handle};
  epoll_ctl(watcher, EPOLL_CTL_MOD, handle, &event);
}

void event_close(int handle) {
  if (closing_count < HANDLES) closing[closing_count++] = handle;
}

static void close_now(void) {
  while (closing_count > 0) close(closing[--closing_count]);
}

/* Drops what has come; false when the peer is through. */
static int drain(int handle) {
  for (;;) {
    ssize_t got = recv(handle, NULL, 1 << 20, MSG_TRUNC | MSG_DONTWAIT);
    if (got == 0) return 0;
    if (got < 0 && errno != EINTR) return errno == EAGAIN;
  }
}

static void forget_oldest(void) {
  int handle = lingerers[first_lingerer].handle;
  if (handle >= 0) event_close(handle);
  first_lingerer = (first_lingerer + 1) % LINGERERS;
  lingerer_count--;
}

void event_linger(int handle) {
  u8 state = handle_state[handle];
  if (state & HANGUP_TOLD || shutdown(handle, SHUT_WR) != 0 ||
      (!(state & DRAINED) && !drain(handle))) {
    event_close(handle);
    return;
  }
  if (lingerer_count == LINGERERS) forget_oldest();
  u32 last = (first_lingerer + lingerer_count++) % LINGERERS;
  lingerers[last].handle = handle;
  lingerers[last].until = clock_monotonic() + LINGER_TIME;
  handle_state[handle] = state | LINGERS;
}

static void end_linger(int handle) {
  for (u32 i = 0; i < lingerer_count; i++) {
    u32 place = (first_lingerer + i) % LINGERERS;
    if (lingerers[place].handle == handle) lingerers[place].handle = -1;
  }
  handle_state[handle] = 0;
  event_close(handle);
}

/* The flags to tell of one handle's events; 0 when there is nothing to tell. */
static u32 flags_of(int handle, u32 events) {
  u8 state = handle_state[handle];
  u32 gone = events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR);
  if (state & LINGERS) {
    if (gone || !drain(handle)) end_linger(handle);
    return 0;
  }
  u32 flags = events & (EPOLLIN | EPOLLHUP | EPOLLERR) ? READABLE : 0;
  if (events & EPOLLOUT && state & WANTS_ROOM && !(events & EPOLLERR)) {
    flags |= WRITABLE;
    state &= (u8)~WANTS_ROOM;
  }
  if (gone && !(state & HANGUP_TOLD)) {
    flags |= HANGUP;
    state |= HANGUP_TOLD;
  }
  handle_state[handle] = state & (u8)~DRAINED;
  return flags;
}

static int wait_for(struct epoll_event *events, u64 nanoseconds) {
  struct timespec time = {.tv_sec = (time_t)(nanoseconds / 1000000000),
                          .tv_nsec = (long)(nanoseconds % 1000000000)};
  struct timespec *limit = nanoseconds == NEVER ? NULL : &time;
  if (watcher < 0) return ppoll(NULL, 0, limit, NULL);
  /* Nanoseconds since Linux 5.11; before it, milliseconds, rounded up so that no time is too early. */
  static int exact = 1;
  if (exact) {
    int count = (int)syscall(SYS_epoll_pwait2, watcher, events, RECORDS, limit, NULL, 0);
    if (count >= 0 || errno != ENOSYS) return count;
    exact = 0;
  }
  u64 milliseconds = nanoseconds == 0 ? 0 : (nanoseconds - 1) / 1000000 + 1;
  return epoll_wait(watcher, events, RECORDS, milliseconds > 0x7fffffff ? -1 : (int)milliseconds);
}

u32 event_wait(u64 deadline, struct record *records) {
  static struct epoll_event events[RECORDS];
  datagram_flush();
  net_flush();
  for (;;) {
    u64 now = clock_monotonic();
    while (lingerer_count > 0 && lingerers[first_lingerer].until <= now) forget_oldest();
    close_now();
    u64 until = deadline;
    if (lingerer_count > 0 && lingerers[first_lingerer].until < until) {
      until = lingerers[first_lingerer].until;
    }
    int count = wait_for(events, until == NEVER ? NEVER : until > now ? until - now : 0);
    u32 told = 0;
    for (int i = 0; i < count; i++) {
      u32 flags = flags_of(events[i].data.fd, events[i].events);
      if (flags != 0) records[told++] = (struct record){(u32)events[i].data.fd, flags};
    }
    if (told > 0 || (deadline != NEVER && clock_monotonic() >= deadline)) return told;
  }
}
