/*
 * docs/abi.md, net: Ethernet frames through a tap interface of Linux
 * (https://docs.kernel.org/networking/tuntap.html), or through a packet socket on any interface (packet(7)), which both
 * give and take segments of TCP in large pieces, so that one call of the system is for many frames (offload.h); or
 * through a cable to a switch that is a program (cable.h).
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "cable.h"
#include "offload.h"
#include "unix.h"

struct device {
  int handle;
  u64 address;
  u32 mtu;
  /* Whether frames may go out joined. */
  int joins;
  struct incoming in;
  struct outgoing out;
  /* Whether it is a cable, and not an interface. */
  int is_cable;
  struct cable cable;
};

/* Devices are numbered from 0 to 9; they stay open. */
enum { DEVICES = 10 };
static struct device devices[DEVICES];

/* Two addresses and the type of what follows (IEEE 802.3, 3.1.1). */
enum { ETHERNET_HEADER = 14 };

static struct device *device_of(u32 handle) {
  for (u32 i = 0; i < DEVICES; i++) {
    if (devices[i].mtu != 0 && devices[i].handle == (int)handle) return &devices[i];
  }
  return NULL;
}

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
    case ECONNREFUSED: /* no switch listens there */
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

/* What is behind a name: an interface by its tap or by a packet socket, or a switch. */
enum kind { TAP, PACKET, CABLE };

/* The device's name: the variable UNIPKG_NET0 for device 0, and so on, or else tap0. What stands before a colon is its kind. */
static const char *name_device(u32 index, enum kind *kind) {
  static const char packet[] = "packet:", cable[] = "switch:";
  static char usual[] = "tap0";
  char variable[] = "UNIPKG_NET0";
  variable[sizeof variable - 2] = usual[sizeof usual - 2] = (char)('0' + index);
  const char *named = getenv(variable);
  if (named == NULL || *named == 0) named = usual;
  *kind = strncmp(named, packet, sizeof packet - 1) == 0 ? PACKET
          : strncmp(named, cable, sizeof cable - 1) == 0 ? CABLE
                                                         : TAP;
  return *kind == PACKET ? named + sizeof packet - 1 : *kind == CABLE ? named + sizeof cable - 1 : named;
}

/* UNIPKG_NET_OFFLOAD=off has every frame go by itself: for captures, and for what is at the other end of a tap that takes no other. */
static int may_join(void) {
  const char *offload = getenv("UNIPKG_NET_OFFLOAD");
  return offload == NULL || strcmp(offload, "off") != 0;
}

static u64 number_of(const u8 octets[6]) {
  u64 number = 0;
  for (u32 i = 0; i < 6; i++) number = number << 8 | octets[i];
  return number;
}

/* Locally administered, of one station (IEEE 802, 8.4). */
static u64 administered(u8 octets[6]) {
  octets[0] = (u8)((octets[0] | 2) & ~1);
  return number_of(octets);
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
   * start: locally administered, with another last bit.
   */
  u8 octets[6];
  memcpy(octets, request.ifr_hwaddr.sa_data, 6);
  octets[5] ^= 1;
  *address = administered(octets);
  return 1;
}

/* On a switch nothing tells images apart: each has an address by chance, another one at every start. */
static int describe_cable(u64 *address, u32 *mtu) {
  u8 octets[6];
  if (getrandom(octets, sizeof octets, 0) != sizeof octets) return 0;
  *address = administered(octets);
  *mtu = CABLE_MTU;
  return 1;
}

/* The device behind a tap interface: a handle, or -1. */
static int open_tap(const char *name, int *joins) {
  struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR};
  int size = sizeof(struct virtio_net_hdr), handle = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (handle < 0) return -1;
  strcpy(request.ifr_name, name);
  if (ioctl(handle, TUNSETIFF, &request) == 0 && ioctl(handle, TUNSETVNETHDRSZ, &size) == 0) {
    /* What the kernel may leave to us. It keeps this with the interface, so that none is asked for as well. */
    if (ioctl(handle, TUNSETOFFLOAD, *joins ? TUN_F_CSUM | TUN_F_TSO4 : 0) != 0) *joins = 0;
    return handle;
  }
  int reason = errno;
  close(handle);
  errno = reason;
  return -1;
}

/* All frames of an interface, beside the kernel's own stack. */
static int open_packet(const char *name) {
  int handle = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (handle < 0) return -1;
  int on = 1, room = 4 << 20, index = (int)if_nametoindex(name);
  struct sockaddr_ll address = {
      .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = index};
  /* Our address is not the interface's. */
  struct packet_mreq every = {.mr_ifindex = index, .mr_type = PACKET_MR_PROMISC};
  if (setsockopt(handle, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof on) == 0 &&
      setsockopt(handle, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on) == 0 &&
      setsockopt(handle, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &every, sizeof every) == 0 &&
      bind(handle, (struct sockaddr *)&address, sizeof address) == 0) {
    setsockopt(handle, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
    return handle;
  }
  int reason = errno;
  close(handle);
  errno = reason;
  return -1;
}

u32 net_open(u32 index) {
  enum kind kind;
  u64 address;
  u32 mtu;
  int joins = may_join();
  if (index >= DEVICES) return (u32)INVALID;
  const char *name = name_device(index, &kind);
  if (kind != CABLE && strlen(name) >= IFNAMSIZ) return (u32)INVALID;
  struct device *device = &devices[index];
  if (device->mtu != 0) return (u32)IN_USE;
  int known = kind == CABLE ? describe_cable(&address, &mtu) : describe(name, &address, &mtu);
  if (!known) return error("net.open");
  int handle = kind == CABLE    ? cable_connect(name)
               : kind == PACKET ? open_packet(name)
                                : open_tap(name, &joins);
  if (handle < 0) return error("net.open");
  u32 watched = event_watch(handle, 0);
  if ((int)watched < 0) return watched;
  device->handle = handle;
  device->address = address;
  device->mtu = mtu;
  device->joins = joins;
  device->is_cable = kind == CABLE;
  return watched;
}

u64 net_address(u32 handle) {
  struct device *device = device_of(handle);
  return device == NULL ? 0 : device->address;
}

u32 net_mtu(u32 handle) {
  struct device *device = device_of(handle);
  return device == NULL ? (u32)INVALID : device->mtu;
}

/* Hands a frame and its header to the kernel: length, or WOULD_BLOCK. */
static u32 transmit(struct device *device, const struct virtio_net_hdr *header, const u8 *frame, u32 length) {
  struct iovec parts[] = {{(void *)header, sizeof *header}, {(void *)frame, length}};
  ssize_t sent;
  do sent = writev(device->handle, parts, 2);
  while (sent < 0 && errno == EINTR);
  if (sent >= 0) return length;
  /* The interface is down: the frame is lost, as on a cable that leads nowhere. */
  if (errno == EIO || errno == ENETDOWN) return length;
  u32 reason = error("net.send");
  if (reason == (u32)WOULD_BLOCK) event_want_room(device->handle);
  return reason;
}

/* Sends what waits; false when there is no room. */
static int flush(struct device *device) {
  struct outgoing *waiting = &device->out;
  if (waiting->length == 0) return 1;
  offload_finish(waiting);
  if (transmit(device, &waiting->header, waiting->frame, waiting->length) == (u32)WOULD_BLOCK) return 0;
  waiting->length = 0;
  return 1;
}

void net_flush(void) {
  for (u32 i = 0; i < DEVICES; i++) {
    struct device *device = &devices[i];
    if (device->mtu == 0) continue;
    if (device->is_cable) cable_flush(&device->cable, device->handle);
    else flush(device);
  }
}

u32 net_send(u32 handle, u32 address, u32 length) {
  static const struct virtio_net_hdr plain;
  struct device *device = device_of(handle);
  if (device == NULL || length > ETHERNET_HEADER + device->mtu) return (u32)INVALID;
  if (device->is_cable) return cable_send(&device->cable, device->handle, at(address), length);
  if (!device->joins) return transmit(device, &plain, at(address), length);
  int joined = offload_join(&device->out, at(address), length);
  if (joined == ALONE && device->out.length > 0) {
    if (!flush(device)) return (u32)WOULD_BLOCK;
    joined = offload_join(&device->out, at(address), length);
  }
  if (joined == ALONE) return transmit(device, &plain, at(address), length);
  /* If there is no room for all, they wait. */
  if (joined == LAST) flush(device);
  return length;
}

u32 net_receive(u32 handle, u32 address, u32 capacity) {
  struct device *device = device_of(handle);
  if (device == NULL) return (u32)INVALID;
  struct incoming *large = &device->in;
  u8 *frame = at(address);
  if (device->is_cable) return cable_receive(&device->cable, device->handle, frame, capacity);
  for (;;) {
    if (large->next < large->length) {
      /* No segment is longer than the program has room for. */
      if (large->header + large->size <= capacity) return offload_next(large, frame);
      large->length = 0;
    }
    struct virtio_net_hdr header;
    struct iovec parts[] = {
        {&header, sizeof header}, {frame, capacity}, {large->frame + capacity, LONGEST - capacity}};
    ssize_t got;
    do got = readv(device->handle, parts, capacity < LONGEST ? 3 : 2);
    while (got < 0 && errno == EINTR);
    if (got < 0) return error("net.receive");
    u32 length = (u32)got - (u32)sizeof header;
    if ((u32)got < sizeof header) continue;
    if (header.gso_type == VIRTIO_NET_HDR_GSO_NONE) {
      u32 taken = length < capacity ? length : capacity;
      offload_checksum(&header, frame, taken);
      return taken;
    }
    memcpy(large->frame, frame, capacity < length ? capacity : length);
    if (!offload_take_apart(large, &header, length)) large->length = 0;
  }
}
