import type { Requirement } from "../model/manifest.ts";
import type { Release } from "../model/release.ts";
import type { Choice } from "./choice.ts";
import type { Cause } from "./clause.ts";
import type { Demands } from "./demand.ts";
import type { Formula } from "./formula.ts";
import type { Images, MetPackage } from "./images.ts";
import type { Refusal } from "./judge.ts";
import { forbiddenEffects, isForbiddenLicence } from "./platform.ts";
import type { Literal } from "./sat.ts";
import { type Slice, within } from "./slice.ts";
import type { Support } from "./support.ts";

/** A release with all its clauses. */
export interface EncodedRelease {
  readonly target: string;
  readonly release: Release;
}

/** Where a release in an image leads: a package that is in the image with it, and who fills its slot. */
export interface Lead {
  /** When it is an optional requirement: whether it is met. */
  readonly taken: Literal | null;
  readonly met: MetPackage;
  readonly choice: Choice | null;
}

/** What holds if a release is in an image: clauses that begin with that. clause.ts has the formula of each kind. */
export class ReleaseClauses {
  /** Releases that have their clauses, in the order in which they got them. */
  readonly encoded: EncodedRelease[] = [];
  /** "The release is in the image" -> what it then leads to; without those that have no clauses yet. */
  readonly leads = new Map<Literal, Lead[]>();
  /** `target\nconsumer\nslot` -> "the package's optional requirement is met". */
  readonly optional = new Map<string, Literal>();
  readonly #slice: Slice;
  readonly #formula: Formula;
  readonly #support: Support;
  readonly #images: Images;
  readonly #demands: Demands;
  readonly #meet: (target: string, name: string) => MetPackage | null;
  readonly #done = new Map<string, Set<Release>>();

  /** @param meet gives a package its variables; null when it is out of reach */
  constructor(
    slice: Slice,
    formula: Formula,
    support: Support,
    images: Images,
    demands: Demands,
    meet: (target: string, name: string) => MetPackage | null,
  ) {
    this.#slice = slice;
    this.#formula = formula;
    this.#support = support;
    this.#images = images;
    this.#demands = demands;
    this.#meet = meet;
    for (const target of slice.request.targets) this.#done.set(target, new Set());
  }

  /** Whether a release has its clauses. */
  has(target: string, release: Release): boolean {
    return this.#done.get(target)!.has(release);
  }

  /** Adds the clauses of a release whose package was met, once. */
  add(target: string, release: Release): void {
    const done = this.#done.get(target)!;
    if (done.has(release)) return;
    done.add(release);
    this.encoded.push({ target, release });
    const used = this.#images.used(target, release)!;
    const leads: Lead[] = [];
    this.leads.set(used, leads);
    if (this.#refusals(target, release, used)) return;
    const { name, kind, provides } = release.manifest;
    if (kind === "app" && name !== this.#slice.root) this.#formula.define(-used);
    if (kind === "target" && name !== target) this.#formula.define(-used);
    for (const requirement of this.#slice.requirements(release, target)) {
      this.#requirement(target, release, requirement, leads);
    }
    for (const provision of provides) {
      const promised = this.#meet(target, provision.interface);
      const cause = this.#formula.cause({
        kind: "provision",
        target,
        package: name,
        interface: provision.interface,
      });
      this.#because(cause, -used, ...(promised?.used ?? []));
      if (promised === null) continue;
      this.#support.need(promised.present, used);
      leads.push({ taken: null, met: promised, choice: null });
    }
    this.#conflicts(target, release, used);
    if (kind !== "target" || name !== target) return;
    for (const met of this.#images.metOn.get(target)!) this.#platform(release, met);
  }

  /** Whether the release is refused whatever else is chosen: then it has no more clauses than that. */
  #refusals(target: string, release: Release, used: Literal): boolean {
    const refusals = this.#slice.refusals(target, release);
    for (const one of refusals) this.#because(causeOf(this.#slice, target, release, one), -used);
    return refusals.length > 0;
  }

  #requirement(target: string, release: Release, requirement: Requirement, leads: Lead[]): void {
    const consumer = release.manifest.name;
    const { slot, of, optional } = requirement;
    const cause = this.#formula.cause({ kind: "requirement", target, consumer, slot });
    const used = this.#images.used(target, release)!;
    const taken = optional ? this.#optional(target, consumer, slot) : null;
    const unless = taken === null ? [-used] : [-used, -taken];
    const required = this.#meet(target, of);
    const { kind } = required?.found ?? {};
    if (required === null || (kind !== "interface" && kind !== "library")) {
      this.#because(cause, ...unless);
      return;
    }
    const demand = this.#demands.of(target, release, requirement);
    this.#because(cause, ...unless, demand.made);
    this.#support.need(demand.made, taken ?? used);
    leads.push({ taken, met: required, choice: demand.choice });
    for (const [provider, misfit] of demand.misfits) {
      this.#because({ kind: "uses", target, consumer, slot, provider }, ...unless, -misfit);
    }
  }

  /** "The package's optional requirement is met"; null when no version with it was looked at. */
  taken(target: string, consumer: string, slot: string): Literal | null {
    return this.optional.get(`${target}\n${consumer}\n${slot}`) ?? null;
  }

  #optional(target: string, consumer: string, slot: string): Literal {
    const key = `${target}\n${consumer}\n${slot}`;
    const known = this.optional.get(key);
    if (known !== undefined) return known;
    const literal = this.#formula.variable(target);
    this.optional.set(key, literal);
    this.#support.declare(literal, null);
    for (const release of this.#slice.packages.get(consumer)!.releases) {
      const may = this.#slice
        .requirements(release, target)
        .some((one) => one.slot === slot && one.optional);
      if (may) this.#support.need(literal, this.#images.used(target, release)!);
    }
    return literal;
  }

  #conflicts(target: string, release: Release, used: Literal): void {
    const { name, conflicts } = release.manifest;
    for (const [other, range] of Object.entries(conflicts)) {
      const met = other === name ? null : this.#meet(target, other);
      if (met === null) continue;
      for (const against of within(met.found, range)) {
        this.#because(
          { kind: "conflict", package: name, other },
          -used,
          -this.#images.used(target, against)!,
        );
      }
    }
  }

  /** What the target's releases so far have against a package. */
  platforms(met: MetPackage): void {
    for (const platform of this.#slice.packages.get(met.target)?.releases ?? []) {
      if (this.#done.get(met.target)!.has(platform)) this.#platform(platform, met);
    }
  }

  /** What a target's release does not link. */
  #platform(platform: Release, { target, found, used }: MetPackage): void {
    const { name, releases } = found;
    if (this.#slice.refusals(target, platform).length > 0) return;
    for (const [index, release] of releases.entries()) {
      if (release === platform) continue;
      const both = [-this.#images.used(target, platform)!, -used[index]!];
      if (forbiddenEffects(platform, release).length > 0) {
        this.#because({ kind: "effect", target, package: name }, ...both);
      }
      if (isForbiddenLicence(platform, release)) {
        this.#because({ kind: "licence", target, package: name }, ...both);
      }
    }
  }

  #because(cause: Cause, ...literals: Literal[]): void {
    this.#formula.add(this.#formula.cause(cause), literals);
  }
}

/** Why a release that is refused is not in an image. */
function causeOf(slice: Slice, target: string, release: Release, refusal: Refusal): Cause {
  const { name } = release.manifest;
  switch (refusal.kind) {
    case "without":
    case "yanked":
    case "pin":
      return { kind: refusal.kind, package: name };
    case "policy":
      return { kind: "policy", policy: slice.policies.indexOf(refusal.policy), package: name };
    case "platform":
      return { kind: "platform", target, package: name };
    case "signature":
      return { kind: "signature", package: name, interface: refusal.provision.interface };
  }
}
