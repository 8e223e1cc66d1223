/**
 * The solver's answer for one target: which provider, at which version, fills each slot.
 *
 * Packages are linked as instances. A package has one shared instance, named as the package; for each
 * slot whose name is not its interface's, the provider is instantiated for that slot alone, named
 * `PROVIDER#CONSUMER.SLOT` (the functor application of MirageOS).
 */
export interface Plan {
  readonly target: string;
  /** Root package: the application. */
  readonly root: string;
  /** Every package in the image, interfaces and the target included, sorted by name. */
  readonly packages: readonly PlannedPackage[];
  /** Sorted by instance, then slot. */
  readonly bindings: readonly Binding[];
}

export interface PlannedPackage {
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
}

/** One filled slot. */
export interface Binding {
  /** Instance that imports. The root and the target are instances too. */
  readonly consumer: string;
  readonly slot: string;
  /** Interface that the slot asks for; null when a library was required by its own name. */
  readonly interface: string | null;
  /** Instance that answers. */
  readonly provider: string;
  /** Why this one. */
  readonly reason: Reason;
}

/** Why a provider was chosen, from the solver's own levels (docs/solver.md). */
export type Reason =
  | "only provider"
  | "asked for"
  | "required by name"
  | "locked"
  | "preferred by app"
  | "preferred by target"
  | "not deprecated"
  | "not a prerelease"
  | "newest"
  | "fewest packages"
  | "first by name"
  /** The search was ended before it was known what decides. */
  | "best so far"
  /** Another would make something else worse that weighs more. */
  | "fits the other choices";

/** The package that an instance is made from: `assets#web.htdocs` -> `assets`. */
export function packageOf(instance: string): string {
  const hash = instance.indexOf("#");
  return hash === -1 ? instance : instance.slice(0, hash);
}

/** The instance that a slot of its own gets. */
export function slotInstance(provider: string, consumer: string, slot: string): string {
  return `${provider}#${consumer}.${slot}`;
}
