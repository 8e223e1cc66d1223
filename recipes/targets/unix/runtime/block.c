/*
 * docs/abi.md, block: files and block devices of the kernel. What the page cache has is read at once; all else is done
 * by a few threads, since neither epoll nor a flag of open(2) keeps a disk from blocking. The threads touch nothing of
 * the program but the bytes of requests.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "unix.h"

enum { DISKS = 10, ROOM = 64, THREADS = 4, LIMIT = 1 << 20, FILE_SECTOR = 512 };

enum kind { READ, WRITE, FLUSH };
struct request {
  enum kind kind;
  u32 tag, length;
  u64 offset;
  void *bytes;
};
struct completion {
  u32 tag, result;
};

static struct disk {
  int file;
  int handle; /* an eventfd, written to when the program is to be told */
  u32 sector_size;
  u64 size;
  int read_only;
  pthread_mutex_t lock;
  pthread_cond_t more;
  /* From here on under the lock. Both rings have room for all that is under way. */
  struct request waiting[ROOM];
  u32 first_waiting, waiting_count;
  struct completion over[ROOM];
  u32 first_over, over_count;
  /* Requests that `completed` has not told. */
  u32 under_way;
  /* The program has seen all that was over: it is to be told of the next one. */
  int drained;
} disks[DISKS];
static u32 disk_count = 0;

static struct disk *disk_of(u32 handle) {
  for (u32 i = 0; i < disk_count; i++) {
    if ((u32)disks[i].handle == handle) return &disks[i];
  }
  return NULL;
}

/* What a request that failed comes to, by errno: docs/abi.md, block.completed. */
static u32 failure(void) {
  switch (errno) {
    case EFAULT:
      trap("memory access out of bounds", "block");
    case ENODEV:
    case ENXIO:
      return (u32)CLOSED;
    case ENOSPC:
    case EDQUOT:
      return (u32)EXHAUSTED;
    default:
      return (u32)FAILED;
  }
}

/* Does a request, however long that takes. */
static u32 perform(const struct disk *disk, const struct request *request) {
  if (request->kind == FLUSH) return fdatasync(disk->file) == 0 ? 0 : failure();
  u32 done = 0;
  while (done < request->length) {
    u8 *bytes = (u8 *)request->bytes + done;
    off_t offset = (off_t)(request->offset + done);
    ssize_t moved = request->kind == READ
                        ? pread(disk->file, bytes, request->length - done, offset)
                        : pwrite(disk->file, bytes, request->length - done, offset);
    if (moved > 0) {
      done += (u32)moved;
    } else if (moved == 0) {
      return (u32)FAILED; /* somebody has cut the file short */
    } else if (errno != EINTR) {
      return failure();
    }
  }
  return 0;
}

/* With the lock. */
static void complete(struct disk *disk, u32 tag, u32 result) {
  u32 place = (disk->first_over + disk->over_count++) % ROOM;
  disk->over[place] = (struct completion){tag, result};
  if (!disk->drained) return;
  disk->drained = 0;
  /* Each write is an edge to epoll, which is why nobody ever reads. */
  u64 one = 1;
  while (write(disk->handle, &one, sizeof one) < 0 && errno == EINTR) {
  }
}

/* A thread's life. */
static void *serve(void *argument) {
  struct disk *disk = argument;
  pthread_mutex_lock(&disk->lock);
  for (;;) {
    while (disk->waiting_count == 0) pthread_cond_wait(&disk->more, &disk->lock);
    struct request request = disk->waiting[disk->first_waiting];
    disk->first_waiting = (disk->first_waiting + 1) % ROOM;
    disk->waiting_count--;
    pthread_mutex_unlock(&disk->lock);
    u32 result = perform(disk, &request);
    pthread_mutex_lock(&disk->lock);
    complete(disk, request.tag, result);
  }
  return NULL;
}

/* Signals are for the program's own thread. */
static int start_threads(struct disk *disk) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  u32 started = 0;
  pthread_t thread;
  while (started < THREADS && pthread_create(&thread, NULL, serve, disk) == 0) started++;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return started > 0;
}

/* Size and sectors of the open file; false when it is nothing that has sectors. */
static int measure(struct disk *disk) {
  struct stat status;
  if (fstat(disk->file, &status) != 0) return 0;
  int sector_size = FILE_SECTOR;
  disk->size = (u64)status.st_size;
  if (S_ISBLK(status.st_mode)) {
    if (ioctl(disk->file, BLKGETSIZE64, &disk->size) != 0) return 0;
    if (ioctl(disk->file, BLKSSZGET, &sector_size) != 0) return 0;
  } else if (!S_ISREG(status.st_mode)) {
    return 0;
  }
  disk->sector_size = (u32)sector_size;
  return sector_size >= 512 && sector_size <= 4096;
}

static u32 refused(const struct disk *disk, u32 reason) {
  close(disk->file);
  return reason;
}

/* Disk 0 is the file that the variable UNIPKG_BLOCK0 names, and so on. */
u32 block_open(u32 index) {
  char variable[] = "UNIPKG_BLOCK0";
  if (index >= DISKS) return (u32)UNREACHABLE;
  variable[sizeof variable - 2] = (char)('0' + index);
  const char *path = getenv(variable);
  if (path == NULL || *path == 0) return (u32)UNREACHABLE;
  if (disk_count == DISKS) return (u32)EXHAUSTED;
  struct disk *disk = &disks[disk_count];
  disk->file = open(path, O_RDWR | O_CLOEXEC);
  disk->read_only = disk->file < 0 && (errno == EACCES || errno == EROFS || errno == EPERM);
  if (disk->read_only) disk->file = open(path, O_RDONLY | O_CLOEXEC);
  if (disk->file < 0) {
    return (u32)(errno == EACCES || errno == EPERM || errno == EISDIR ? DENIED : UNREACHABLE);
  }
  /* Two images that write to one disk would destroy it. The lock ends with the process. */
  if (flock(disk->file, (disk->read_only ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0) {
    return refused(disk, (u32)IN_USE);
  }
  if (!measure(disk)) return refused(disk, (u32)UNREACHABLE);
  pthread_mutex_init(&disk->lock, NULL);
  pthread_cond_init(&disk->more, NULL);
  disk->drained = 1;
  disk->handle = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (disk->handle < 0 || event_watch(disk->handle, 0) == (u32)EXHAUSTED) {
    return refused(disk, (u32)EXHAUSTED);
  }
  if (!start_threads(disk)) {
    event_close(disk->handle);
    return refused(disk, (u32)EXHAUSTED);
  }
  disk_count++;
  return (u32)disk->handle;
}

u32 block_sectorSize(u32 handle) {
  const struct disk *disk = disk_of(handle);
  return disk == NULL ? (u32)INVALID : disk->sector_size;
}

u64 block_sectors(u32 handle) {
  const struct disk *disk = disk_of(handle);
  return disk == NULL ? 0 : disk->size / disk->sector_size;
}

u32 block_limit(u32 handle) { return disk_of(handle) == NULL ? (u32)INVALID : LIMIT; }

u32 block_readOnly(u32 handle) {
  const struct disk *disk = disk_of(handle);
  return disk == NULL ? (u32)INVALID : (u32)disk->read_only;
}

static int fits(const struct disk *disk, u64 sector, u32 length) {
  u64 sectors = disk->size / disk->sector_size;
  return length > 0 && length <= LIMIT && length % disk->sector_size == 0 && sector <= sectors &&
         length / disk->sector_size <= sectors - sector;
}

static u32 ask(struct disk *disk, struct request request) {
  pthread_mutex_lock(&disk->lock);
  u32 answer = disk->under_way < ROOM ? 0 : (u32)WOULD_BLOCK;
  if (answer == 0) {
    disk->under_way++;
    disk->waiting[(disk->first_waiting + disk->waiting_count++) % ROOM] = request;
    pthread_cond_signal(&disk->more);
  }
  pthread_mutex_unlock(&disk->lock);
  return answer;
}

/* Whether all of the bytes were in the page cache, and are read. */
static int read_now(struct disk *disk, const struct request *request) {
  struct iovec part = {.iov_base = request->bytes, .iov_len = request->length};
  pthread_mutex_lock(&disk->lock);
  int done = disk->under_way < ROOM && preadv2(disk->file, &part, 1, (off_t)request->offset,
                                               RWF_NOWAIT) == (ssize_t)request->length;
  if (done) {
    disk->under_way++;
    complete(disk, request->tag, 0);
  }
  pthread_mutex_unlock(&disk->lock);
  return done;
}

static u32 move(enum kind kind, u32 handle, u32 tag, u64 sector, u32 address, u32 length) {
  struct disk *disk = disk_of(handle);
  if (disk == NULL || !fits(disk, sector, length)) return (u32)INVALID;
  if (kind == WRITE && disk->read_only) return (u32)DENIED;
  struct request request = {kind, tag, length, sector * disk->sector_size, at(address)};
  return kind == READ && read_now(disk, &request) ? 0 : ask(disk, request);
}

u32 block_read(u32 handle, u32 tag, u64 sector, u32 address, u32 length) {
  return move(READ, handle, tag, sector, address, length);
}

u32 block_write(u32 handle, u32 tag, u64 sector, u32 address, u32 length) {
  return move(WRITE, handle, tag, sector, address, length);
}

u32 block_flush(u32 handle, u32 tag) {
  struct disk *disk = disk_of(handle);
  if (disk == NULL) return (u32)INVALID;
  return ask(disk, (struct request){.kind = FLUSH, .tag = tag});
}

u32 block_completed(u32 handle, u32 address, u32 capacity) {
  struct disk *disk = disk_of(handle);
  if (disk == NULL) return (u32)INVALID;
  struct completion *told = at(address);
  pthread_mutex_lock(&disk->lock);
  u32 count = disk->over_count < capacity ? disk->over_count : capacity;
  for (u32 i = 0; i < count; i++) told[i] = disk->over[(disk->first_over + i) % ROOM];
  disk->first_over = (disk->first_over + count) % ROOM;
  disk->over_count -= count;
  disk->under_way -= count;
  if (count < capacity) disk->drained = 1;
  pthread_mutex_unlock(&disk->lock);
  return count;
}
