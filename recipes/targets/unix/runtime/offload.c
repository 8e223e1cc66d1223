#include "offload.h"

#include <string.h>

enum {
  ETHERNET = 14,
  IPV4 = 20,
  TCP = 20,
  /* A frame with less text than this is not worth waiting for another one. */
  LEAST = 512,
  FIN = 1,
  PSH = 8,
  ACK = 16,
  CWR = 128,
};

static u32 get16(const u8 *at) { return (u32)at[0] << 8 | at[1]; }

static u32 get32(const u8 *at) { return get16(at) << 16 | get16(at + 2); }

static void put16(u8 *at, u32 value) {
  at[0] = (u8)(value >> 8);
  at[1] = (u8)value;
}

static void put32(u8 *at, u32 value) {
  put16(at, value >> 16);
  put16(at + 2, value & 0xffff);
}

/* RFC 1071: the sum of words, in the machine's order of octets; any order gives the same sum, swapped. */
static u64 sum_of(const u8 *at, u32 length, u64 sum) {
  for (; length >= 4; at += 4, length -= 4) {
    u32 word;
    memcpy(&word, at, 4);
    sum += word;
  }
  u32 rest = 0;
  memcpy(&rest, at, length);
  return sum + rest;
}

static u32 folded(u64 sum) {
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return (u32)((sum & 0xffff) + (sum >> 16));
}

/* As it is stored: in the machine's order again. */
static void put_sum(u8 *at, u32 sum) {
  u16 stored = (u16)sum;
  memcpy(at, &stored, 2);
}

static void sum_ipv4(u8 *packet) {
  put16(packet + 10, 0);
  put_sum(packet + 10, ~folded(sum_of(packet, IPV4, 0)));
}

/* The sum of TCP's pseudo header (RFC 9293, 3.1), whose words are as in memory. */
static u64 pseudo_sum(const u8 *packet, u32 length) {
  u8 rest[4] = {0, packet[9]};
  put16(rest + 2, length);
  return sum_of(rest, 4, sum_of(packet + 12, 8, 0));
}

void offload_checksum(const struct virtio_net_hdr *header, u8 *frame, u32 length) {
  u32 start = header->csum_start, place = start + header->csum_offset;
  if (!(header->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) || place + 2 > length) return;
  /* The sum of the pseudo header is there. */
  u32 sum = ~folded(sum_of(frame + start, length - start, 0)) & 0xffff;
  /* UDP: none would be none (RFC 768). */
  put_sum(frame + place, sum == 0 && header->csum_offset == 6 ? 0xffff : sum);
}

/* Octets of headers of a frame that is TCP over IPv4 without options of IPv4, in one piece; 0 for another. */
static u32 headers_of(const u8 *frame, u32 length) {
  if (length < ETHERNET + IPV4 + TCP || get16(frame + 12) != 0x0800) return 0;
  const u8 *packet = frame + ETHERNET;
  if (packet[0] != 0x45 || packet[9] != 6 || (get16(packet + 6) & 0x3fff) != 0) return 0;
  u32 header = ETHERNET + IPV4 + (u32)(frame[ETHERNET + IPV4 + 12] >> 4) * 4;
  return header >= ETHERNET + IPV4 + TCP && header <= length ? header : 0;
}

int offload_take_apart(struct incoming *large, const struct virtio_net_hdr *header, u32 length) {
  large->header = headers_of(large->frame, length);
  if (header->gso_type != VIRTIO_NET_HDR_GSO_TCPV4 || large->header == 0 || header->gso_size == 0) {
    return 0;
  }
  large->length = length;
  large->size = header->gso_size;
  large->next = large->header;
  return 1;
}

u32 offload_next(struct incoming *large, u8 *frame) {
  if (large->next >= large->length) return 0;
  u32 first = large->next == large->header, left = large->length - large->next;
  u32 text = left < large->size ? left : large->size, length = large->header + text;
  u8 *packet = frame + ETHERNET, *segment = packet + IPV4;
  memcpy(frame, large->frame, large->header);
  memcpy(frame + large->header, large->frame + large->next, text);
  put16(packet + 2, length - ETHERNET);
  put16(packet + 4, get16(packet + 4) + (large->next - large->header) / large->size);
  sum_ipv4(packet);
  put32(segment + 4, get32(segment + 4) + large->next - large->header);
  if (text < left) segment[13] &= (u8) ~(FIN | PSH);
  if (!first) segment[13] &= (u8)~CWR;
  put16(segment + 16, 0);
  u32 octets = length - ETHERNET - IPV4;
  put_sum(segment + 16, ~folded(sum_of(segment, octets, pseudo_sum(packet, octets))));
  large->next += text;
  return length;
}

int offload_join(struct outgoing *waiting, const u8 *frame, u32 length) {
  u32 headers = headers_of(frame, length), text = length - headers;
  const u8 *segment = frame + ETHERNET + IPV4;
  if (headers == 0 || text == 0 || (segment[13] & ~PSH) != ACK) return ALONE;
  if (waiting->length == 0) {
    if (text < LEAST || segment[13] & PSH) return ALONE;
    memcpy(waiting->frame, frame, length);
    waiting->headers = headers;
    waiting->size = text;
    waiting->length = length;
    waiting->next_sequence = get32(segment + 4) + text;
    return BEGUN;
  }
  const u8 *known = waiting->frame;
  if (headers != waiting->headers || text > waiting->size || get32(segment + 4) != waiting->next_sequence ||
      waiting->length + text > LONGEST || memcmp(frame, known, ETHERNET + 2) != 0 ||
      /* Flags, time to live and protocol; both addresses, ports. */
      memcmp(frame + 20, known + 20, 4) != 0 || memcmp(frame + 26, known + 26, 12) != 0 ||
      /* Acknowledgment and header length; window; urgent pointer and options. */
      memcmp(segment + 8, known + 42, 5) != 0 || memcmp(segment + 14, known + 48, 2) != 0 ||
      memcmp(segment + 18, known + 52, headers - 52) != 0) {
    return ALONE;
  }
  memcpy(waiting->frame + waiting->length, frame + headers, text);
  waiting->length += text;
  waiting->next_sequence += text;
  waiting->frame[47] |= segment[13] & PSH;
  return text < waiting->size || segment[13] & PSH ? LAST : JOINED;
}

void offload_finish(struct outgoing *waiting) {
  u8 *packet = waiting->frame + ETHERNET;
  struct virtio_net_hdr *header = &waiting->header;
  memset(header, 0, sizeof *header);
  /* One segment is as the program made it. */
  if (waiting->length == waiting->headers + waiting->size) return;
  put16(packet + 2, waiting->length - ETHERNET);
  sum_ipv4(packet);
  /* What the kernel wants there is the sum of the pseudo header, not its complement. */
  put_sum(packet + IPV4 + 16, folded(pseudo_sum(packet, waiting->length - ETHERNET - IPV4)));
  header->flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
  header->gso_type = VIRTIO_NET_HDR_GSO_TCPV4;
  header->hdr_len = (u16)waiting->headers;
  header->gso_size = (u16)waiting->size;
  header->csum_start = ETHERNET + IPV4;
  header->csum_offset = 16;
}
