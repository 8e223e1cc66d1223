/*
 * docs/abi.md, block: virtio disks (VIRTIO 1.2, 5.2) on the MMIO transport.
 *
 * The device moves bytes to and from the program's own pages: each run of pages that is one in physical memory, too,
 * is a descriptor of the request's chain.
 */
#include "hypervisor.h"
#include "virtio.h"

enum { DISK = 2 };     /* 5: device ID */
enum { REQUESTS = 0 }; /* 5.2.2: the queue */
/* 5.2.3: features. */
enum { IS_READ_ONLY = 1 << 5, HAS_BLOCK_SIZE = 1 << 6, CAN_FLUSH = 1 << 9 };
/* 5.2.4: places in the configuration. */
enum { CAPACITY = 0, BLOCK_SIZE = 20 };
/* 5.2.6: types of requests, and the status that says that one was done. */
enum { IN = 0, OUT = 1, FLUSH = 4, OK = 0 };
/* Places and lengths are in these, whatever the sector's size. */
enum { SECTOR = 512 };

enum { DISKS = 4, PAGE = 4096 };
/* A request's chain is a header, a descriptor for each page at most, and a status. */
enum { LIMIT = 128 << 10, LONGEST_CHAIN = LIMIT / PAGE + 1 + 2 };
enum { NOTHING = 0xffff };

static struct disk {
  volatile u8 *registers; /* NULL: not open */
  u32 sector_size;
  u64 sectors;
  u8 read_only, can_flush;
  struct queue queue;
  /* Of the request whose chain begins at a descriptor. */
  struct {
    u32 type, reserved;
    u64 sector;
  } headers[QUEUE_LENGTH];
  u8 statuses[QUEUE_LENGTH];
  u32 tags[QUEUE_LENGTH];
  /* Descriptors that the device does not have, linked by `next`. */
  u16 free;
  u32 free_count;
  /* A flush of a device that has no cache is over at once: tags to be told. */
  u32 at_once[QUEUE_LENGTH];
  u32 at_once_count;
  /* The program has seen all that was over: it is to be told of the next one. */
  u8 drained;
} disks[DISKS] DRIVER_MEMORY;

static int is_over(const struct disk *disk) {
  return disk->at_once_count > 0 || virtio_returned(&disk->queue);
}

static u32 events(struct record *records) {
  u32 told = 0;
  for (u32 i = 0; i < DISKS; i++) {
    struct disk *disk = &disks[i];
    if (disk->registers == NULL || !disk->drained) continue;
    if (!is_over(disk)) {
      /* Acknowledged first, looked at next: what comes after the look interrupts. */
      virtio_acknowledge(disk->registers);
      if (!is_over(disk)) continue;
    }
    disk->drained = 0;
    records[told++] = (struct record){BLOCK_HANDLES + i, READABLE};
  }
  return told;
}

static u16 take_descriptor(struct disk *disk, u64 address, u32 length, u16 flags) {
  u16 taken = disk->free;
  disk->free = disk->queue.descriptors[taken].next;
  disk->free_count--;
  disk->queue.descriptors[taken].address = address;
  disk->queue.descriptors[taken].length = length;
  disk->queue.descriptors[taken].flags = flags;
  return taken;
}

static void free_chain(struct disk *disk, u16 first) {
  u16 last = first;
  u32 count = 1;
  for (; disk->queue.descriptors[last].flags & HAS_NEXT; count++) last = disk->queue.descriptors[last].next;
  disk->queue.descriptors[last].next = disk->free;
  disk->free = first;
  disk->free_count += count;
}

static int open_disk(struct disk *disk) {
  u64 features = virtio_negotiate(disk->registers, IS_READ_ONLY | HAS_BLOCK_SIZE | CAN_FLUSH);
  if (features == 0 || !virtio_open_queue(disk->registers, REQUESTS, &disk->queue)) return 0;
  const volatile u8 *configuration = disk->registers + CONFIGURATION;
  u64 capacity = *(const volatile u32 *)(configuration + CAPACITY) |
                 (u64) * (const volatile u32 *)(configuration + CAPACITY + 4) << 32;
  u32 size = features & HAS_BLOCK_SIZE ? *(const volatile u32 *)(configuration + BLOCK_SIZE) : SECTOR;
  if (size < SECTOR || size > PAGE || (size & (size - 1)) != 0) return 0;
  disk->sector_size = size;
  disk->sectors = capacity / (size / SECTOR);
  disk->read_only = (features & IS_READ_ONLY) != 0;
  disk->can_flush = (features & CAN_FLUSH) != 0;
  for (u32 i = 0; i < QUEUE_LENGTH; i++) disk->queue.descriptors[i].next = (u16)(i + 1);
  disk->free = 0;
  disk->free_count = QUEUE_LENGTH;
  disk->drained = 1;
  virtio_run(disk->registers);
  return 1;
}

u32 block_open(u32 index) {
  if (hypervisor_present || index >= DISKS) return (u32)UNREACHABLE; /* Xen has none of these places */
  struct disk *disk = &disks[index];
  if (disk->registers != NULL) return (u32)IN_USE;
  disk->registers = virtio_find(DISK, index);
  if (disk->registers == NULL) return (u32)UNREACHABLE;
  if (!open_disk(disk)) {
    virtio_give_up(disk->registers);
    disk->registers = NULL;
    return (u32)UNREACHABLE;
  }
  event_add_source(events);
  return BLOCK_HANDLES + index;
}

static struct disk *disk_of(u32 handle) {
  u32 index = handle - BLOCK_HANDLES;
  return !hypervisor_present && index < DISKS && disks[index].registers != NULL ? &disks[index] : NULL;
}

u32 block_sectorSize(u32 handle) {
  const struct disk *disk = disk_of(handle);
  return disk == NULL ? (u32)INVALID : disk->sector_size;
}

u64 block_sectors(u32 handle) {
  const struct disk *disk = disk_of(handle);
  return disk == NULL ? 0 : disk->sectors;
}

u32 block_limit(u32 handle) { return disk_of(handle) == NULL ? (u32)INVALID : LIMIT; }

u32 block_readOnly(u32 handle) {
  const struct disk *disk = disk_of(handle);
  return disk == NULL ? (u32)INVALID : disk->read_only;
}

/* 5.2.6: header, bytes, status, as one chain. */
static u32 ask(struct disk *disk, u32 type, u32 tag, u64 sector, u32 address, u32 length) {
  if (disk->free_count < LONGEST_CHAIN) return (u32)WOULD_BLOCK;
  u16 first = disk->free;
  disk->headers[first].type = type;
  disk->headers[first].reserved = 0;
  disk->headers[first].sector = sector * (disk->sector_size / SECTOR);
  disk->tags[first] = tag;
  take_descriptor(disk, physical(&disk->headers[first]), sizeof disk->headers[first], HAS_NEXT);
  u16 last = NOTHING;
  u16 flags = type == IN ? HAS_NEXT | DEVICE_WRITES : HAS_NEXT;
  for (u32 done = 0; done < length;) {
    u32 part = PAGE - (address + done) % PAGE;
    if (part > length - done) part = length - done;
    u64 place = memory_frame(address + done) * PAGE + (address + done) % PAGE;
    if (last != NOTHING && disk->queue.descriptors[last].address + disk->queue.descriptors[last].length == place) {
      disk->queue.descriptors[last].length += part;
    } else {
      last = take_descriptor(disk, place, part, flags);
    }
    done += part;
  }
  take_descriptor(disk, physical(&disk->statuses[first]), 1, DEVICE_WRITES);
  virtio_offer(disk->registers, REQUESTS, &disk->queue, first);
  return 0;
}

static u32 move(u32 type, u32 handle, u32 tag, u64 sector, u32 address, u32 length) {
  struct disk *disk = disk_of(handle);
  if (disk == NULL || length == 0 || length > LIMIT || length % disk->sector_size != 0) return (u32)INVALID;
  if (sector > disk->sectors || length / disk->sector_size > disk->sectors - sector) return (u32)INVALID;
  if (type == OUT && disk->read_only) return (u32)DENIED;
  if ((u64)address + length > (u64)memory_pages * 65536) trap("memory access out of bounds", "block");
  return ask(disk, type, tag, sector, address, length);
}

u32 block_read(u32 handle, u32 tag, u64 sector, u32 address, u32 length) {
  return move(IN, handle, tag, sector, address, length);
}

u32 block_write(u32 handle, u32 tag, u64 sector, u32 address, u32 length) {
  return move(OUT, handle, tag, sector, address, length);
}

u32 block_flush(u32 handle, u32 tag) {
  struct disk *disk = disk_of(handle);
  if (disk == NULL) return (u32)INVALID;
  if (disk->can_flush) return ask(disk, FLUSH, tag, 0, 0, 0);
  /* 5.2.6.2: what such a device has done lasts. */
  if (disk->at_once_count == QUEUE_LENGTH) return (u32)WOULD_BLOCK;
  disk->at_once[disk->at_once_count++] = tag;
  return 0;
}

u32 block_completed(u32 handle, u32 address, u32 capacity) {
  struct disk *disk = disk_of(handle);
  if (disk == NULL) return (u32)INVALID;
  u32 *told = at(address);
  u32 count = 0;
  while (count < capacity && disk->at_once_count > 0) {
    told[2 * count] = disk->at_once[--disk->at_once_count];
    told[2 * count++ + 1] = 0;
  }
  struct queue *queue = &disk->queue;
  while (count < capacity && virtio_returned(queue)) {
    u16 first = (u16)queue->used.ring[queue->seen++ % QUEUE_LENGTH].descriptor;
    told[2 * count] = disk->tags[first];
    told[2 * count++ + 1] = disk->statuses[first] == OK ? 0 : (u32)FAILED;
    free_chain(disk, first);
  }
  if (count < capacity) disk->drained = 1;
  return count;
}
