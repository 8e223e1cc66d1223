import { Block, User } from "./block";
import { reset } from "./emit";
import { forget } from "./ending";
import { Tcp } from "./tcp";

/** Ports that are chosen by us (RFC 6056, section 3.2, within those that are usual). */
export const FIRST_PORT: u32 = 32768;
export const PORTS: u32 = 28232;

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

/** All of them, by port. */
export class Listeners {
  private readonly byPort: Map<u16, Listening> = new Map<u16, Listening>();

  has(port: u16): bool {
    return this.byPort.has(port);
  }

  at(port: u16): Listening {
    return this.byPort.get(port);
  }

  /** A passive OPEN (3.10.1): null when the port is taken, or none is free for 0. */
  listen(tcp: Tcp, port: u16, acceptance: Acceptance): Listening | null {
    let chosen = port;
    if (port == 0) {
      const start = <u32>tcp.host.random() % PORTS;
      for (let i: u32 = 0; i < PORTS && chosen == 0; i++) {
        const candidate = <u16>(FIRST_PORT + ((start + i) % PORTS));
        if (!this.has(candidate)) chosen = candidate;
      }
    }
    if (chosen == 0 || this.has(chosen)) return null;
    const listening = new Listening(chosen, acceptance);
    this.byPort.set(chosen, listening);
    return listening;
  }

  /** Ends a passive OPEN; connections that are open stay. */
  close(tcp: Tcp, listening: Listening): void {
    if (listening.closed) return;
    listening.closed = true;
    this.byPort.delete(listening.port);
    if (listening.opening == 0) return;
    const blocks = tcp.table.all();
    for (let i = 0; i < blocks.length; i++) {
      if (blocks[i].listening == listening) {
        reset(tcp, blocks[i]);
        forget(tcp, blocks[i]);
      }
    }
  }
}
