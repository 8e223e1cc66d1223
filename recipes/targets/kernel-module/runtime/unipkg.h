/*
 * The host calls of docs/abi.md, as the translated program calls them, and what the program offers in
 * return. The same file for every target; each call is in the C file of its module's name.
 *
 * Addresses are offsets in the linear memory; where a runtime turns one into a pointer it says `at`.
 */
#ifndef UNIPKG_H
#define UNIPKG_H

#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

/* Where the linear memory begins in the machine's addresses. */
#ifndef MEMORY
#define MEMORY 0ull
#endif
static inline void *at(u32 address) { return (void *)(MEMORY + address); }

/* Results of host calls below 0 (docs/abi.md, What the host offers). */
enum {
  WOULD_BLOCK = -1,
  CLOSED = -2,
  REFUSED = -3,
  UNREACHABLE = -4,
  IN_USE = -5,
  DENIED = -6,
  TIMED_OUT = -7,
  EXHAUSTED = -8,
  INVALID = -9,
  FAILED = -10,
};

/* Flags of an event record. */
enum { READABLE = 1, WRITABLE = 2, HANGUP = 4 };

/* An event record, at image_records(). */
struct record {
  u32 handle;
  u32 flags;
};
enum { RECORDS = 256 };

/* Deadlines that are no times. */
#define NEVER 0x7fffffffffffffffull
#define ENDED 0xffffffffffffffffull

/* ---- The program: made by linker/native/translate.ts. ---- */

extern const u32 image_minimum_pages, image_maximum_pages;
extern const u32 image_blob_address, image_blob_length;

/* Copies the constants of the program to their addresses: first, once the minimum is there. */
void image_place_data(void);
/* Runs the initialisers of the modules: next, with the blob in place. */
void image_initialize(void);
/* Address of RECORDS records. */
u32 image_records(void);
/* Both return a deadline: a monotonic time, NEVER or ENDED. */
u64 image_start(u64 now);
u64 image_poll(u64 now, u32 ready);

/* The files of the image, image_blob_length bytes, at the start of a page: made by the back end. */
extern const u8 image_blob[];

/* ---- memory.c ---- */

/* Pages of 64 KiB that the program may use now. */
extern u32 memory_pages;
/* Wasm's memory.grow: the number of pages before, or 0xffffffff and nothing has changed. */
u32 memory_grow(u32 pages);
/* Reserves 8 GiB of addresses, makes the minimum usable and puts constants and blob in place. */
void memory_open(void);

/* ---- message.c ---- */

/* Prints `trap: CAUSE at WHERE` and ends with status 134. `where`: `FUNCTION (FILE:LINE)`. */
_Noreturn __attribute__((cold)) void trap(const char *cause, const char *where);
/* The same where only the program counter is known: `trap: CAUSE at pc=0x…`, as addr2line wants it. */
_Noreturn void trap_counter(const char *cause, u64 counter);
/* The same for where it is called. */
_Noreturn __attribute__((cold)) void trap_here(const char *cause);
/* What AssemblyScript's assertions call; prints who called, too: `from pc=0x…`. Strings are UTF-16, their length in bytes 4 below; 0 is none. */
_Noreturn void env_abort(u32 message, u32 file, u32 line, u32 column);
/* The same without a place but that of who called. */
_Noreturn __attribute__((cold)) void env_fail(u32 message);

/* ---- trap.c ---- */

/* An address of code as messages tell it and addr2line wants it; 0 for what is no code of the image. */
u64 code_counter(u64 address);

/* From now on faults of the machine end in a trap as well. */
void trap_open(void);

/* ---- console.c ---- */

void console_write(u32 stream, u32 address, u32 length);
/* The same for the runtime's own messages. */
void console_text(u32 stream, const char *text);

/* ---- clock.c ---- */

u64 clock_monotonic(void);
u64 clock_wall(void);

/* ---- random.c ---- */

void random_fill(u32 address, u32 length);

/* ---- event.c ---- */

_Noreturn void event_exit(u32 status);
/* Waits for events until the deadline, writes their records, says how many. */
u32 event_wait(u64 deadline, struct record *records);

/* ---- socket.c, where the target has sockets ---- */

u32 socket_tcpListen(u32 port, u32 backlog);
u32 socket_tcpAccept(u32 handle);
u32 socket_tcpConnect(u32 address, u32 length, u32 port);
u32 socket_tcpRead(u32 handle, u32 address, u32 capacity);
u32 socket_tcpWrite(u32 handle, u32 address, u32 length);
void socket_tcpShutdown(u32 handle);
u32 socket_udpOpen(u32 port);
u32 socket_udpSend(u32 handle, u32 address, u32 length, u32 port, u32 data, u32 dataLength);
u32 socket_udpReceive(u32 handle, u32 data, u32 capacity);
u32 socket_peer(u32 handle, u32 address);
u32 socket_peerPort(u32 handle);
u32 socket_localPort(u32 handle);
void socket_close(u32 handle);
void socket_reset(u32 handle);

/* ---- net.c, where the target has network devices ---- */

u32 net_open(u32 index);
u64 net_address(u32 handle);
u32 net_mtu(u32 handle);
u32 net_send(u32 handle, u32 address, u32 length);
u32 net_receive(u32 handle, u32 address, u32 capacity);

/* ---- channel.c, where the target is a guest of Xen ---- */

u32 channel_store(u32 address);
u32 channel_listen(u32 domain);
u32 channel_connect(u32 domain, u32 port);
u32 channel_port(u32 handle);
void channel_notify(u32 handle);
u32 channel_wait(u32 handle, u64 time);
void channel_close(u32 handle);
u32 channel_load(u32 address);
void channel_publish(u32 address, u32 value);

/* ---- grant.c, where the target is a guest of Xen ---- */

u32 grant_give(u32 domain, u32 address, u32 readOnly);
u32 grant_revoke(u32 reference);
u32 grant_map(u32 domain, u32 reference, u32 address);
u32 grant_unmap(u32 address);

/* ---- block.c, where the target has disks ---- */

u32 block_open(u32 index);
u32 block_sectorSize(u32 handle);
u64 block_sectors(u32 handle);
u32 block_limit(u32 handle);
u32 block_readOnly(u32 handle);
u32 block_read(u32 handle, u32 tag, u64 sector, u32 address, u32 length);
u32 block_write(u32 handle, u32 tag, u64 sector, u32 address, u32 length);
u32 block_flush(u32 handle, u32 tag);
u32 block_completed(u32 handle, u32 address, u32 capacity);

/* ---- parameter.c and setting.c, where the target has settings that are given at the start ---- */

/* What a parameter's value is. */
enum {
  PARAMETER_BOOL,
  PARAMETER_UNSIGNED,
  PARAMETER_SIGNED,
  PARAMETER_TEXT,
  PARAMETER_IPV4,
  PARAMETER_IPV4_CIDR,
  PARAMETER_IPV6,
  PARAMETER_IPV6_CIDR,
};

struct image_parameter {
  const char *name, *type, *doc;
  /* Its value as it was given, or as it was set when the image was built. */
  const char *text;
  u32 kind;
  /* Bounds of a number. */
  u64 least, most;
  /* The value, as docs/abi.md has its parts. */
  u64 numbers[3];
};

/* Made by the back end. */
extern struct image_parameter image_parameters[];
extern const u32 image_parameter_count;

u64 parameter_number(u32 index, u32 part);
u32 parameter_text(u32 index, u32 address, u32 capacity);
/* Gives a value, which stays the caller's; answers NULL, or what is wrong, "must be …", and nothing has changed. */
const char *parameter_set(struct image_parameter *parameter, const char *text);

#endif
