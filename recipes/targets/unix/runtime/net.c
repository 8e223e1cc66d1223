/*
 * docs/abi.md, net: Ethernet frames through a tap interface of Linux
 * (https://docs.kernel.org/networking/tuntap.html), one read or write a frame.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unix.h"

/* What does not change while a device is open, by handle. */
static struct {
  u64 address;
  u32 mtu;
} devices[HANDLES];

static u32 error(const char *call) {
  switch (errno) {
    case EAGAIN:
    case ENOBUFS:
      return (u32)WOULD_BLOCK;
    case EBADF:
    case EBADFD: /* the interface was removed */
      return (u32)CLOSED;
    case ENOENT:
    case ENODEV:
    case ENXIO:
      return (u32)UNREACHABLE;
    case EBUSY:
      return (u32)IN_USE;
    case EACCES:
    case EPERM:
      return (u32)DENIED;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return (u32)EXHAUSTED;
    case EFAULT:
      trap("memory access out of bounds", call);
    default:
      return (u32)INVALID;
  }
}

/* The interface's name: the variable UNIPKG_NET0 for device 0, and so on, or else tap0. False when it is too long. */
static int name_device(u32 index, char name[IFNAMSIZ]) {
  char variable[] = "UNIPKG_NET0", usual[] = "tap0";
  variable[sizeof variable - 2] = usual[sizeof usual - 2] = (char)('0' + index);
  const char *named = getenv(variable);
  if (named == NULL || *named == 0) named = usual;
  if (strlen(named) >= IFNAMSIZ) return 0;
  strcpy(name, named);
  return 1;
}

static u64 number_of(const u8 octets[6]) {
  u64 number = 0;
  for (u32 i = 0; i < 6; i++) number = number << 8 | octets[i];
  return number;
}

/* MTU and address of the interface, which must be there: opening one that is not would make it. */
static int describe(const char *name, u64 *address, u32 *mtu) {
  int query = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (query < 0) return 0;
  struct ifreq request = {0};
  strcpy(request.ifr_name, name);
  int known = ioctl(query, SIOCGIFMTU, &request) == 0;
  *mtu = (u32)request.ifr_mtu;
  known = known && ioctl(query, SIOCGIFHWADDR, &request) == 0;
  int reason = errno;
  close(query);
  errno = reason;
  if (!known) return 0;
  /*
   * The kernel's end of the cable has the interface's address, ours one of its own, the same at every
   * start: locally administered, of one station (IEEE 802, 8.4), with another last bit.
   */
  u8 octets[6];
  memcpy(octets, request.ifr_hwaddr.sa_data, 6);
  octets[0] = (u8)((octets[0] | 2) & ~1);
  octets[5] ^= 1;
  *address = number_of(octets);
  return 1;
}

u32 net_open(u32 index) {
  struct ifreq request = {0};
  u64 address;
  u32 mtu;
  if (index > 9 || !name_device(index, request.ifr_name)) return (u32)INVALID;
  if (!describe(request.ifr_name, &address, &mtu)) return error("net.open");
  int handle = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (handle < 0) return error("net.open");
  request.ifr_flags = IFF_TAP | IFF_NO_PI;
  if (handle >= HANDLES || ioctl(handle, TUNSETIFF, &request) != 0) {
    u32 reason = handle >= HANDLES ? (u32)EXHAUSTED : error("net.open");
    close(handle);
    return reason;
  }
  devices[handle].address = address;
  devices[handle].mtu = mtu;
  return event_watch(handle, 0);
}

u64 net_address(u32 handle) { return handle < HANDLES ? devices[handle].address : 0; }

u32 net_mtu(u32 handle) { return handle < HANDLES ? devices[handle].mtu : (u32)INVALID; }

u32 net_send(u32 handle, u32 address, u32 length) {
  ssize_t sent;
  do sent = write((int)handle, at(address), length);
  while (sent < 0 && errno == EINTR);
  if (sent >= 0) return (u32)sent;
  /* The interface is down: the frame is lost, as on a cable that leads nowhere. */
  if (errno == EIO) return length;
  u32 reason = error("net.send");
  if (reason == (u32)WOULD_BLOCK && handle < HANDLES) event_want_room((int)handle);
  return reason;
}

u32 net_receive(u32 handle, u32 address, u32 capacity) {
  ssize_t got;
  do got = read((int)handle, at(address), capacity);
  while (got < 0 && errno == EINTR);
  return got < 0 ? error("net.receive") : (u32)got;
}
