// @seldom
/** Solicitations and advertisements of neighbours (RFC 4861, section 7.2). */
import { Host } from "../host";
import { Neighbour, Solicitor } from "../ip/neighbours";
import { Ends } from "../wire/ends";
import { BROADCAST, isGroup } from "../wire/ethernet";
import { Icmpv6View, NEIGHBOUR_ADVERTISEMENT, NEIGHBOUR_SOLICITATION } from "../wire/icmpv6";
import {
  ALL_NODES_HIGH,
  ALL_NODES_LOW,
  groupHardware,
  isMulticast,
  solicitedNode,
} from "../wire/ipv6";
import {
  FROM_ROUTER,
  NdpMessage,
  OVERRIDE,
  putAdvertisement,
  putSolicitation,
  SOLICITED,
} from "../wire/ndp";
import { Messenger } from "./messenger";

export class Discovery implements Solicitor {
  private readonly message: NdpMessage = new NdpMessage();
  private readonly ends: Ends = new Ends();

  constructor(
    private readonly host: Host,
    private readonly messenger: Messenger,
  ) {}

  /** Section 7.2.3, and RFC 4862, section 5.4.3 for addresses that are not ours yet. */
  receiveSolicitation(ends: Ends, view: Icmpv6View): void {
    const message = this.message;
    if (!message.readSolicitation(view.data, view.dataLength)) return;
    const ipv6 = this.host.ipv6;
    const anonymous = (ends.remoteHigh | ends.remoteLow) == 0;
    // Section 7.1.1: who has no address asks a group, and has no address to tell.
    if (anonymous && (!isMulticast(ends.localHigh) || message.hardware != 0)) return;
    const own = ipv6.addresses.at(message.targetHigh, message.targetLow);
    if (own == null) return;
    if (own.tentative) {
      if (anonymous) ipv6.addresses.conflict(own);
      return;
    }
    let hardware = groupHardware(ALL_NODES_LOW);
    if (!anonymous) {
      const sender = this.sender(ends, message.hardware);
      if (sender == null) return;
      hardware = sender.hardware;
    }
    const answer = this.ends;
    answer.setLocal(own.high, own.low);
    if (anonymous) answer.setRemote(ALL_NODES_HIGH, ALL_NODES_LOW);
    else answer.setRemote(ends.remoteHigh, ends.remoteLow);
    const flags = OVERRIDE | (anonymous ? 0 : SOLICITED);
    const length = putAdvertisement(this.messenger.body, own.high, own.low, this.host.hardware);
    this.messenger.send(NEIGHBOUR_ADVERTISEMENT, flags, length, answer, hardware);
  }

  /** Section 7.2.5, and RFC 4862, section 5.4.4. */
  receiveAdvertisement(ends: Ends, view: Icmpv6View): void {
    const message = this.message;
    if (!message.readAdvertisement(view.data, view.dataLength)) return;
    const ipv6 = this.host.ipv6;
    const high = message.targetHigh;
    const solicited = (view.word & SOLICITED) != 0;
    if (isMulticast(high) || (solicited && isMulticast(ends.localHigh))) return;
    const own = ipv6.addresses.at(high, message.targetLow);
    if (own != null) {
      if (own.tentative) ipv6.addresses.conflict(own);
      return;
    }
    const neighbour = ipv6.neighbours.find(high, message.targetLow);
    if (neighbour == null) return;
    const hardware = message.hardware;
    if (!neighbour.resolved) {
      if (!isStation(hardware)) return;
    } else if (hardware != 0 && hardware != neighbour.hardware && (view.word & OVERRIDE) == 0) {
      // What is known is not overruled, but in doubt.
      ipv6.neighbours.doubt(neighbour);
      return;
    }
    const router = (view.word & FROM_ROUTER) != 0;
    if (neighbour.router && !router) ipv6.routers.set(high, message.targetLow, 0);
    neighbour.router = router;
    const present = isStation(hardware) ? hardware : neighbour.hardware;
    if (solicited) ipv6.neighbours.resolve(neighbour, present);
    else ipv6.neighbours.learn(neighbour, present);
  }

  /** Notes the hardware address that a message's sender tells; null when none is known. */
  sender(ends: Ends, hardware: u64): Neighbour | null {
    const neighbours = this.host.ipv6.neighbours;
    const high = ends.remoteHigh;
    const low = ends.remoteLow;
    if (isStation(hardware)) {
      const neighbour = neighbours.at(high, low);
      neighbours.learn(neighbour, hardware);
      return neighbour;
    }
    const known = neighbours.find(high, low);
    return known != null && known.resolved ? known : null;
  }

  /** Section 7.2.2. */
  solicit(neighbour: Neighbour, hardware: u64): bool {
    const ends = this.ends;
    ends.setRemote(neighbour.high, neighbour.low);
    // Without an address there is nobody to answer to: as if nobody had answered.
    if (!this.host.ipv6.addresses.bind(ends)) return true;
    if (hardware == BROADCAST) {
      const group = solicitedNode(neighbour.low);
      ends.setRemote(ALL_NODES_HIGH, group);
      hardware = groupHardware(group);
    }
    const own = this.host.hardware;
    const length = putSolicitation(this.messenger.body, neighbour.high, neighbour.low, own);
    return this.messenger.send(NEIGHBOUR_SOLICITATION, 0, length, ends, hardware);
  }

  onLost(neighbour: Neighbour): void {
    this.host.ipv6.routers.onLost(neighbour);
  }

  /** Asks, without an address, who has this one (RFC 4862, section 5.4.2). */
  askForDuplicates(high: u64, low: u64): void {
    const group = solicitedNode(low);
    const ends = this.ends;
    ends.setLocal(0, 0);
    ends.setRemote(ALL_NODES_HIGH, group);
    const length = putSolicitation(this.messenger.body, high, low, 0);
    this.messenger.send(NEIGHBOUR_SOLICITATION, 0, length, ends, groupHardware(group));
  }
}

/** Whether it can be the address of one station. */
function isStation(hardware: u64): bool {
  return hardware != 0 && !isGroup(hardware);
}
