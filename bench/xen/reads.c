/*
 * The same reads as random-reads, by Linux's direct I/O: `reads DEVICE KILOBYTES` has blocks of 4 and 64 KiB read at random, one and 32 at
 * a time (io_submit), and prints the microseconds of each measurement.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <linux/fs.h>

enum { UNIT = 4096, MOST = 32 };

static uint64_t state;
static uint64_t next(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static uint64_t microseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000ull + now.tv_nsec / 1000;
}

static struct iocb blocks[MOST];

static void submit(aio_context_t context, struct iocb *block, int file, uint64_t places, unsigned size) {
  block->aio_fildes = file;
  block->aio_lio_opcode = IOCB_CMD_PREAD;
  block->aio_nbytes = size;
  block->aio_offset = (next() % places) * size;
  if (syscall(SYS_io_submit, context, 1, &block) != 1) fail("io_submit");
}

static void measure(int file, uint64_t bytes, unsigned size, int depth, unsigned count) {
  aio_context_t context = 0;
  if (syscall(SYS_io_setup, MOST, &context) != 0) fail("io_setup");
  uint64_t begin = microseconds();
  unsigned asked = 0;
  state = 2463534242;
  for (int i = 0; i < depth; i++, asked++) submit(context, &blocks[i], file, bytes / size, size);
  for (unsigned done = 0; done < count;) {
    struct io_event events[MOST];
    long told = syscall(SYS_io_getevents, context, 1, MOST, events, NULL);
    if (told < 1) fail("io_getevents");
    for (long i = 0; i < told; i++, done++) {
      struct iocb *block = (struct iocb *)events[i].obj;
      const char *read = (const char *)block->aio_buf;
      for (unsigned at = 0; at < size; at += UNIT) {
        uint64_t number;
        memcpy(&number, read + at, 8);
        if (events[i].res != size || number != (block->aio_offset + at) / UNIT) {
          printf("wrong at %lld: %lld\n", block->aio_offset / UNIT, events[i].res);
          exit(1);
        }
      }
      if (asked < count) {
        asked++;
        submit(context, block, file, bytes / size, size);
      }
    }
  }
  printf("reads %u %d %u %llu\n", size, depth, count, (unsigned long long)(microseconds() - begin));
  fflush(stdout);
  syscall(SYS_io_destroy, context);
}

int main(int count, char **words) {
  if (count != 3) return 64;
  int file = open(words[1], O_RDONLY | O_DIRECT);
  if (file < 0) fail(words[1]);
  uint64_t bytes;
  if (ioctl(file, BLKGETSIZE64, &bytes) != 0) fail("BLKGETSIZE64");
  for (int i = 0; i < MOST; i++) {
    void *memory;
    if (posix_memalign(&memory, UNIT, 65536) != 0) return 1;
    blocks[i].aio_buf = (uintptr_t)memory;
  }
  unsigned kilobytes = (unsigned)atoi(words[2]);
  for (unsigned size = 4096; size <= 65536; size *= 16) {
    measure(file, bytes, size, 1, kilobytes * 1024 / size);
    measure(file, bytes, size, 32, kilobytes * 1024 / size);
  }
  return 0;
}
