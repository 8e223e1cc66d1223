import { Ends } from "../wire/ends";

/** Takes the packets of one protocol, of both families. */
export interface PacketReceiver {
  /** A packet came; what follows its IP headers is at `at` during the call only, in the memory of `owner`. */
  onPacket(ends: Ends, owner: ArrayBuffer, at: usize, length: i32): void;

  /** A packet of ours did not arrive, for a reason of `trouble.ts`. What is known of it is at `at`. */
  onTrouble(ends: Ends, trouble: i32, at: usize, length: i32): void;
}

/** Protocols that the stack does not know itself, by number. */
export class Protocols {
  private receivers: StaticArray<PacketReceiver | null> | null = null;

  at(protocol: u32): PacketReceiver | null {
    const receivers = this.receivers;
    return receivers == null ? null : receivers[protocol];
  }

  set(protocol: u32, receiver: PacketReceiver | null): void {
    let receivers = this.receivers;
    if (receivers == null) {
      receivers = new StaticArray<PacketReceiver | null>(256);
      this.receivers = receivers;
    }
    receivers[protocol] = receiver;
  }
}
