/*
 * Virtual I/O Device (VIRTIO) Version 1.2, https://docs.oasis-open.org/virtio/virtio/v1.2/virtio-v1.2.html:
 * what a driver of devices on the MMIO transport needs. All numbers are little endian, as ours are.
 */
#ifndef VIRTIO_H
#define VIRTIO_H

#include "xen.h"

/* 4.2.2: registers, offsets in a transport. */
enum {
  MAGIC = 0x000,
  VERSION = 0x004,
  DEVICE_ID = 0x008,
  DEVICE_FEATURES = 0x010,
  DEVICE_FEATURES_SELECT = 0x014,
  DRIVER_FEATURES = 0x020,
  DRIVER_FEATURES_SELECT = 0x024,
  QUEUE_SELECT = 0x030,
  QUEUE_SIZE_MAXIMUM = 0x034,
  QUEUE_SIZE = 0x038,
  QUEUE_READY = 0x044,
  QUEUE_NOTIFY = 0x050,
  INTERRUPT_STATUS = 0x060,
  INTERRUPT_ACKNOWLEDGE = 0x064,
  STATUS = 0x070,
  /* Physical addresses of a queue's three parts, low half first. */
  QUEUE_DESCRIPTORS = 0x080,
  QUEUE_AVAILABLE = 0x090,
  QUEUE_USED = 0x0a0,
  CONFIGURATION = 0x100,
};
enum { MAGIC_VALUE = 0x74726976, MODERN = 2 };

/* 2.1: bits of STATUS. */
enum { ACKNOWLEDGED = 1, DRIVER = 2, DRIVER_OK = 4, FEATURES_OK = 8, GIVEN_UP = 128 };

/* 6: a device that follows the standard. */
#define VIRTIO_1 (1ull << 32)

/* 2.7: a split queue. */
enum { QUEUE_LENGTH = 256 };
enum { HAS_NEXT = 1, DEVICE_WRITES = 2 }; /* 2.7.5, flags of a descriptor */
enum { NO_INTERRUPT = 1 };     /* 2.7.6, flags of the available ring */
enum { NO_NOTIFICATION = 1 };  /* 2.7.8, flags of the used ring */

struct queue {
  struct {
    u64 address;
    u32 length;
    u16 flags, next;
  } descriptors[QUEUE_LENGTH];
  struct {
    u16 flags, index;
    u16 ring[QUEUE_LENGTH];
  } available;
  struct {
    volatile u16 flags, index;
    struct {
      u32 descriptor, length;
    } ring[QUEUE_LENGTH];
  } used __attribute__((aligned(4)));
  /* Entries of `used` that we have dealt with, modulo 2^16 as the rings count. */
  u16 seen;
} __attribute__((aligned(16)));

/* For what a driver keeps: 0 at the start, and not there under Xen, so that nobody may look at it then. */
#define DRIVER_MEMORY __attribute__((section(".devices")))

/* What the kernel's own memory is to a device. */
static inline u64 physical(const volatile void *pointer) { return (u64)pointer - BASE; }

/* The device may see the rings in between: what is written before is in memory before what follows. */
static inline void virtio_order(void) { __asm__ volatile("mfence" : : : "memory"); }

/* Whether the device has given back what we have not seen; what it wrote is read after this. */
static inline int virtio_returned(const struct queue *queue) {
  int more = queue->used.index != queue->seen;
  __asm__ volatile("" : : : "memory");
  return more;
}

/* ---- virtio.c: a device is known by its registers ---- */

/* Device `index` of a kind, NULL when there is none. QEMU fills its places from the last one on. */
volatile u8 *virtio_find(u32 kind, u32 index);
/* 3.1.1, steps 1 to 6: the features that are wanted and there, with VIRTIO_1; 0 when the device does not agree. */
u64 virtio_negotiate(volatile u8 *registers, u64 wanted);
/* 4.2.3.2, with descriptors that are filled in or will be; 0 when the device cannot have a queue of QUEUE_LENGTH. */
int virtio_open_queue(volatile u8 *registers, u32 which, struct queue *queue);
/* 3.1.1, step 8. From here on its interrupts wake the processor. */
void virtio_run(volatile u8 *registers);
/* It is not to be used. */
void virtio_give_up(volatile u8 *registers);
/* Gives a descriptor, or a chain by its first, to the device. */
void virtio_offer(volatile u8 *registers, u32 which, struct queue *queue, u16 descriptor);
/* What happens from here on interrupts: look at the rings after this. */
void virtio_acknowledge(volatile u8 *registers);

#endif
