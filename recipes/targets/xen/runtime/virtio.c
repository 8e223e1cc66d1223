/* What drivers of virtio devices on the MMIO transport have in common. */
#include "virtio.h"

static u32 get(const volatile u8 *registers, u32 place) { return *(const volatile u32 *)(registers + place); }
static void set(volatile u8 *registers, u32 place, u32 value) {
  *(volatile u32 *)(registers + place) = value;
}

volatile u8 *virtio_find(u32 kind, u32 index) {
  for (u32 place = MMIO_TRANSPORTS; place-- > 0;) {
    volatile u8 *registers = mmio_transports + place * MMIO_TRANSPORT_SIZE;
    if (get(registers, MAGIC) != MAGIC_VALUE || get(registers, VERSION) != MODERN) continue;
    if (get(registers, DEVICE_ID) == kind && index-- == 0) return registers;
  }
  return NULL;
}

u64 virtio_negotiate(volatile u8 *registers, u64 wanted) {
  set(registers, STATUS, 0);
  set(registers, STATUS, ACKNOWLEDGED | DRIVER);
  set(registers, DEVICE_FEATURES_SELECT, 0);
  u64 features = get(registers, DEVICE_FEATURES);
  set(registers, DEVICE_FEATURES_SELECT, 1);
  features |= (u64)get(registers, DEVICE_FEATURES) << 32;
  features &= wanted | VIRTIO_1;
  set(registers, DRIVER_FEATURES_SELECT, 0);
  set(registers, DRIVER_FEATURES, (u32)features);
  set(registers, DRIVER_FEATURES_SELECT, 1);
  set(registers, DRIVER_FEATURES, (u32)(features >> 32));
  set(registers, STATUS, ACKNOWLEDGED | DRIVER | FEATURES_OK);
  return get(registers, STATUS) & FEATURES_OK && features & VIRTIO_1 ? features : 0;
}

static void set_address(volatile u8 *registers, u32 place, const volatile void *part) {
  set(registers, place, (u32)physical(part));
  set(registers, place + 4, (u32)(physical(part) >> 32));
}

int virtio_open_queue(volatile u8 *registers, u32 which, struct queue *queue) {
  set(registers, QUEUE_SELECT, which);
  if (get(registers, QUEUE_READY) != 0 || get(registers, QUEUE_SIZE_MAXIMUM) < QUEUE_LENGTH) return 0;
  set(registers, QUEUE_SIZE, QUEUE_LENGTH);
  set_address(registers, QUEUE_DESCRIPTORS, queue->descriptors);
  set_address(registers, QUEUE_AVAILABLE, &queue->available);
  set_address(registers, QUEUE_USED, &queue->used);
  set(registers, QUEUE_READY, 1);
  return 1;
}

/* Intel 82093AA: registers are chosen by their number and seen through a window. */
enum { IO_APIC_SELECT = 0, IO_APIC_WINDOW = 0x10 / 4, IO_APIC_VERSION = 1, IO_APIC_PINS = 0x10 };
/* The first inputs are those of a PC's old devices, of which none is used. */
enum { FIRST_PIN = 5 };
enum { APIC_ID = 0x20 / 4 };

/*
 * Has all inputs wake this processor, whichever a device is at. As edges: a device raises its line anew for
 * what happens after its interrupt was acknowledged, and until then nothing repeats.
 */
static void open_interrupts(void) {
  static u8 opened;
  if (opened) return;
  opened = 1;
  for (u32 i = 0; i < IO_APICS; i++) {
    volatile u32 *io_apic = io_apics[i];
    io_apic[IO_APIC_SELECT] = IO_APIC_VERSION;
    u32 version = io_apic[IO_APIC_WINDOW];
    if (version == 0 || version == 0xffffffff) continue;
    u32 last = version >> 16 & 0xff;
    for (u32 pin = i == 0 ? FIRST_PIN : 0; pin <= last; pin++) {
      io_apic[IO_APIC_SELECT] = IO_APIC_PINS + 2 * pin + 1;
      io_apic[IO_APIC_WINDOW] = apic[APIC_ID] & 0xff000000;
      io_apic[IO_APIC_SELECT] = IO_APIC_PINS + 2 * pin;
      io_apic[IO_APIC_WINDOW] = DEVICE_VECTOR; /* fixed, physical destination, edge, not masked */
    }
  }
}

void virtio_run(volatile u8 *registers) {
  open_interrupts();
  set(registers, STATUS, ACKNOWLEDGED | DRIVER | FEATURES_OK | DRIVER_OK);
}

void virtio_give_up(volatile u8 *registers) { set(registers, STATUS, GIVEN_UP); }

/* The device is told, unless it looks by itself (2.7.13). */
void virtio_offer(volatile u8 *registers, u32 which, struct queue *queue, u16 descriptor) {
  queue->available.ring[queue->available.index % QUEUE_LENGTH] = descriptor;
  virtio_order();
  (*(volatile u16 *)&queue->available.index)++;
  virtio_order();
  if (!(queue->used.flags & NO_NOTIFICATION)) set(registers, QUEUE_NOTIFY, which);
}

void virtio_acknowledge(volatile u8 *registers) {
  u32 status = get(registers, INTERRUPT_STATUS);
  if (status != 0) set(registers, INTERRUPT_ACKNOWLEDGE, status);
}
