/* The life of an image: docs/abi.md, What the image exports. */
#include <signal.h>

#include "unipkg.h"

int main(void) {
  /* A peer that is gone is told by the result of a write. */
  signal(SIGPIPE, SIG_IGN);
  trap_open();
  memory_open();
  image_initialize();
  struct record *records = at(image_records());
  u64 deadline = image_start(clock_monotonic());
  while (deadline != ENDED) {
    u32 ready = event_wait(deadline, records);
    deadline = image_poll(clock_monotonic(), ready);
  }
  event_exit(0);
}
