/**
 * The program that joins a tap interface: Node cannot make the calls (ioctl) that a tap is opened by. It gives frames of the interface to
 * its standard output and takes frames from its standard input, in the framing of linker/ethernet/framing.ts, until its input ends.
 */
export const tapProgram = `
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { LONGEST = 1518, PREFIX = 4, BATCH = 64 << 10 };

static int fail(const char *what) {
  perror(what);
  return 1;
}

static int open_tap(const char *name) {
  struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};
  int tap = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (tap < 0) return -1;
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  return ioctl(tap, TUNSETIFF, &request) == 0 ? tap : -1;
}

static int write_all(const uint8_t *bytes, size_t length) {
  while (length > 0) {
    ssize_t written = write(STDOUT_FILENO, bytes, length);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return 0;
    bytes += written;
    length -= (size_t)written;
  }
  return 1;
}

/* Frames that came to the interface, as many as are there and fit. */
static int take_from(int tap) {
  static uint8_t out[BATCH];
  size_t length = 0;
  while (length + PREFIX + LONGEST <= BATCH) {
    ssize_t got = read(tap, out + length + PREFIX, LONGEST);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) break;
    if (got < 0) return 0;
    uint32_t prefix = htonl((uint32_t)got);
    memcpy(out + length, &prefix, PREFIX);
    length += PREFIX + (size_t)got;
  }
  return write_all(out, length);
}

/* Frames for the interface. What it has no room for is lost, and while it is down, all is. */
static int give_to(int tap) {
  static uint8_t in[BATCH];
  static size_t have = 0;
  ssize_t got = read(STDIN_FILENO, in + have, BATCH - have);
  if (got < 0) return errno == EINTR || errno == EAGAIN;
  if (got == 0) return 0;
  have += (size_t)got;
  size_t at = 0;
  while (have - at >= PREFIX) {
    uint32_t prefix;
    memcpy(&prefix, in + at, PREFIX);
    size_t length = ntohl(prefix);
    if (length > LONGEST) return 0;
    if (have - at < PREFIX + length) break;
    if (write(tap, in + at + PREFIX, length) < 0 && errno == EBADFD) return 0;
    at += PREFIX + length;
  }
  memmove(in, in + at, have - at);
  have -= at;
  return 1;
}

int main(int count, char **words) {
  if (count != 2) return 64;
  int tap = open_tap(words[1]);
  if (tap < 0) return fail(words[1]);
  /* Ctrl-C of a terminal is for the switch, whose end is ours. */
  signal(SIGINT, SIG_IGN);
  /* An empty frame says that the interface is ours. */
  static const uint8_t ready[PREFIX];
  if (!write_all(ready, PREFIX)) return 1;
  struct pollfd watched[] = {{.fd = tap, .events = POLLIN}, {.fd = STDIN_FILENO, .events = POLLIN}};
  for (;;) {
    if (poll(watched, 2, -1) < 0 && errno != EINTR) return fail("poll");
    if (watched[0].revents != 0 && !take_from(tap)) return fail(words[1]);
    if (watched[1].revents != 0 && !give_to(tap)) return 0;
  }
}
`;
