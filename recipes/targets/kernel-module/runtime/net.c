/*
 * docs/abi.md, net: network interfaces of the kernel, `unipkg0` and on, whose other end is the program. What
 * Linux sends out of the interface the program receives, and the other way round, as over a cable.
 */
#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>

#include "module.h"

enum { CARDS = 10, WAITING_FRAMES = 1024, SHORTEST = 60 };

struct card {
  struct source source;
  struct net_device *interface;
  u64 address;
  struct sk_buff_head frames;
  /* Nothing was left when the program asked last: it is to be told. */
  bool drained;
};
static struct card *cards[CARDS];

/* A frame that Linux sends. Lost when the program does not keep up, as on a cable. */
static netdev_tx_t transmit(struct sk_buff *frame, struct net_device *interface) {
  struct card *card = *(struct card **)netdev_priv(interface);
  if (skb_queue_len(&card->frames) >= WAITING_FRAMES) {
    interface->stats.tx_dropped++;
    kfree_skb(frame);
    return NETDEV_TX_OK;
  }
  interface->stats.tx_packets++;
  interface->stats.tx_bytes += frame->len;
  skb_orphan(frame);
  skb_queue_tail(&card->frames, frame);
  if (READ_ONCE(card->drained)) event_happened(&card->source, READABLE);
  return NETDEV_TX_OK;
}

static const struct net_device_ops operations = {
    .ndo_start_xmit = transmit,
    .ndo_set_mac_address = eth_mac_addr,
    .ndo_validate_addr = eth_validate_addr,
};

static void set_up(struct net_device *interface) {
  ether_setup(interface);
  interface->netdev_ops = &operations;
  interface->min_mtu = 576;
  interface->max_mtu = 9000;
  eth_hw_addr_random(interface);
}

static u32 told(struct source *source, u32 pending) {
  struct card *card = container_of(source, struct card, source);
  WRITE_ONCE(card->drained, false);
  return pending;
}

static struct card *card_of(u32 handle) {
  struct source *source = event_source_of(handle, told);
  return source == NULL ? NULL : container_of(source, struct card, source);
}

static void discard(struct card *card) {
  skb_queue_purge(&card->frames);
  kfree(card);
}

u32 net_open(u32 index) {
  if (index >= CARDS) return (u32)UNREACHABLE;
  if (cards[index] != NULL) return (u32)IN_USE;
  struct card *card = kzalloc(sizeof *card, GFP_KERNEL);
  if (card == NULL) return (u32)EXHAUSTED;
  skb_queue_head_init(&card->frames);
  card->drained = true;
  card->interface = alloc_netdev(sizeof(struct card *), "unipkg%d", NET_NAME_ENUM, set_up);
  u32 handle = card->interface == NULL ? (u32)EXHAUSTED : event_source_open(&card->source, told);
  if ((s32)handle < 0) goto no_handle;
  *(struct card **)netdev_priv(card->interface) = card;
  if (register_netdev(card->interface) != 0) {
    event_source_close(&card->source);
    handle = (u32)EXHAUSTED;
    goto no_handle;
  }
  /* Our end has an address of its own: the interface's with another last bit, locally administered. */
  card->address = (ether_addr_to_u64(card->interface->dev_addr) ^ 1) | 1ull << 41;
  cards[index] = card;
  return handle;
no_handle:
  if (card->interface != NULL) free_netdev(card->interface);
  discard(card);
  return handle;
}

u64 net_address(u32 handle) {
  struct card *card = card_of(handle);
  return card == NULL ? 0 : card->address;
}

u32 net_mtu(u32 handle) {
  struct card *card = card_of(handle);
  return card == NULL ? 0 : card->interface->mtu;
}

u32 net_send(u32 handle, u32 address, u32 length) {
  const void *bytes = range(address, length);
  struct card *card = card_of(handle);
  if (card == NULL || length < ETH_HLEN) return (u32)INVALID;
  struct net_device *interface = card->interface;
  if (length > ETH_HLEN + interface->mtu) return (u32)INVALID;
  u32 padded = length < SHORTEST ? SHORTEST : length;
  struct sk_buff *frame = netif_running(interface) ? netdev_alloc_skb_ip_align(interface, padded) : NULL;
  if (frame == NULL) {
    interface->stats.rx_dropped++;
    return length;
  }
  skb_put_data(frame, bytes, length);
  skb_put_zero(frame, padded - length);
  frame->protocol = eth_type_trans(frame, interface);
  interface->stats.rx_packets++;
  interface->stats.rx_bytes += padded;
  netif_rx(frame);
  return length;
}

u32 net_receive(u32 handle, u32 address, u32 capacity) {
  void *bytes = range(address, capacity);
  struct card *card = card_of(handle);
  if (card == NULL) return (u32)INVALID;
  struct sk_buff *frame = skb_dequeue(&card->frames);
  if (frame == NULL) {
    WRITE_ONCE(card->drained, true);
    /* One that came in between has told nobody. */
    smp_mb();
    frame = skb_dequeue(&card->frames);
    if (frame == NULL) return (u32)WOULD_BLOCK;
  }
  u32 length = frame->len < capacity ? frame->len : capacity;
  int wrong = skb_copy_bits(frame, 0, bytes, (int)length);
  consume_skb(frame);
  return wrong != 0 ? 0 : length;
}

void net_close_all(void) {
  for (u32 index = 0; index < CARDS; index++) {
    struct card *card = cards[index];
    if (card == NULL) continue;
    cards[index] = NULL;
    unregister_netdev(card->interface);
    event_source_close(&card->source);
    free_netdev(card->interface);
    discard(card);
  }
}
