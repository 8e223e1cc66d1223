/*
 * Two network interfaces as a stream: every frame that comes in at one is written to standard output, every frame
 * that is read from standard input goes out at one. In front of each frame are four octets: which interface (0 or 1),
 * a zero, and the frame's length (little endian).
 *
 *     wire packet:tap0 tap:lan0
 *
 * `tap:NAME` opens the interface as its device, so that the kernel's own stack is at the other side of it;
 * `packet:NAME` opens a packet socket, so that whoever has the device open is. With `--join` in front the two are
 * joined here, frame by frame, and nothing is read or written: what a bridge in user space costs. `--join-large` joins two taps
 * by segments of TCP in pieces of up to 64 KiB.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HEADER = 4, LONGEST = 65535 + 14 + 10 };

static void fail(const char *what) {
  perror(what);
  exit(1);
}

/* The kernel's own interface, as the device behind it. */
static int open_tap(const char *name, int large) {
  int handle = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
  struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI | (large ? IFF_VNET_HDR : 0)};
  snprintf(request.ifr_name, IFNAMSIZ, "%s", name);
  if (handle < 0) fail("/dev/net/tun");
  if (ioctl(handle, TUNSETIFF, &request) != 0) fail(name);
  if (large && ioctl(handle, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6) != 0) fail(name);
  return handle;
}

/* What the kernel would get from an interface, before it. */
static int open_packet(const char *name) {
  int handle = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, htons(ETH_P_ALL));
  if (handle < 0) fail("AF_PACKET");
  struct sockaddr_ll address = {.sll_family = AF_PACKET,
                                .sll_protocol = htons(ETH_P_ALL),
                                .sll_ifindex = (int)if_nametoindex(name)};
  if (bind(handle, (struct sockaddr *)&address, sizeof address) != 0) fail(name);
  int on = 1, size = 8 << 20;
  setsockopt(handle, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on);
  setsockopt(handle, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
  return handle;
}

static void write_all(const unsigned char *bytes, size_t length) {
  while (length > 0) {
    ssize_t written = write(1, bytes, length);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) exit(0);
    bytes += written;
    length -= (size_t)written;
  }
}

static void send_frame(int handle, const unsigned char *frame, size_t length) {
  while (write(handle, frame, length) < 0) {
    /* An interface that is full, or down: as on any cable, the frame is lost if that lasts. */
    if (errno != EAGAIN && errno != ENOBUFS && errno != EINTR) return;
    struct pollfd room = {.fd = handle, .events = POLLOUT};
    if (poll(&room, 1, 20) <= 0) return;
  }
}

/* Sends the whole frames at the front of `bytes` on: how many octets they were. */
static size_t send_frames(const int *handles, const unsigned char *bytes, size_t length) {
  size_t at = 0;
  while (length - at >= HEADER) {
    size_t size = bytes[at + 2] | (size_t)bytes[at + 3] << 8;
    if (length - at < HEADER + size) break;
    send_frame(handles[bytes[at] & 1], bytes + at + HEADER, size);
    at += HEADER + size;
  }
  return at;
}

int main(int count, char **words) {
  int large = count == 4 && strcmp(words[1], "--join-large") == 0;
  int joined = large || (count == 4 && strcmp(words[1], "--join") == 0);
  if (count != 3 && !joined) {
    fprintf(stderr, "wire [--join | --join-large] INTERFACE INTERFACE; packet:NAME or tap:NAME\n");
    return 64;
  }
  int handles[2];
  for (int side = 0; side < 2; side++) {
    const char *word = words[count - 2 + side], *colon = strchr(word, ':');
    if (colon == NULL) return 64;
    handles[side] = word[0] == 't' ? open_tap(colon + 1, large) : open_packet(colon + 1);
  }
  static unsigned char out[1 << 18], in[1 << 18];
  size_t waiting = 0;
  fprintf(stderr, "wire: ready\n");
  for (;;) {
    struct pollfd events[3] = {{.fd = handles[0], .events = POLLIN},
                               {.fd = handles[1], .events = POLLIN},
                               {.fd = joined ? -1 : 0, .events = POLLIN}};
    if (poll(events, 3, -1) < 0 && errno != EINTR) fail("poll");
    size_t filled = 0;
    for (int side = 0; side < 2; side++) {
      if (events[side].revents == 0) continue;
      for (int frames = 0; frames < 64 && sizeof out - filled > HEADER + LONGEST; frames++) {
        unsigned char *at = out + filled;
        ssize_t got = read(handles[side], at + HEADER, joined ? LONGEST : 65535);
        if (got <= 0) break;
        if (joined) {
          send_frame(handles[!side], at + HEADER, (size_t)got);
          continue;
        }
        at[0] = (unsigned char)side;
        at[1] = 0;
        at[2] = (unsigned char)got;
        at[3] = (unsigned char)(got >> 8);
        filled += HEADER + (size_t)got;
      }
    }
    write_all(out, filled);
    if (events[2].revents == 0) continue;
    ssize_t got = read(0, in + waiting, sizeof in - waiting);
    if (got <= 0) return 0;
    waiting += (size_t)got;
    size_t done = send_frames(handles, in, waiting);
    waiting -= done;
    memmove(in, in + done, waiting);
  }
}
