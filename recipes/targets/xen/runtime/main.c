/* The life of an image: docs/abi.md, What the image exports. */
#include "hypervisor.h"

void kernel_main(u64 start_info) {
  hypervisor_detect();
  console_open();
  trap_open();
  memory_map(start_info);
  if (hypervisor_present) {
    hypervisor_open();
    console_attach(hypervisor_console);
  }
  clock_open();
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
