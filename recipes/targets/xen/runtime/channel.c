/* docs/abi.md, channel: event channels of Xen (event_channel.h), of which all that are open wake the processor. */
#include "hypervisor.h"

enum { BIND_INTERDOMAIN = 0, CLOSE_CHANNEL = 3, ALLOC_UNBOUND = 6 };

/* As many as one SCHEDOP_poll takes (xen/common/sched/core.c, do_poll: 128). Ports from 0 on: handle CHANNEL_HANDLES + place. */
enum { CHANNELS = 128 };
static u32 ports[CHANNELS]; /* 0: not open; Xen gives no port 0 */
/* The open ones, as they are polled. */
static u32 polled[CHANNELS];
static u32 polled_count;

static u32 *port_of(u32 handle) {
  u32 place = handle - CHANNEL_HANDLES;
  return place < CHANNELS && ports[place] != 0 ? &ports[place] : NULL;
}

static void count_polled(void) {
  polled_count = 0;
  for (u32 i = 0; i < CHANNELS; i++) {
    if (ports[i] != 0) polled[polled_count++] = ports[i];
  }
}

static u32 events(struct record *records) {
  u32 told = 0;
  for (u32 i = 0; i < CHANNELS; i++) {
    if (ports[i] != 0 && hypervisor_take(ports[i])) {
      records[told++] = (struct record){CHANNEL_HANDLES + i, READABLE};
    }
  }
  return told;
}

static void sleep(u64 deadline) {
  hypervisor_sleep(polled, polled_count, deadline == NEVER ? 0 : deadline);
}

static u32 open_port(u32 port) {
  event_add_source(events);
  event_sleep_by(sleep);
  for (u32 i = 0; i < CHANNELS; i++) {
    if (ports[i] != 0) continue;
    ports[i] = port;
    count_polled();
    return CHANNEL_HANDLES + i;
  }
  hypercall(EVENT_CHANNEL_OP, CLOSE_CHANNEL, (u64)&port, 0);
  return (u32)EXHAUSTED;
}

u32 channel_store(u32 address) {
  static u8 taken = 0;
  if (!hypervisor_present) return (u32)UNREACHABLE;
  if (taken) return (u32)IN_USE;
  if (address % 4096 != 0) return (u32)INVALID;
  u64 frame = hypervisor_parameter(STORE_FRAME);
  if (frame == 0) return (u32)UNREACHABLE;
  taken = 1;
  memory_exchange(address, frame);
  return open_port((u32)hypervisor_parameter(STORE_PORT));
}

u32 channel_listen(u32 domain) {
  if (!hypervisor_present) return (u32)UNREACHABLE;
  struct {
    u16 domain, remote_domain;
    u32 port;
  } request = {DOMID_SELF, (u16)domain, 0};
  if (hypercall(EVENT_CHANNEL_OP, ALLOC_UNBOUND, (u64)&request, 0) != 0) return (u32)EXHAUSTED;
  return open_port(request.port);
}

u32 channel_connect(u32 domain, u32 port) {
  if (!hypervisor_present) return (u32)UNREACHABLE;
  struct {
    u16 remote_domain;
    u32 remote_port, local_port;
  } request = {(u16)domain, port, 0};
  if (hypercall(EVENT_CHANNEL_OP, BIND_INTERDOMAIN, (u64)&request, 0) != 0) return (u32)REFUSED;
  return open_port(request.local_port);
}

u32 channel_port(u32 handle) { return port_of(handle) == NULL ? (u32)INVALID : *port_of(handle); }

void channel_notify(u32 handle) {
  if (port_of(handle) != NULL) hypervisor_notify(*port_of(handle));
}

u32 channel_wait(u32 handle, u64 time) {
  u32 *port = port_of(handle);
  if (port == NULL) return (u32)INVALID;
  u64 deadline = clock_monotonic() + time;
  while (!hypervisor_take(*port)) {
    if (clock_monotonic() >= deadline) return (u32)TIMED_OUT;
    hypervisor_sleep(port, 1, deadline);
  }
  return 0;
}

void channel_close(u32 handle) {
  u32 *port = port_of(handle);
  if (port == NULL) return;
  hypercall(EVENT_CHANNEL_OP, CLOSE_CHANNEL, (u64)port, 0);
  *port = 0;
  count_polled();
}

u32 channel_load(u32 address) {
  u32 value = *(volatile u32 *)at(address);
  __asm__ volatile("" : : : "memory"); /* x86 keeps loads in order; the compiler must, too */
  return value;
}

void channel_publish(u32 address, u32 value) {
  __asm__ volatile("" : : : "memory");
  *(volatile u32 *)at(address) = value;
  __asm__ volatile("mfence" : : : "memory");
}
