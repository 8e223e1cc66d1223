// @seldom
/** The address resolution protocol (RFC 826): asks for neighbours' Ethernet addresses, and answers for ours. */
import { Host } from "../host";
import { Neighbour, Solicitor } from "../ip/neighbours";
import { ArpView, LENGTH, putArp, REPLY, REQUEST } from "../wire/arp";
import { HEADER, isGroup, putEthernet, TYPE_ARP } from "../wire/ethernet";
import { startOf } from "../wire/window";

/** Learns who uses an address on the link; what address conflict detection (RFC 5227) needs. */
export interface ArpListener {
  onArp(sender: u32, hardware: u64): void;
}

export class Arp implements Solicitor {
  listener: ArpListener | null = null;
  private readonly view: ArpView = new ArpView();
  /** Its own, since an address may be asked for while a packet is in the host's frame. */
  private readonly frame: ArrayBuffer = new ArrayBuffer(HEADER + LENGTH);

  constructor(private readonly host: Host) {}

  receive(at: usize, length: i32): void {
    const view = this.view;
    if (!view.check(at, length)) return;
    const sender = view.sender;
    const hardware = view.senderHardware;
    const ipv4 = this.host.ipv4;
    if (isGroup(hardware) || hardware == 0) return;
    const listener = this.listener;
    if (listener != null && hardware != this.host.hardware) listener.onArp(sender, hardware);
    if (ipv4.address == 0 || sender == ipv4.address) return;
    const asked = view.target == ipv4.address && view.operation == REQUEST;
    // RFC 826, packet reception: a known pair is merged whatever the operation is…
    const known = ipv4.neighbour(sender, false);
    if (known != null) {
      ipv4.neighbours.resolve(known, hardware);
    } else if (asked && ipv4.onLink(sender)) {
      // … and a new one is only learned when we are the target.
      ipv4.neighbours.resolve(ipv4.neighbour(sender, true)!, hardware);
    }
    if (asked) this.send(REPLY, hardware, ipv4.address, hardware, sender);
  }

  solicit(neighbour: Neighbour, hardware: u64): bool {
    return this.send(REQUEST, hardware, this.host.ipv4.address, 0, <u32>neighbour.low);
  }

  onLost(_neighbour: Neighbour): void {}

  /** Sends a packet; false when the device has no room. */
  send(operation: u32, destination: u64, sender: u32, targetHardware: u64, target: u32): bool {
    const at = startOf(this.frame);
    const own = this.host.hardware;
    putEthernet(at, destination, own, TYPE_ARP);
    putArp(at + <usize>HEADER, operation, own, sender, targetHardware, target);
    return this.host.transmit(this.frame, at, HEADER + LENGTH);
  }
}
