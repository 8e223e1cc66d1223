/* What the files of this runtime share besides the host calls. */
#ifndef MODULE_H
#define MODULE_H

#include <linux/wait.h>

#include "unipkg.h"

/* A pointer to `length` bytes of the program's; what is outside of its memory ends it. */
static inline void *range(u32 address, u64 length) {
  if (length > memory_limit - 65536) memory_fault((u64)address + length);
  return (void *)memory_place(length == 0 ? 65536 : address, length);
}

/* ---- memory.c ---- */

/* Has `mebibytes` for the program, 0 being 16 more than it needs at least; false when the kernel has not, or the program needs more. */
bool memory_allocate(unsigned int mebibytes);
void memory_free(void);

/* ---- event.c ---- */

/* Something that events are told of. Part of a socket or a device; made by event_source_open. */
struct source {
  struct list_head ready;
  /* What happened since it was told last. */
  u32 pending;
  u32 handle;
  /* Tells the flags of `pending` that the program is to hear of; 0 for none. In the program's thread. */
  u32 (*told)(struct source *, u32 pending);
};

/* A new handle, or EXHAUSTED. `owner` is what event_owner gives for it. */
u32 event_source_open(struct source *source, u32 (*told)(struct source *, u32));
/* Takes it out; nothing is told of it any more. */
void event_source_close(struct source *source);
/* The source of a handle; NULL for none. `told` says of which kind it must be. */
struct source *event_source_of(u32 handle, u32 (*told)(struct source *, u32));
/* Notes what happened and wakes the program. From any context. */
void event_happened(struct source *source, u32 flags);

/* ---- socket.c, net.c: close what the program left open ---- */

/* Gives back sockets that linger whose time is over; answers when to be called again, or NEVER. */
u64 socket_linger(u64 now);
void socket_close_all(void);
void net_close_all(void);

/* ---- parameter.c ---- */

/* How the kernel gives and shows a parameter, its argument being one of image_parameters. */
extern const struct kernel_param_ops parameter_operations;

/* ---- console.c ---- */

/* Prints what stands in a line without its end. */
void console_flush(void);

#endif
