import { Ends } from "../wire/ends";

/** Learns what became of our echo requests. `word` is identifier and sequence number. */
export interface EchoListener {
  /** The data that came back is at `at` during the call only, in the memory of `owner`. */
  onEchoReply(ends: Ends, word: u32, owner: ArrayBuffer, at: usize, length: i32): void;

  /** An ICMP error of `from` about a request of ours, for a reason of `trouble.ts`. */
  onEchoTrouble(ends: Ends, word: u32, trouble: i32, from: Ends): void;

  /** When `poll` wants to be called. */
  pollAt(): u64;
  poll(): void;
}
