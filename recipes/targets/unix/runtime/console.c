/* docs/abi.md, console: streams 1 and 2 are the process's own. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "unipkg.h"

static void put(int stream, const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t written = write(stream, bytes, length);
    if (written > 0) {
      bytes += written;
      length -= (size_t)written;
    } else if (errno == EAGAIN) {
      /* Somebody made the terminal or pipe non-blocking: wait for room. */
      poll(&(struct pollfd){.fd = stream, .events = POLLOUT}, 1, -1);
    } else if (errno != EINTR) {
      return; /* Nobody reads any more; that never fails the program. */
    }
  }
}

void console_write(u32 stream, u32 address, u32 length) {
  put(stream == 2 ? 2 : 1, at(address), length);
}

void console_text(u32 stream, const char *text) { put((int)stream, text, strlen(text)); }
