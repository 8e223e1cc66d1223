import type { Outlet, Port, PortTally, Switch } from "../ethernet/switch.ts";
import type { CaptureFile } from "./capture-file.ts";

/** What a port is for: images and QEMU, browsers, an interface of this machine, the switch's own host. */
export type MemberKind = "image" | "browser" | "tap" | "station";

/** Whoever wants to know what happens at the switch. */
export interface MembersListener {
  onJoin(member: Member): void;
  onLeave(member: Member, reason: string): void;
}

/** Who is on the switch. Its clock is `performance.now()`. */
export class Members {
  readonly #switch: Switch;
  readonly #limit: number;
  readonly #listener: MembersListener;
  readonly #capture: CaptureFile | null;
  readonly #members = new Set<Member>();
  #count = 0;

  /** @param limit ports at most */
  constructor(
    owner: Switch,
    limit: number,
    listener: MembersListener,
    capture: CaptureFile | null,
  ) {
    this.#switch = owner;
    this.#limit = limit;
    this.#listener = listener;
    this.#capture = capture;
  }

  get all(): readonly Member[] {
    return [...this.#members];
  }

  /** Gives a newcomer a port; null when there is none left. `close` is called once, when it leaves. */
  join(kind: MemberKind, name: string, outlet: Outlet, close: () => void): Member | null {
    if (this.#members.size >= this.#limit) return null;
    const number = this.#count++;
    const captured = this.#capture?.interface(`${number} ${name}`) ?? 0;
    const port = this.#switch.attach(outlet);
    const member: Member = {
      ...{ number, kind, name, tally: port.tally, port },
      receive: (frame) => {
        this.#capture?.add(captured, frame);
        port.receive(frame, performance.now());
      },
      leave: (reason) => {
        if (!this.#members.delete(member)) return;
        this.#switch.detach(port);
        close();
        this.#listener.onLeave(member, reason);
      },
    };
    this.#members.add(member);
    this.#listener.onJoin(member);
    return member;
  }

  /** Addresses of the stations behind a member's port, sorted. */
  stationsOf({ port }: Member): readonly number[] {
    return this.#switch.stationsOf(port, performance.now());
  }
}

export interface Member {
  /** Never used again. */
  readonly number: number;
  readonly kind: MemberKind;
  readonly name: string;
  readonly tally: Readonly<PortTally>;
  readonly port: Port;
  /** A frame comes in, to be read during the call only. */
  receive(frame: Uint8Array): void;
  /** Gives the port up. The second time it does nothing. */
  leave(reason: string): void;
}
