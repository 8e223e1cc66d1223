import type { accepts, Difference } from "../model/accepts.ts";
import type { Provision } from "../model/manifest.ts";
import type { Policy } from "../model/policy.ts";
import type { Release } from "../model/release.ts";
import type { NamedRange, SolveRequest } from "../model/request.ts";
import type { Signature, Uses } from "../model/signature.ts";
import { type Objection, objectionOf, policiesOf } from "./policy.ts";
import { inRange } from "./range.ts";

/** The check of model/accepts.ts. */
export type Accepts = typeof accepts;

/** Why a release cannot be in any image for a target, whatever else is chosen. */
export type Refusal =
  | { readonly kind: "without" }
  | { readonly kind: "yanked" }
  | { readonly kind: "platform" }
  /** Outside of the range that the package is pinned to. */
  | { readonly kind: "pin" }
  | { readonly kind: "policy"; readonly policy: Policy; readonly objection: Objection }
  /** It provides something else than the interface says; no differences when that version of the interface does not exist. */
  | {
      readonly kind: "signature";
      readonly provision: Provision;
      readonly differences: readonly Difference[];
    };

const nothing: Signature = { exports: {} };
const none: readonly Refusal[] = [];

/** Judges releases by themselves, whatever else is chosen: each question once. */
export class Judge {
  /** Package -> the range that it is pinned to, and whose pin it is. */
  readonly pins: ReadonlyMap<string, Pin>;
  readonly policies: readonly Policy[];
  readonly #interfaces: (name: string) => readonly Release[];
  readonly #accepts: Accepts;
  readonly #locked: ReadonlySet<string>;
  readonly #without: ReadonlySet<string>;
  /** Target -> release -> what is against it. */
  readonly #refusals = new Map<string, Map<Release, readonly Refusal[]>>();
  /** The same for every target. */
  readonly #lies = new Map<Release, readonly Refusal[]>();
  readonly #differences = new Map<Signature, Map<Signature, Map<string, readonly Difference[]>>>();

  /** @param interfaces all releases of an interface */
  constructor(
    request: SolveRequest,
    accepts: Accepts,
    interfaces: (name: string) => readonly Release[],
  ) {
    this.#accepts = accepts;
    this.#interfaces = interfaces;
    this.#locked = lockedReleases(request);
    this.#without = new Set(request.without);
    this.pins = pinsOf(request);
    this.policies = policiesOf(request);
  }

  /** Empty when the release can be used on the target as far as it alone is concerned. */
  refusals(target: string, release: Release): readonly Refusal[] {
    const ofTarget = entry(this.#refusals, target, () => new Map<Release, readonly Refusal[]>());
    let refusals = ofTarget.get(release);
    if (refusals === undefined) {
      refusals = this.#judge(target, release);
      ofTarget.set(release, refusals);
    }
    return refusals;
  }

  /** What the manifest alone has against a release on a target: a part of `refusals` that is quickly told. */
  barred(target: string, release: Release): readonly Refusal[] {
    const { name, version, kind, yanked, targets } = release.manifest;
    const refusals: Refusal[] = [];
    if (this.#without.has(name)) refusals.push({ kind: "without" });
    if (yanked && kind !== "app" && !this.#locked.has(`${name}@${version}`)) {
      refusals.push({ kind: "yanked" });
    }
    const pin = kind === "app" ? undefined : this.pins.get(name);
    if (pin !== undefined && !inRange(version, pin.range)) refusals.push({ kind: "pin" });
    for (const policy of this.policies) {
      const objection = objectionOf(policy, release);
      if (objection !== null) refusals.push({ kind: "policy", policy, objection });
    }
    // An interface has no code and a target is one: only what is linked has platforms.
    const linked = kind === "library" || kind === "app";
    if (linked && !targets.includes("*") && !targets.includes(target)) {
      refusals.push({ kind: "platform" });
    }
    return refusals.length === 0 ? none : refusals;
  }

  /** What the provider lacks of the interface, or of what a consumer uses of it. */
  differences(required: Release, provided: Signature, uses?: Uses): readonly Difference[] {
    const wanted = required.signature ?? nothing;
    if (wanted === provided) return [];
    const ofWanted = entry(this.#differences, wanted, () => new Map());
    const ofProvided = entry(ofWanted, provided, () => new Map());
    const key = uses === undefined ? "all" : `only ${uses.join(" ")}`;
    return entry(ofProvided, key, () => this.#accepts(wanted, provided, uses));
  }

  #judge(target: string, release: Release): readonly Refusal[] {
    const barred = this.barred(target, release);
    if (barred.length > 0 || release.manifest.kind !== "library") return barred;
    return entry(this.#lies, release, () => this.#judgeTypes(release));
  }

  #judgeTypes(release: Release): readonly Refusal[] {
    const refusals: Refusal[] = [];
    for (const provision of release.manifest.provides) {
      const claimed = this.#interfaces(provision.interface).find(
        (one) => one.manifest.version === provision.version,
      );
      const differences =
        claimed === undefined
          ? []
          : this.differences(claimed, offered(release, provision.interface));
      if (claimed === undefined || differences.length > 0) {
        refusals.push({ kind: "signature", provision, differences });
      }
    }
    return refusals.length === 0 ? none : refusals;
  }
}

/** What a release offers for an interface. */
export function offered(release: Release, interfaceName: string): Signature {
  return release.provided[interfaceName] ?? nothing;
}

/** What of the uses a release's own signature does not have at all. */
export function missing({ signature }: Release, uses: Uses): Uses {
  const { exports } = signature ?? nothing;
  return uses.filter((use) => {
    const [name = "", member] = use.split("#");
    const item = Object.hasOwn(exports, name) ? exports[name] : undefined;
    if (item === undefined) return true;
    if (member === undefined) return false;
    if (item.kind !== "class" && item.kind !== "interface") return true;
    if (member === "constructor") return item.kind !== "class";
    return !Object.hasOwn(item.members, member);
  });
}

/** A range that a package is held to. */
export interface Pin extends NamedRange {
  /** `--pin` goes before the manifest's. */
  readonly by: "command" | "manifest";
}

function pinsOf({ root, pins = [] }: SolveRequest): ReadonlyMap<string, Pin> {
  const found = new Map<string, Pin>();
  for (const [name, range] of Object.entries(root.manifest.pins ?? {})) {
    found.set(name, { name, range, by: "manifest" });
  }
  for (const { name, range } of pins) found.set(name, { name, range, by: "command" });
  return found;
}

/** Whether a locked choice of this package binds. */
export function isKept(request: SolveRequest, name: string): boolean {
  return request.upgrade !== "all" && !request.upgrade.includes(name);
}

function lockedReleases(request: SolveRequest): ReadonlySet<string> {
  const locked = new Set<string>();
  for (const plan of request.locked) {
    for (const one of plan.packages) {
      if (isKept(request, one.name)) locked.add(`${one.name}@${one.version}`);
    }
  }
  return locked;
}

/** The map's value at a key, made when it is missing. */
function entry<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
