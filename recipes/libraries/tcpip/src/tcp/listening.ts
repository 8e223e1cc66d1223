import { Block, User } from "./block";

/** Decides about connections that came. */
export interface Acceptance {
  /** Who is told of the connection; null to break it off. */
  onAccept(block: Block): User | null;
}

/** A port that is listened at: RFC 9293's state LISTEN. */
export class Listening {
  /** Connections that are not open yet. */
  opening: i32 = 0;
  /** When the backlog was last full, which is when cookies were last sent; 0 for never. */
  overflowedAt: u64 = 0;
  closed: bool = false;

  constructor(
    readonly port: u16,
    readonly acceptance: Acceptance,
  ) {}
}
