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
} cards[CARDS] DRIVER_MEMORY;

/* Takes back what was sent. */
static void reclaim(struct card *card) {
  struct queue *queue = &card->queues[TRANSMIT];
  for (; virtio_returned(queue); queue->seen++) {
    card->free[card->free_count++] = (u16)queue->used.ring[queue->seen % QUEUE_LENGTH].descriptor;
  }
}

/* 5.1.3.1: the queues, each descriptor with its buffer. */
static int open_queue(struct card *card, u32 which) {
  struct queue *queue = &card->queues[which];
  for (u32 i = 0; i < QUEUE_LENGTH; i++) {
    queue->descriptors[i].address = physical(card->buffers[which][i]);
    queue->descriptors[i].length = BUFFER;
    queue->descriptors[i].flags = which == RECEIVE ? DEVICE_WRITES : 0;
  }
  return virtio_open_queue(card->registers, which, queue);
}

static int open_card(struct card *card) {
  u64 features = virtio_negotiate(card->registers, HAS_ADDRESS | HAS_MTU);
  if (!(features & HAS_ADDRESS)) return 0;
  if (!open_queue(card, RECEIVE) || !open_queue(card, TRANSMIT)) return 0;

  const volatile u8 *configuration = card->registers + CONFIGURATION;
  card->address = 0;
  for (u32 i = 0; i < 6; i++) card->address = card->address << 8 | configuration[i];
  u32 mtu = features & HAS_MTU ? *(const volatile u16 *)(configuration + CONFIGURED_MTU) : USUAL_MTU;
  card->mtu = mtu < LONGEST - FRAME_HEADER ? mtu : LONGEST - FRAME_HEADER;

  virtio_run(card->registers);
  card->queues[TRANSMIT].available.flags = NO_INTERRUPT;
  for (u16 i = 0; i < QUEUE_LENGTH; i++) {
    card->free[card->free_count++] = i;
    virtio_offer(card->registers, RECEIVE, &card->queues[RECEIVE], i);
  }
  card->drained = 1;
  return 1;
}

/* What has happened to one card, as flags. */
static u32 flags_of(struct card *card) {
  u32 flags = 0;
  if (card->drained && virtio_returned(&card->queues[RECEIVE])) flags |= READABLE;
  if (card->blocked && virtio_returned(&card->queues[TRANSMIT])) flags |= WRITABLE;
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
      virtio_acknowledge(card->registers);
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

u32 net_open(u32 index) {
  if (hypervisor_present) return (u32)UNREACHABLE; /* Xen has none of these places */
  if (index >= CARDS) return (u32)EXHAUSTED;
  struct card *card = &cards[index];
  if (card->registers != NULL) return (u32)IN_USE;
  card->registers = virtio_find(NETWORK_CARD, index);
  if (card->registers == NULL) return (u32)UNREACHABLE;
  if (!open_card(card)) {
    virtio_give_up(card->registers);
    card->registers = NULL;
    return (u32)UNREACHABLE;
  }
  event_add_source(events);
  return index;
}

static struct card *card_of(u32 handle) {
  return !hypervisor_present && handle < CARDS && cards[handle].registers != NULL ? &cards[handle] : NULL;
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
    virtio_order();
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
  virtio_offer(card->registers, TRANSMIT, &card->queues[TRANSMIT], descriptor);
  return length;
}

u32 net_receive(u32 handle, u32 address, u32 capacity) {
  struct card *card = card_of(handle);
  if (card == NULL) return (u32)INVALID;
  struct queue *queue = &card->queues[RECEIVE];
  if (!virtio_returned(queue)) {
    card->drained = 1;
    return (u32)WOULD_BLOCK;
  }
  u32 place = queue->seen++ % QUEUE_LENGTH;
  u16 descriptor = (u16)queue->used.ring[place].descriptor;
  u32 length = queue->used.ring[place].length;
  length = length < HEADER ? 0 : length > BUFFER ? LONGEST : length - HEADER;
  if (length > capacity) length = capacity;
  __builtin_memcpy(at(address), card->buffers[RECEIVE][descriptor] + HEADER, length);
  virtio_offer(card->registers, RECEIVE, queue, descriptor);
  return length;
}
