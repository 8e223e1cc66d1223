import type { Place } from "../../model/place.ts";
import type { Path } from "./channel.ts";

/** A scenario of docs/simulator.md, read and checked. Times are nanoseconds of virtual time, addresses numbers of 32 bits. */
export interface Scenario {
  readonly seed: number;
  /** When it ends at the latest. */
  readonly duration: number;
  /** In the order of the file, each machine of a group by itself. */
  readonly machines: readonly MachinePlan[];
  readonly switches: readonly SwitchPlan[];
  readonly links: readonly LinkPlan[];
  readonly events: readonly EventPlan[];
  readonly expectations: readonly ExpectationPlan[];
}

export interface MachinePlan {
  /** `client-7`, of the group `client`. */
  readonly name: string;
  readonly group: string;
  /** A built-in application's name, or the path of a folder. */
  readonly app: string;
  readonly appPlace: Place;
  /** Values of settings by owner, texts with `${machine}` replaced. */
  readonly settings: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Limit of its program's memory in MiB. */
  readonly memory: number;
  readonly start: number;
}

export interface SwitchPlan {
  readonly name: string;
  /** The network that its station gives addresses of; null without a station. */
  readonly subnet: Subnet | null;
}

export interface Subnet {
  readonly mask: number;
  /** Of the simulator's station, the first one. */
  readonly station: number;
  /** Address by machine and number of its card. */
  readonly leases: readonly Lease[];
}

export interface Lease {
  readonly machine: string;
  readonly card: number;
  readonly address: number;
}

export interface LinkPlan {
  /** `access-7`, of the group `access`. */
  readonly name: string;
  readonly group: string;
  /** Names of machines or switches. */
  readonly between: readonly [string, string];
  /** What it does to frames of the first to the second, and back. */
  readonly there: Path;
  readonly back: Path;
  readonly mtu: number;
}

export type EventPlan = { readonly at: number; readonly place: Place } & (
  | { readonly kind: "down" | "up"; readonly link: string }
  | { readonly kind: "change"; readonly link: string; readonly path: Path }
  | { readonly kind: "stop" | "start"; readonly node: string }
  | { readonly kind: "ping"; readonly node: string; readonly within: number }
  | {
      readonly kind: "send";
      readonly node: string;
      readonly port: number;
      readonly data: Buffer;
      /** What an answer must contain; null when none is expected. */
      readonly answer: string | null;
      readonly within: number;
    }
);

/** What must be true of every machine that `node` names. */
export type ExpectationPlan = { readonly node: string; readonly place: Place } & (
  | { readonly kind: "console"; readonly text: string; readonly by: number }
  | { readonly kind: "status"; readonly status: number; readonly by: number }
  | { readonly kind: "never"; readonly text: string }
  | { readonly kind: "running" }
);

/** Machines of a group, or the one of this name. */
export function machinesNamed<T extends { readonly name: string; readonly group: string }>(
  machines: readonly T[],
  name: string,
): readonly T[] {
  return machines.filter((machine) => machine.name === name || machine.group === name);
}
