// @seldom
/**
 * How we come to addresses and routers: by what the settings say, or by what routers advertise (RFC 4861, section 6.3;
 * RFC 4862, section 5).
 */
import { Host } from "../host";
import { SipHash } from "../siphash";
import { MILLISECOND, NEVER, SECOND } from "../time";
import { Ends } from "../wire/ends";
import { Icmpv6View, ROUTER_SOLICITATION } from "../wire/icmpv6";
import {
  ALL_NODES_HIGH,
  ALL_ROUTERS_LOW,
  groupHardware,
  isLinkLocal,
  isMulticast,
  LINK_LOCAL_HIGH,
  MINIMUM_MTU,
} from "../wire/ipv6";
import {
  advisedHopLimit,
  NdpMessage,
  PrefixOption,
  putRouterSolicitation,
  routerLifetime,
} from "../wire/ndp";
import { Own } from "./addresses";
import { Messenger } from "./messenger";

/** RFC 4861, section 10: MAX_RTR_SOLICITATIONS, RTR_SOLICITATION_INTERVAL. */
const SOLICITATIONS = 3;
const SOLICITATION_INTERVAL: u64 = 4 * SECOND;
/** RFC 4862, section 5.5.3, (e): an advertisement that nobody vouches for cannot end an address sooner. */
const TWO_HOURS: u64 = 7200 * SECOND;
/** RFC 7217, section 7: IDGEN_RETRIES. */
const ATTEMPTS: u32 = 3;
const ENDLESS: u32 = 0xffffffff;

export class Configuration {
  /** Whether routers are asked and believed. */
  private automatic: bool = false;
  private solicitations: i32 = 0;
  private solicitAt: u64 = NEVER;
  private readonly message: NdpMessage = new NdpMessage();
  private readonly ends: Ends = new Ends();

  constructor(
    private readonly host: Host,
    private readonly messenger: Messenger,
  ) {}

  /** Whether routers may still tell of addresses. */
  get soliciting(): bool {
    return this.solicitAt != NEVER;
  }

  /** Begins with the address of the link; `automatic` says that routers are to be asked for more. */
  start(automatic: bool): void {
    this.automatic = automatic;
    if (automatic) {
      this.solicitations = SOLICITATIONS;
      // The address of the link comes first, unless it takes long.
      this.solicitAt = this.host.now + SOLICITATION_INTERVAL;
    }
    this.host.ipv6.addresses.add(this.made(LINK_LOCAL_HIGH, 0, false));
  }

  /** The link came back: routers may be others now. */
  restart(): void {
    if (!this.automatic) return;
    this.solicitations = SOLICITATIONS;
    this.solicitAt = this.host.now;
  }

  /** An address is ours. With the first one, routers are asked (RFC 4861, section 6.3.7). */
  onAddress(own: Own): void {
    if (isLinkLocal(own.high) && this.soliciting) this.solicitAt = this.host.now;
  }

  /** Another host has it: another is made, if that is up to us (RFC 7217, section 6). */
  onDuplicate(own: Own): void {
    const made = own.automatic || isLinkLocal(own.high);
    if (!made || this.host.options.addressSecret == 0 || own.attempt == ATTEMPTS) return;
    const another = this.made(own.high, own.attempt + 1, own.automatic);
    another.validUntil = own.validUntil;
    another.preferredUntil = own.preferredUntil;
    this.host.ipv6.addresses.add(another);
  }

  /** RFC 4861, section 6.3.4. */
  receiveAdvertisement(ends: Ends, view: Icmpv6View): void {
    const message = this.message;
    if (!this.automatic || !isLinkLocal(ends.remoteHigh)) return;
    if (!message.readRouterAdvertisement(view.data, view.dataLength)) return;
    const ipv6 = this.host.ipv6;
    const now = this.host.now;
    const word = view.word;
    const limit = advisedHopLimit(word);
    if (limit != 0) ipv6.hopLimit = limit;
    const mtu = <i32>message.mtu;
    if (mtu >= MINIMUM_MTU && mtu <= this.host.mtu) ipv6.mtu = mtu;
    this.setTimes();
    const sender = ipv6.discovery.sender(ends, message.hardware);
    if (sender != null) sender.router = true;
    const lifetime = <u64>routerLifetime(word) * SECOND;
    ipv6.routers.set(ends.remoteHigh, ends.remoteLow, now + lifetime);
    for (let i = 0; i < message.prefixes; i++) this.take(message.prefix(i));
    this.solicitAt = NEVER;
  }

  pollAt(): u64 {
    return this.solicitAt;
  }

  /** RFC 4861, section 6.3.7: without an answer, three times. */
  poll(): void {
    if (this.host.now < this.solicitAt) return;
    if (this.solicitations == 0) {
      this.solicitAt = NEVER;
      this.host.ipv6.settled();
      return;
    }
    const ends = this.ends;
    ends.setRemote(ALL_NODES_HIGH, ALL_ROUTERS_LOW);
    this.solicitAt = this.host.now + SOLICITATION_INTERVAL;
    // Until it is known to be ours, an address is not told.
    const known = this.host.ipv6.addresses.bindLinkLocal(ends);
    if (!known) ends.setLocal(0, 0);
    this.solicitations--;
    const length = known ? putRouterSolicitation(this.messenger.body, this.host.hardware) : 0;
    const hardware = groupHardware(ALL_ROUTERS_LOW);
    this.messenger.send(ROUTER_SOLICITATION, 0, length, ends, hardware);
  }

  /** Times in milliseconds; the first is spread, so that hosts do not ask all at once (RFC 4861, section 6.3.2). */
  private setTimes(): void {
    const neighbours = this.host.ipv6.neighbours;
    const reachable = <u64>this.message.reachableTime;
    const retransmission = <u64>this.message.retransmissionTime;
    if (reachable != 0 && reachable <= 3_600_000) {
      neighbours.reachableTime = (reachable / 2 + (this.host.random() % reachable)) * MILLISECOND;
    }
    if (retransmission >= 10 && retransmission <= 60_000) {
      neighbours.retransmissionTime = retransmission * MILLISECOND;
    }
  }

  private take(prefix: PrefixOption): void {
    if (isLinkLocal(prefix.high) || isMulticast(prefix.high) || prefix.high == 0) return;
    const valid = this.until(prefix.valid);
    if (prefix.onLink) {
      this.host.ipv6.routers.setPrefix(prefix.high, prefix.low, prefix.length, valid);
    }
    // RFC 4862, section 5.5.3, (c) and (d): what cannot be made an address of is ignored.
    if (!prefix.autonomous || prefix.length != 64 || prefix.preferred > prefix.valid) return;
    const addresses = this.host.ipv6.addresses;
    const known = addresses.automatic(prefix.high);
    if (known == null) {
      if (prefix.valid == 0) return;
      const own = this.made(prefix.high, 0, true);
      own.validUntil = valid;
      own.preferredUntil = this.until(prefix.preferred);
      addresses.add(own);
      return;
    }
    known.preferredUntil = this.until(prefix.preferred);
    // (e): a longer life is taken, a shorter one down to two hours, and no less.
    const least = this.host.now + TWO_HOURS;
    if (valid > least || valid >= known.validUntil) known.validUntil = valid;
    else if (known.validUntil > least) known.validUntil = least;
  }

  private until(seconds: u32): u64 {
    return seconds == ENDLESS ? NEVER : this.host.now + <u64>seconds * SECOND;
  }

  private made(high: u64, attempt: u32, automatic: bool): Own {
    const own = new Own(high, this.identifier(high, attempt), 64, automatic);
    own.attempt = attempt;
    return own;
  }

  /** The low half of an address of ours. */
  private identifier(high: u64, attempt: u32): u64 {
    const hardware = this.host.hardware;
    const secret = this.host.options.addressSecret;
    if (secret == 0) {
      // RFC 4291, appendix A: the modified EUI-64 of the hardware address.
      const middle: u64 = 0xfffe_000000;
      const upper = (hardware >> 24) << 40;
      return (upper | middle | (hardware & 0xff_ffff)) ^ 0x0200_0000_0000_0000;
    }
    // RFC 7217, section 5: not to be guessed, but the same in one network at all times.
    return new SipHash(secret, 0x49504944).of(high, hardware | ((<u64>attempt) << 48));
  }
}
