/* docs/abi.md, event: the program's thread sleeps until something happened or its deadline has come. */
#include <linux/hrtimer.h>
#include <linux/idr.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

#include "module.h"

enum { HANDLES = 1 << 16 };

/* Changed by the program's thread alone. */
static DEFINE_IDR(handles);

/* Sources of which something happened that was not told yet, oldest first. */
static LIST_HEAD(ready);
static DEFINE_SPINLOCK(ready_lock);
static DECLARE_WAIT_QUEUE_HEAD(waiting);

u32 event_source_open(struct source *source, u32 (*told)(struct source *, u32)) {
  INIT_LIST_HEAD(&source->ready);
  source->pending = 0;
  source->told = told;
  /* Cyclic, so that no record at hand meets a handle's successor. */
  int handle = idr_alloc_cyclic(&handles, source, 1, HANDLES, GFP_KERNEL);
  if (handle < 0) return (u32)EXHAUSTED;
  source->handle = (u32)handle;
  return source->handle;
}

void event_source_close(struct source *source) {
  spin_lock_bh(&ready_lock);
  list_del_init(&source->ready);
  spin_unlock_bh(&ready_lock);
  idr_remove(&handles, source->handle);
}

struct source *event_source_of(u32 handle, u32 (*told)(struct source *, u32)) {
  struct source *source = handle < HANDLES ? idr_find(&handles, handle) : NULL;
  return source != NULL && source->told == told ? source : NULL;
}

void event_happened(struct source *source, u32 flags) {
  unsigned long interrupts;
  spin_lock_irqsave(&ready_lock, interrupts);
  source->pending |= flags;
  if (list_empty(&source->ready)) list_add_tail(&source->ready, &ready);
  spin_unlock_irqrestore(&ready_lock, interrupts);
  wake_up(&waiting);
}

/* Takes the oldest that something happened to; NULL when there is none. */
static struct source *take(u32 *pending) {
  spin_lock_bh(&ready_lock);
  struct source *source = list_first_entry_or_null(&ready, struct source, ready);
  if (source != NULL) {
    list_del_init(&source->ready);
    *pending = source->pending;
    source->pending = 0;
  }
  spin_unlock_bh(&ready_lock);
  return source;
}

static u32 tell(struct record *records) {
  u32 told = 0, pending;
  struct source *source;
  while (told < RECORDS && (source = take(&pending)) != NULL) {
    /* Telling may end the source: its handle is asked for first. */
    u32 handle = source->handle, flags = source->told(source, pending);
    if (flags != 0) records[told++] = (struct record){handle, flags};
  }
  return told;
}

static bool awake(void) { return !list_empty_careful(&ready); }

u32 event_wait(u64 deadline, struct record *records) {
  range((u32)((u64)records - MEMORY), RECORDS * sizeof *records);
  console_flush();
  for (;;) {
    attend();
    u32 told = tell(records);
    u64 now = clock_monotonic();
    u64 until = socket_linger(now);
    if (deadline < until) until = deadline;
    if (told > 0 || deadline <= now) return told;
    if (until == NEVER) wait_event_interruptible(waiting, awake());
    else if (until > now) wait_event_interruptible_hrtimeout(waiting, awake(), ns_to_ktime(until - now));
  }
}
