/* Joins the frames of standard input by offload.c, takes them apart again, and writes what comes out; both as length (two octets, little endian) and frame. */
#include <stdio.h>
#include <string.h>

#include "offload.h"

static struct outgoing waiting;
static struct incoming large;
static unsigned pieces = 0;

static void put(const u8 *frame, u32 length) {
  putchar((int)(length & 255));
  putchar((int)(length >> 8));
  fwrite(frame, 1, length, stdout);
}

static void flush(void) {
  static u8 frame[LONGEST];
  if (waiting.length == 0) return;
  offload_finish(&waiting);
  pieces++;
  memcpy(large.frame, waiting.frame, waiting.length);
  if (offload_take_apart(&large, &waiting.header, waiting.length)) {
    for (u32 length; (length = offload_next(&large, frame)) > 0;) put(frame, length);
  } else {
    put(waiting.frame, waiting.length);
  }
  waiting.length = 0;
}

int main(void) {
  static u8 frame[LONGEST];
  for (int low; (low = getchar()) != EOF;) {
    u32 length = (u32)low | (u32)getchar() << 8;
    if (fread(frame, 1, length, stdin) != length) return 1;
    int joined = offload_join(&waiting, frame, length);
    if (joined == ALONE && waiting.length > 0) {
      flush();
      joined = offload_join(&waiting, frame, length);
    }
    if (joined == ALONE) {
      pieces++;
      put(frame, length);
    }
    if (joined == LAST) flush();
  }
  flush();
  fprintf(stderr, "%u", pieces);
  return 0;
}
