import { createHash } from "node:crypto";
import type { Problem } from "../../model/problem.ts";
import type { CompiledImage } from "../node-host/image.ts";
import { Capture } from "./capture.ts";
import type { Tally } from "./channel.ts";
import { because, Claim, Expectation } from "./claim.ts";
import { Machine } from "./machine.ts";
import { seconds } from "./quantity.ts";
import { type EventPlan, type MachinePlan, machinesNamed, type Scenario } from "./scenario.ts";
import { Schedule } from "./schedule.ts";
import { cardAddresses, randomOf, Topology } from "./topology.ts";

/** What people want to see while a simulation runs. Times are nanoseconds. */
export interface SimulationListener {
  onLine(at: number, machine: Machine, line: string): void;
  /** Something of the scenario happens, or a machine ends. */
  onEvent(at: number, text: string): void;
  /** Every now and then. */
  onProgress(at: number): void;
}

export interface SimulationRequest {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly programOf: (machine: MachinePlan) => CompiledImage;
  readonly listener: SimulationListener;
  /** Octets of frames that the capture keeps. */
  readonly captureLimit: number;
  /** What the addresses of network cards begin with, if it is not as always. */
  readonly cards?: number;
}

export interface Verdict {
  readonly problems: readonly Problem[];
  /** Nanoseconds of virtual time. */
  readonly time: number;
  readonly claims: readonly Claim[];
  readonly machines: readonly Machine[];
  /** By the links' names in the scenario, both directions together. */
  readonly links: Readonly<Record<string, Tally>>;
  /** SHA-256 of every frame and every line with its time: equal for equal runs. */
  readonly digest: string;
  readonly capture: Capture;
}

/** Runs a scenario to its end. The same request gives the same verdict, every time. */
export function simulate(request: SimulationRequest): Verdict {
  const simulation = new Simulation(request);
  simulation.begin();
  simulation.advance(request.scenario.duration);
  return simulation.finish();
}

const progressEvery = 4096;

/** A scenario that is run in steps: `begin`, then `advance` until it is over or its duration has passed, then `finish`. */
export class Simulation {
  readonly #request: SimulationRequest;
  readonly #schedule = new Schedule();
  readonly #capture: Capture;
  readonly #machines: readonly Machine[];
  readonly #topology: Topology;
  readonly #expectations: readonly Expectation[];
  readonly #expectationsOf = new Map<Machine, readonly Expectation[]>();
  /** Of what the station asked. */
  readonly #answers: Claim[] = [];
  readonly #digest = createHash("sha256");
  #hasFailed = false;
  #eventsLeft: number;
  /** Things that happened. */
  #count = 0;

  constructor(request: SimulationRequest) {
    this.#request = request;
    const { scenario, seed } = request;
    this.#capture = new Capture(request.captureLimit);
    this.#machines = scenario.machines.map((plan) => {
      const { name, group } = plan;
      const random = randomOf(seed, `node ${name}`);
      return new Machine(name, group, request.programOf(plan), this.#schedule, random, {
        onLine: (machine, line) => this.#onLine(machine, line),
        onEnd: (machine) => this.#onEnd(machine),
      });
    });
    this.#topology = new Topology(
      scenario,
      this.#machines,
      this.#schedule,
      seed,
      this.#capture,
      (machine, direction, frame) => this.#note(`${machine.name} ${direction}`, frame),
      request.cards ?? cardAddresses,
    );
    this.#expectations = scenario.expectations.flatMap((plan) =>
      machinesNamed(this.#machines, plan.node).map((machine) => new Expectation(plan, machine)),
    );
    for (const machine of this.#machines) {
      const own = this.#expectations.filter(({ claim }) => claim.machine === machine);
      this.#expectationsOf.set(machine, own);
    }
    this.#eventsLeft = scenario.events.length + scenario.machines.length;
  }

  /** Time of the next thing that happens, in nanoseconds; infinity for none. */
  get next(): number {
    return this.#schedule.next;
  }

  /** Joins a cable to a switch of the scenario. `send` is given what goes out, and what comes in is given to the answer. */
  join(name: string, send: (frame: Uint8Array) => void): (frame: Uint8Array) => void {
    return this.#topology.join(name, send);
  }

  begin(): void {
    this.#plan();
  }

  /** Lets everything happen that is due until a time. */
  advance(until: number): void {
    const { listener, scenario } = this.#request;
    const limit = Math.min(until, scenario.duration);
    while (!this.isOver) {
      const happen = this.#schedule.take(limit);
      if (happen === null) {
        this.#schedule.now = limit;
        return;
      }
      happen();
      if (++this.#count % progressEvery === 0) listener.onProgress(this.#schedule.now);
    }
  }

  /** Looks at what is known at the end only, and turns everything off. */
  finish(): Verdict {
    if (!this.#hasFailed) for (const expectation of this.#expectations) expectation.onFinish();
    for (const machine of this.#machines) machine.stop();
    const claims = [...this.#expectations.map(({ claim }) => claim), ...this.#answers];
    return {
      problems: claims.filter(({ state }) => state === "failed").map((claim) => claim.problem()),
      time: this.#schedule.now,
      claims,
      machines: this.#machines,
      links: this.#tallies(),
      digest: this.#digest.digest("hex"),
      capture: this.#capture,
    };
  }

  /** Puts all that the scenario says into the schedule. */
  #plan(): void {
    const { scenario } = this.#request;
    for (const [index, machine] of this.#machines.entries()) {
      this.#schedule.at(scenario.machines[index]!.start, () => {
        this.#eventsLeft--;
        machine.start();
      });
    }
    for (const event of scenario.events) {
      this.#schedule.at(event.at, () => {
        this.#eventsLeft--;
        this.#happen(event);
      });
    }
    const byTime = new Map<number, Expectation[]>();
    for (const expectation of this.#expectations) {
      if (expectation.by === null) continue;
      const known = byTime.get(expectation.by) ?? [];
      byTime.set(expectation.by, known);
      known.push(expectation);
    }
    for (const [time, expectations] of byTime) {
      this.#schedule.at(time, () => {
        for (const expectation of expectations) expectation.onTime();
        if (expectations.some(({ claim }) => claim.state === "failed")) this.#hasFailed = true;
      });
    }
  }

  /** Whether nothing that is still to come can change the verdict; a failure is one. */
  get isOver(): boolean {
    if (this.#hasFailed) return true;
    if (this.#eventsLeft > 0) return false;
    const isIdle = !this.#machines.some((machine) => machine.isRunning);
    const isOpen = ({ state }: Claim) => state === "open";
    if (this.#answers.some(isOpen)) return false;
    if (this.#expectations.length === 0 && this.#answers.length === 0) return isIdle;
    return !this.#expectations.some(({ claim }) => isOpen(claim));
  }

  #happen(event: EventPlan): void {
    switch (event.kind) {
      case "down":
      case "up":
        this.#tell(`link ${event.link} ${event.kind}`);
        for (const { there, back } of this.#topology.linksNamed(event.link)) {
          there.up = event.kind === "up";
          back.up = event.kind === "up";
        }
        break;
      case "change":
        this.#tell(`link ${event.link} changes`);
        for (const { there, back } of this.#topology.linksNamed(event.link)) {
          there.path = { ...there.path, ...event.path };
          back.path = { ...back.path, ...event.path };
        }
        break;
      case "start":
      case "stop":
        this.#tell(`${event.node}: ${event.kind}`);
        for (const machine of machinesNamed(this.#machines, event.node)) machine[event.kind]();
        break;
      case "ping":
        this.#askFor(event, `answers ping within ${seconds(event.within)}`, (claim) => {
          const { station, address } = this.#topology.stationOf(event.node);
          station.ping(address, () => claim.meet());
        });
        break;
      case "send":
        this.#tell(`send to ${event.node}, port ${event.port}`);
        this.#sendTo(event);
        break;
    }
  }

  #sendTo(event: EventPlan & { readonly kind: "send" }): void {
    const { station, address } = this.#topology.stationOf(event.node);
    const { answer, port, data } = event;
    if (answer === null) {
      station.datagram(address, port, data, () => {});
      return;
    }
    this.#askFor(event, `answers "${answer}" within ${seconds(event.within)}`, (claim) => {
      station.datagram(address, port, data, (received) => {
        if (Buffer.from(received).includes(answer)) claim.meet();
      });
    });
  }

  /** Asks a machine something, and waits for what `ask` takes as an answer. */
  #askFor(
    event: EventPlan & { readonly kind: "ping" | "send" },
    text: string,
    ask: (claim: Claim) => void,
  ): void {
    const [machine] = machinesNamed(this.#machines, event.node);
    const claim = new Claim(machine!, text, event.place);
    this.#answers.push(claim);
    ask(claim);
    this.#schedule.at(event.at + event.within, () => {
      const what = event.kind === "ping" ? "ping" : `the datagram to port ${event.port}`;
      claim.fail(`did not answer ${what} of ${seconds(event.at)} within ${seconds(event.within)}`);
      if (claim.state === "failed") this.#hasFailed = true;
    });
  }

  #onLine(machine: Machine, line: string): void {
    this.#note(`${machine.name} line`, Buffer.from(line));
    this.#request.listener.onLine(this.#schedule.now, machine, line);
    for (const expectation of this.#expectationsOf.get(machine)!) {
      expectation.onLine(line);
      if (expectation.claim.state === "failed") this.#hasFailed = true;
    }
  }

  #onEnd(machine: Machine): void {
    const { status, message } = machine.end!;
    this.#note(`${machine.name} end ${status}`, new Uint8Array(0));
    this.#tell(`${machine.name}: ended with status ${status}${because(message)}`);
    const own = this.#expectationsOf.get(machine)!;
    for (const expectation of own) {
      expectation.onEnd();
      if (expectation.claim.state === "failed") this.#hasFailed = true;
    }
    if (status !== 0 && !own.some(({ plan }) => plan.kind === "status")) {
      this.#endsBadly(machine, status, message);
    }
  }

  /** Nobody expected that. */
  #endsBadly(machine: Machine, status: number, message: string | null): void {
    const index = this.#machines.indexOf(machine);
    const claim = new Claim(machine, "ends well", this.#request.scenario.machines[index]!.appPlace);
    claim.fail(`ended with status ${status}, which nobody expected${because(message)}`);
    this.#answers.push(claim);
    this.#hasFailed = true;
  }

  #tell(text: string): void {
    this.#request.listener.onEvent(this.#schedule.now, text);
  }

  #note(what: string, bytes: Uint8Array): void {
    this.#digest.update(`${this.#schedule.now} ${what} ${bytes.length}\n`).update(bytes);
  }

  #tallies(): Readonly<Record<string, Tally>> {
    const tallies: Record<string, Tally> = {};
    for (const { group, there, back } of this.#topology.links) {
      const { tally: one } = there;
      const { tally: other } = back;
      const before = tallies[group];
      const sum = (key: keyof Tally) => (before?.[key] ?? 0) + one[key] + other[key];
      tallies[group] = {
        sent: sum("sent"),
        octets: sum("octets"),
        lost: sum("lost"),
        duplicated: sum("duplicated"),
        reordered: sum("reordered"),
        corrupted: sum("corrupted"),
      };
    }
    return tallies;
  }
}
