import { addressAt, isGroup } from "./address.ts";

/** What a port's cable leads to. */
export interface Outlet {
  /** Takes a frame, which it may read during the call only; false when its queue is full, and the frame lost. */
  send(frame: Uint8Array): boolean;
}

/** What one port must not do to all the others. Times are milliseconds. */
export interface SwitchRules {
  /** How long a station is remembered that sends nothing (IEEE 802.1D, table 7-5: 300 s). */
  readonly ageing: number;
  /** Stations behind one port; those beyond are not learnt, so that nobody makes the switch forget others' stations. */
  readonly stationsPerPort: number;
  /** Frames a second from one port that go to all others, and how many may come at once. */
  readonly floodRate: number;
  readonly floodBurst: number;
}

export const usualRules: SwitchRules = {
  ageing: 300_000,
  stationsPerPort: 1024,
  floodRate: 5_000,
  floodBurst: 5_000,
};

/** Of no use to anybody but a simulation, whose ports do only what the scenario says. */
export const unlimited: SwitchRules = {
  ageing: Number.POSITIVE_INFINITY,
  stationsPerPort: Number.POSITIVE_INFINITY,
  floodRate: Number.POSITIVE_INFINITY,
  floodBurst: Number.POSITIVE_INFINITY,
};

/** What went through a port since it was attached. */
export interface PortTally {
  /** Frames that came in, and their octets. */
  received: number;
  receivedOctets: number;
  sent: number;
  sentOctets: number;
  /** Frames that were to go out, when the queue was full. */
  dropped: number;
  /** Frames that came in and were lost: for all others and above the rate, or too short. */
  refused: number;
}

/** A station that the switch knows. */
interface Known {
  port: Port;
  heard: number;
}

const header = 14;

/**
 * A switch that learns which station is behind which port (IEEE 802.1D, 7.8), without delay of its own: a frame has gone to its
 * outlets when `receive` returns. It has no spanning tree: cables must not make a circle.
 */
export class Switch {
  readonly #rules: SwitchRules;
  readonly #ports: Port[] = [];
  readonly #known = new Map<number, Known>();

  constructor(rules: SwitchRules) {
    this.#rules = rules;
  }

  get ports(): readonly Port[] {
    return this.#ports;
  }

  /** A new port. */
  attach(outlet: Outlet): Port {
    const port = new Port(this, outlet, this.#rules.floodBurst);
    this.#ports.push(port);
    return port;
  }

  /** Takes a port away, and forgets its stations. */
  detach(port: Port): void {
    const index = this.#ports.indexOf(port);
    if (index < 0) return;
    this.#ports.splice(index, 1);
    for (const [station, known] of this.#known) {
      if (known.port === port) this.#known.delete(station);
    }
  }

  /** Stations behind a port, sorted. */
  stationsOf(port: Port, now: number): number[] {
    return [...this.#known]
      .filter(([, known]) => known.port === port && this.#isFresh(known, now))
      .map(([station]) => station)
      .sort((a, b) => a - b);
  }

  /** Forgets the stations that are past their time, to be called every now and then. */
  age(now: number): void {
    for (const [station, known] of this.#known) {
      if (this.#isFresh(known, now)) continue;
      known.port.stations--;
      this.#known.delete(station);
    }
  }

  /** For its ports: sends a frame on to where its destination was heard, or to all other ports. */
  forward(frame: Uint8Array, from: Port, now: number): void {
    if (frame.length < header) {
      from.tally.refused++;
      return;
    }
    if (!isGroup(frame[6]!)) this.#learn(addressAt(frame, 6), from, now);
    if (isGroup(frame[0]!)) {
      if (!isForBridges(frame)) this.#flood(frame, from, now);
      return;
    }
    const known = this.#known.get(addressAt(frame, 0));
    if (known === undefined || !this.#isFresh(known, now)) this.#flood(frame, from, now);
    else if (known.port !== from) known.port.send(frame);
  }

  #learn(station: number, port: Port, now: number): void {
    const known = this.#known.get(station);
    if (known?.port === port) {
      known.heard = now;
      return;
    }
    if (port.stations >= this.#rules.stationsPerPort) return;
    port.stations++;
    if (known === undefined) {
      this.#known.set(station, { port, heard: now });
    } else {
      known.port.stations--;
      known.port = port;
      known.heard = now;
    }
  }

  #flood(frame: Uint8Array, from: Port, now: number): void {
    if (!from.mayFlood(now, this.#rules)) {
      from.tally.refused++;
      return;
    }
    for (const port of this.#ports) if (port !== from) port.send(frame);
  }

  #isFresh(known: Known, now: number): boolean {
    return now - known.heard < this.#rules.ageing;
  }
}

export class Port {
  /** For the switch: how many stations it knows behind this port. */
  stations = 0;
  readonly tally: PortTally = {
    received: 0,
    receivedOctets: 0,
    sent: 0,
    sentOctets: 0,
    dropped: 0,
    refused: 0,
  };
  readonly #switch: Switch;
  readonly #outlet: Outlet;
  /** Frames that may be flooded now: a bucket that fills at the rate. */
  #allowance: number;
  #filledAt = 0;

  constructor(owner: Switch, outlet: Outlet, allowance: number) {
    this.#switch = owner;
    this.#outlet = outlet;
    this.#allowance = allowance;
  }

  /** A frame comes in, from its destination address on, without checksum. */
  receive(frame: Uint8Array, now: number): void {
    this.tally.received++;
    this.tally.receivedOctets += frame.length;
    this.#switch.forward(frame, this, now);
  }

  /** For the switch: a frame goes out. */
  send(frame: Uint8Array): void {
    if (this.#outlet.send(frame)) {
      this.tally.sent++;
      this.tally.sentOctets += frame.length;
    } else {
      this.tally.dropped++;
    }
  }

  /** For the switch: whether one more frame of this port may go to all others. */
  mayFlood(now: number, { floodRate, floodBurst }: SwitchRules): boolean {
    if (floodRate === Number.POSITIVE_INFINITY) return true;
    const gained = ((now - this.#filledAt) * floodRate) / 1000;
    this.#allowance = Math.min(floodBurst, this.#allowance + Math.max(0, gained));
    this.#filledAt = now;
    if (this.#allowance < 1) return false;
    this.#allowance--;
    return true;
  }
}

/** Addresses that no bridge sends on, 01-80-C2-00-00-00 to -0F (IEEE 802.1D, 7.12.6): pauses, spanning trees. */
function isForBridges(frame: Uint8Array): boolean {
  return (
    frame[0] === 0x01 &&
    frame[1] === 0x80 &&
    frame[2] === 0xc2 &&
    frame[3] === 0 &&
    frame[4] === 0 &&
    frame[5]! < 16
  );
}
