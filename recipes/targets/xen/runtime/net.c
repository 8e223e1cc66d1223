/*
 * docs/abi.md, net: virtio network cards (VIRTIO 1.2, 5.1) on the MMIO transport.
 *
 * Every descriptor has a buffer of its own for ever, of one frame and its header. Frames are copied once
 * on their way, since the device needs physical addresses and the program's pages have theirs anywhere.
 */
#include "hypervisor.h"
#include "virtio.h"

enum { NETWORK_CARD = 1 };                       /* 5: device ID */
enum { RECEIVE = 0, TRANSMIT = 1, QUEUES = 2 };  /* 5.1.2 */
enum { HAS_MTU = 1 << 3, HAS_ADDRESS = 1 << 5 }; /* 5.1.3: features */
enum { CONFIGURED_MTU = 10 };                    /* 5.1.4: place in the configuration; the address is at 0 */
enum { FRAME_HEADER = 14, USUAL_MTU = 1500 };

/* 5.1.6: before each frame; all 0 without the features that it serves. */
enum { HEADER = 12 };
/* 5.1.6.3.1 asks for 1526 bytes at least; IEEE 802.3, 4A.4.2: the shortest frame without its checksum. */
enum { BUFFER = 2048, LONGEST = BUFFER - HEADER, SHORTEST = 60 };

enum { CARDS = 2 };
static struct card {
  volatile u8 *registers; /* NULL: not open */
  u64 address;
  u32 mtu;
  struct queue queues[QUEUES];
  u8 buffers[QUEUES][QUEUE_LENGTH][BUFFER];
  /* Descriptors of TRANSMIT that the device does not have. */
  u16 free[QUEUE_LENGTH];
  u32 free_count;
  /* Nothing was left to receive, or no room to send, when the program asked last: it is to be told. */
  u8 drained, blocked;
} cards[CARDS];

static u32 get(const struct card *card, u32 place) { return *(volatile u32 *)(card->registers + place); }
static void set(struct card *card, u32 place, u32 value) {
  *(volatile u32 *)(card->registers + place) = value;
}
static u64 physical(const volatile void *pointer) { return (u64)pointer - BASE; }

/* The device may see the rings in between: what is written before is in memory before what follows. */
static void order(void) { __asm__ volatile("mfence" : : : "memory"); }

/* Gives a descriptor to the device, which is told unless it looks by itself (2.7.13). */
static void offer(struct card *card, u32 which, u16 descriptor) {
  struct queue *queue = &card->queues[which];
  queue->available.ring[queue->available.index % QUEUE_LENGTH] = descriptor;
  order();
  (*(volatile u16 *)&queue->available.index)++;
  order();
  if (!(queue->used.flags & NO_NOTIFICATION)) set(card, QUEUE_NOTIFY, which);
}

/* Whether the device has given back what we have not seen; what it wrote is read after this. */
static int returned(const struct queue *queue) {
  int more = queue->used.index != queue->seen;
  __asm__ volatile("" : : : "memory");
  return more;
}

/* Takes back what was sent. */
static void reclaim(struct card *card) {
  struct queue *queue = &card->queues[TRANSMIT];
  for (; returned(queue); queue->seen++) {
    card->free[card->free_count++] = (u16)queue->used.ring[queue->seen % QUEUE_LENGTH].descriptor;
  }
}

static void set_address(struct card *card, u32 place, const volatile void *part) {
  set(card, place, (u32)physical(part));
  set(card, place + 4, (u32)(physical(part) >> 32));
}

/* 4.2.3.2: false when the device cannot have a queue of this length. */
static int open_queue(struct card *card, u32 which) {
  struct queue *queue = &card->queues[which];
  set(card, QUEUE_SELECT, which);
  if (get(card, QUEUE_READY) != 0 || get(card, QUEUE_SIZE_MAXIMUM) < QUEUE_LENGTH) return 0;
  set(card, QUEUE_SIZE, QUEUE_LENGTH);
  for (u32 i = 0; i < QUEUE_LENGTH; i++) {
    queue->descriptors[i].address = physical(card->buffers[which][i]);
    queue->descriptors[i].length = BUFFER;
    queue->descriptors[i].flags = which == RECEIVE ? DEVICE_WRITES : 0;
  }
  set_address(card, QUEUE_DESCRIPTORS, queue->descriptors);
  set_address(card, QUEUE_AVAILABLE, &queue->available);
  set_address(card, QUEUE_USED, &queue->used);
  set(card, QUEUE_READY, 1);
  return 1;
}

/* 3.1.1: the start of a device, up to the point where it runs. */
static int open_card(struct card *card) {
  set(card, STATUS, 0);
  set(card, STATUS, ACKNOWLEDGED | DRIVER);
  set(card, DEVICE_FEATURES_SELECT, 0);
  u64 offered = get(card, DEVICE_FEATURES);
  set(card, DEVICE_FEATURES_SELECT, 1);
  offered |= (u64)get(card, DEVICE_FEATURES) << 32;
  u64 wanted = offered & (VIRTIO_1 | HAS_ADDRESS | HAS_MTU);
  set(card, DRIVER_FEATURES_SELECT, 0);
  set(card, DRIVER_FEATURES, (u32)wanted);
  set(card, DRIVER_FEATURES_SELECT, 1);
  set(card, DRIVER_FEATURES, (u32)(wanted >> 32));
  set(card, STATUS, ACKNOWLEDGED | DRIVER | FEATURES_OK);
  if (!(get(card, STATUS) & FEATURES_OK) || !(wanted & VIRTIO_1) || !(wanted & HAS_ADDRESS)) return 0;
  if (!open_queue(card, RECEIVE) || !open_queue(card, TRANSMIT)) return 0;

  const volatile u8 *configuration = card->registers + CONFIGURATION;
  card->address = 0;
  for (u32 i = 0; i < 6; i++) card->address = card->address << 8 | configuration[i];
  u32 mtu = wanted & HAS_MTU ? *(const volatile u16 *)(configuration + CONFIGURED_MTU) : USUAL_MTU;
  card->mtu = mtu < LONGEST - FRAME_HEADER ? mtu : LONGEST - FRAME_HEADER;

  set(card, STATUS, ACKNOWLEDGED | DRIVER | FEATURES_OK | DRIVER_OK);
  card->queues[TRANSMIT].available.flags = NO_INTERRUPT;
  for (u16 i = 0; i < QUEUE_LENGTH; i++) {
    card->free[card->free_count++] = i;
    offer(card, RECEIVE, i);
  }
  card->drained = 1;
  return 1;
}

/* Intel 82093AA: registers are chosen by their number and seen through a window. */
enum { IO_APIC_SELECT = 0, IO_APIC_WINDOW = 0x10 / 4, IO_APIC_VERSION = 1, IO_APIC_PINS = 0x10 };
/* The first inputs are those of a PC's old devices, of which none is used. */
enum { FIRST_PIN = 5 };
enum { APIC_ID = 0x20 / 4 };

/*
 * Has all inputs wake this processor, whichever a card is at. As edges: a card raises its line anew for
 * what happens after its interrupt was acknowledged, and until then nothing repeats.
 */
static void open_interrupts(void) {
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

/* What has happened to one card, as flags. */
static u32 flags_of(struct card *card) {
  u32 flags = 0;
  if (card->drained && returned(&card->queues[RECEIVE])) flags |= READABLE;
  if (card->blocked && returned(&card->queues[TRANSMIT])) flags |= WRITABLE;
  return flags;
}

static u32 events(struct record *records) {
  u32 told = 0;
  for (u32 handle = 0; handle < CARDS; handle++) {
    struct card *card = &cards[handle];
    if (card->registers == NULL) continue;
    u32 flags = flags_of(card);
    if (flags == 0) {
      /* Acknowledged first, looked at next: what comes after the look interrupts. */
      u32 status = get(card, INTERRUPT_STATUS);
      if (status != 0) set(card, INTERRUPT_ACKNOWLEDGE, status);
      flags = flags_of(card);
      if (flags == 0) continue;
    }
    if (flags & READABLE) card->drained = 0;
    if (flags & WRITABLE) {
      card->blocked = 0;
      card->queues[TRANSMIT].available.flags = NO_INTERRUPT;
    }
    records[told++] = (struct record){handle, flags};
  }
  return told;
}

/* Registers of network card `index`, NULL when there is none. QEMU fills its places from the last one on. */
static volatile u8 *find_card(u32 index) {
  for (u32 place = MMIO_TRANSPORTS; place-- > 0;) {
    volatile u8 *registers = mmio_transports + place * MMIO_TRANSPORT_SIZE;
    const volatile u32 *words = (const volatile u32 *)registers;
    if (words[MAGIC / 4] != MAGIC_VALUE || words[VERSION / 4] != MODERN) continue;
    if (words[DEVICE_ID / 4] == NETWORK_CARD && index-- == 0) return registers;
  }
  return NULL;
}

u32 net_open(u32 index) {
  if (hypervisor_present) return (u32)UNREACHABLE; /* Xen has none of these places */
  if (index >= CARDS) return (u32)EXHAUSTED;
  struct card *card = &cards[index];
  if (card->registers != NULL) return (u32)IN_USE;
  card->registers = find_card(index);
  if (card->registers == NULL) return (u32)UNREACHABLE;
  open_interrupts();
  if (!open_card(card)) {
    set(card, STATUS, FAILED);
    card->registers = NULL;
    return (u32)UNREACHABLE;
  }
  event_add_source(events);
  return index;
}

static struct card *card_of(u32 handle) {
  return handle < CARDS && cards[handle].registers != NULL ? &cards[handle] : NULL;
}

u64 net_address(u32 handle) { return card_of(handle) == NULL ? 0 : cards[handle].address; }

u32 net_mtu(u32 handle) { return card_of(handle) == NULL ? (u32)INVALID : cards[handle].mtu; }

u32 net_send(u32 handle, u32 address, u32 length) {
  struct card *card = card_of(handle);
  if (card == NULL || length < FRAME_HEADER || length > card->mtu + FRAME_HEADER) return (u32)INVALID;
  reclaim(card);
  if (card->free_count == 0) {
    struct queue *queue = &card->queues[TRANSMIT];
    card->blocked = 1;
    /* Interrupts are asked for before the last look, so that none is missed (2.7.7). */
    *(volatile u16 *)&queue->available.flags = 0;
    order();
    reclaim(card);
    if (card->free_count == 0) return (u32)WOULD_BLOCK;
    card->blocked = 0;
    queue->available.flags = NO_INTERRUPT;
  }
  u16 descriptor = card->free[--card->free_count];
  u8 *buffer = card->buffers[TRANSMIT][descriptor];
  __builtin_memcpy(buffer + HEADER, at(address), length);
  u32 padded = length < SHORTEST ? SHORTEST : length;
  __builtin_memset(buffer + HEADER + length, 0, padded - length);
  card->queues[TRANSMIT].descriptors[descriptor].length = HEADER + padded;
  offer(card, TRANSMIT, descriptor);
  return length;
}

u32 net_receive(u32 handle, u32 address, u32 capacity) {
  struct card *card = card_of(handle);
  if (card == NULL) return (u32)INVALID;
  struct queue *queue = &card->queues[RECEIVE];
  if (!returned(queue)) {
    card->drained = 1;
    return (u32)WOULD_BLOCK;
  }
  u32 place = queue->seen++ % QUEUE_LENGTH;
  u16 descriptor = (u16)queue->used.ring[place].descriptor;
  u32 length = queue->used.ring[place].length;
  length = length < HEADER ? 0 : length > BUFFER ? LONGEST : length - HEADER;
  if (length > capacity) length = capacity;
  __builtin_memcpy(at(address), card->buffers[RECEIVE][descriptor] + HEADER, length);
  offer(card, RECEIVE, descriptor);
  return length;
}
