import type { Requirement } from "../model/manifest.ts";
import type { Release } from "../model/release.ts";
import { type Choice, choiceKey } from "./choice.ts";
import type { Cause, CausedClause } from "./clause.ts";
import { forbiddenEffects, isForbiddenLicence } from "./platform.ts";
import { inRange } from "./range.ts";
import type { Literal } from "./sat.ts";
import { type Slice, type SlicedPackage, within } from "./slice.ts";

const definition: Cause = { kind: "definition" };
const support: Cause = { kind: "support" };

/** Up to here every pair is excluded by a clause of its own; a ladder of helpers from there on. */
const pairsUpTo = 5;

/**
 * A slice as clauses: the only place where packages become variables. clause.ts has the formula of each
 * kind of clause.
 */
export class Encoding {
  readonly slice: Slice;
  readonly targets: readonly string[];
  readonly clauses: CausedClause[] = [];
  /** "Nothing older than this is used", package by package in the slice's order, the newest first in each. */
  readonly newest: Literal[] = [];
  #variables = 0;
  /** Release -> how many releases stand before it in the slice. */
  readonly #ordinals = new Map<Release, number>();
  /** Target -> the variable before that of its first release. */
  readonly #bases = new Map<string, number>();
  readonly #present = new Map<string, Map<string, Literal>>();
  readonly #choices = new Map<string, Choice>();
  #sortedChoices: readonly Choice[] | null = null;
  readonly #demands = new Map<string, Demand>();
  readonly #taken = new Map<string, Literal>();
  readonly #causes = new Map<string, Cause>();
  /** "It is in the image" or "it is the provider" -> what may need that. */
  readonly #needs = new Map<Literal, Set<Literal>>();
  /** What is in the image though nobody needs it: the app, the target, what `--with` names. */
  readonly #wanted = new Set<Literal>();

  constructor(slice: Slice) {
    this.slice = slice;
    this.targets = [...slice.request.targets].sort();
    // MiniSat decides variables in their order, and first for false: this is where its first model comes from.
    const ladders = [...slice.packages.values()].map((found) => this.#ladder(found));
    for (const target of this.targets) this.#declare(target);
    for (const [index, found] of [...slice.packages.values()].entries()) {
      this.#oneVersion(found, ladders[index]!);
    }
    for (const target of this.targets) this.#target(target);
    for (const [what, needs] of this.#needs) {
      if (!this.#wanted.has(what)) this.#add(support, -what, ...needs);
    }
  }

  get variables(): number {
    return this.#variables;
  }

  variable(): Literal {
    this.#variables += 1;
    return this.#variables;
  }

  /** Adds a clause that gives a variable its meaning. */
  define(...literals: Literal[]): void {
    this.#add(definition, ...literals);
  }

  /** "The release is in the image"; null when it is out of reach. */
  inImage(target: string, release: Release): Literal | null {
    const base = this.#bases.get(target);
    const ordinal = this.#ordinals.get(release);
    return base === undefined || ordinal === undefined ? null : base + ordinal + 1;
  }

  /** "Some version of the package is in the image"; null when it is out of reach. */
  present(target: string, name: string): Literal | null {
    return this.#present.get(target)?.get(name) ?? null;
  }

  /** All choices, sorted by target, then consumer and slot. */
  choices(): readonly Choice[] {
    this.#sortedChoices ??= [...this.#choices.entries()]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, one]) => one);
    return this.#sortedChoices;
  }

  /** Who fills the slot; null when no consumer of this kind is in reach. */
  choiceOf(target: string, consumer: string, slot: string, interfaceName: string): Choice | null {
    const owner = slot === interfaceName ? null : consumer;
    return this.#choices.get(choiceKey(target, interfaceName, owner, slot)) ?? null;
  }

  /** "The package's optional requirement is met". */
  taken(target: string, consumer: string, slot: string): Literal {
    const key = `${target}\n${consumer}\n${slot}`;
    let literal = this.#taken.get(key);
    if (literal === undefined) {
      literal = this.variable();
      this.#taken.set(key, literal);
    }
    return literal;
  }

  /** Every "optional requirement is met", sorted by target, consumer and slot. */
  allTaken(): readonly Literal[] {
    return [...this.#taken.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
  }

  #add(cause: Cause, ...literals: Literal[]): void {
    this.clauses.push({ literals, cause });
  }

  /** One object for one cause, so that the cause itself names the group. */
  #cause(cause: Cause): Cause {
    const key = Object.values(cause).join(" ");
    const known = this.#causes.get(key);
    if (known !== undefined) return known;
    this.#causes.set(key, cause);
    return cause;
  }

  /** Numbers a package's releases and gives it its ladder: "something older than version i is used, on some target". */
  #ladder({ releases }: SlicedPackage): readonly Literal[] {
    for (const release of releases) this.#ordinals.set(release, this.#ordinals.size);
    const older = releases.slice(1).map(() => this.variable());
    this.newest.push(...older.map((literal) => -literal));
    return older;
  }

  #declare(target: string): void {
    const present = new Map<string, Literal>();
    this.#bases.set(target, this.#variables);
    this.#present.set(target, present);
    this.#variables += this.#ordinals.size;
    for (const { name, releases } of this.slice.packages.values()) {
      const literals = this.#literals(target, releases);
      if (literals.length === 1) {
        present.set(name, literals[0]!);
        continue;
      }
      const some = this.variable();
      present.set(name, some);
      for (const literal of literals) this.define(-literal, some);
      this.define(-some, ...literals);
    }
  }

  /**
   * Orders the versions of a package: `O(i)` says that one older than version i is used, on any target.
   * `O(i) → ¬p@v(i)`, `O(i+1) → O(i)`, `p@v(i+1) → O(i)`: at most one version, in three clauses each.
   */
  #oneVersion({ name, releases }: SlicedPackage, ladder: readonly Literal[]): void {
    const cause = this.#cause({ kind: "one version", package: name });
    for (const [index, release] of releases.entries()) {
      const older = ladder[index];
      const fromHere = ladder[index - 1];
      for (const target of this.targets) {
        const used = this.inImage(target, release)!;
        if (older !== undefined) this.#add(cause, -used, -older);
        if (fromHere !== undefined) this.#add(cause, fromHere, -used);
      }
      if (older !== undefined && fromHere !== undefined) this.#add(cause, fromHere, -older);
    }
  }

  #target(target: string): void {
    const { request, packages } = this.slice;
    this.define(this.present(target, this.slice.root)!);
    this.define(...this.#literals(target, packages.get(target)?.releases ?? []));
    for (const { name, range } of request.with) {
      const cause = this.#cause({ kind: "with", target, package: name });
      const found = packages.get(name);
      this.#add(cause, ...this.#literals(target, found === undefined ? [] : within(found, range)));
    }
    const supposed = request.suppose?.target === target ? request.suppose : null;
    if (supposed !== null) {
      const cause = this.#cause({ kind: "supposed", target, package: supposed.name });
      const found = packages.get(supposed.name);
      this.#add(cause, ...this.#literals(target, found ? within(found, supposed.range) : []));
    }
    for (const { name, releases } of packages.values()) {
      for (const release of releases) this.#release(target, release);
      const present = this.present(target, name)!;
      this.#need(present);
      const asked = name === supposed?.name || request.with.some((one) => one.name === name);
      if (asked || name === this.slice.root || name === target) this.#wanted.add(present);
    }
  }

  #release(target: string, release: Release): void {
    const used = this.inImage(target, release)!;
    const { name, kind } = release.manifest;
    const refusals = this.slice.refusals(target, release);
    for (const refusal of refusals) {
      switch (refusal.kind) {
        case "without":
        case "yanked":
        case "pin":
          this.#add(this.#cause({ kind: refusal.kind, package: name }), -used);
          break;
        case "policy": {
          const policy = this.slice.policies.indexOf(refusal.policy);
          this.#add(this.#cause({ kind: "policy", policy, package: name }), -used);
          break;
        }
        case "platform":
          this.#add(this.#cause({ kind: "platform", target, package: name }), -used);
          break;
        case "signature": {
          const { interface: promised } = refusal.provision;
          this.#add(this.#cause({ kind: "signature", package: name, interface: promised }), -used);
          break;
        }
      }
    }
    if (refusals.length > 0) return;
    if (kind === "app" && name !== this.slice.root) this.define(-used);
    if (kind === "target" && name !== target) this.define(-used);
    for (const requirement of this.slice.requirements(release, target)) {
      this.#requirement(target, release, requirement);
    }
    for (const provision of release.manifest.provides) {
      const promised = this.slice.packages.get(provision.interface);
      const cause = this.#cause({
        kind: "provision",
        target,
        package: name,
        interface: provision.interface,
      });
      this.#add(cause, -used, ...this.#literals(target, promised?.releases ?? []));
      this.#needed(target, provision.interface, used);
    }
    this.#conflicts(target, release, used);
    if (kind === "target" && name === target) this.#effects(target, release, used);
  }

  #requirement(target: string, release: Release, requirement: Requirement): void {
    const consumer = release.manifest.name;
    const { slot, of, optional } = requirement;
    const cause = this.#cause({ kind: "requirement", target, consumer, slot });
    const used = this.inImage(target, release)!;
    const taken = optional ? this.taken(target, consumer, slot) : null;
    const unless = taken === null ? [-used] : [-used, -taken];
    if (taken !== null) this.#need(taken).add(used);

    const required = this.slice.packages.get(of);
    if (required === undefined || (required.kind !== "interface" && required.kind !== "library")) {
      this.#add(cause, ...unless);
      return;
    }
    const demand = this.#demand(target, release, requirement);
    this.#add(cause, ...unless, demand.made);
    this.#need(demand.made).add(taken ?? used);
    for (const [provider, misfit] of demand.misfits) {
      const uses = this.#cause({ kind: "uses", target, consumer, slot, provider });
      this.#add(uses, ...unless, -misfit);
    }
  }

  /** What a requirement asks for. Many consumers ask for the same, in the same range and with the same uses: then it is one demand. */
  #demand(target: string, release: Release, requirement: Requirement): Demand {
    const { slot, of, range } = requirement;
    const wantsProvider = this.slice.wantsProvider(release, requirement);
    const owner = wantsProvider && slot !== of ? `${release.manifest.name} ${slot}` : "";
    const uses = (release.uses[slot] ?? []).join(" ");
    const key = `${target}\n${of}\n${range}\n${owner}\n${wantsProvider}\n${uses}`;
    const known = this.#demands.get(key);
    if (known !== undefined) return known;

    const made = this.variable();
    const misfits = new Map<string, Literal>();
    const demand = { made, misfits };
    this.#demands.set(key, demand);
    const versions = this.slice.suitable(release, requirement);
    this.define(-made, ...this.#literals(target, versions));
    this.#needed(target, of, made);
    if (!wantsProvider) return demand;

    const choice = this.#choice(target, of, slot === of ? null : release.manifest.name, slot);
    this.define(-made, choice.filled);
    this.#need(choice.filled).add(made);
    const suitable = [...choice.versions].filter(([version]) => inRange(version, range));
    this.define(-made, ...suitable.map(([, literal]) => literal));
    for (const [name, chosen] of choice.providers) {
      for (const [provider, version] of this.#misfits(
        target,
        release,
        requirement,
        name,
        versions,
      )) {
        const misfit = misfits.get(name) ?? this.variable();
        misfits.set(name, misfit);
        const pair = [this.inImage(target, provider)!, this.inImage(target, version)!];
        this.define(misfit, -chosen, ...pair.map((literal) => -literal));
      }
    }
    return demand;
  }

  /** Pairs of a provider's release and an interface version that do not meet what the consumer uses. */
  #misfits(
    target: string,
    release: Release,
    { slot, of, range }: Requirement,
    name: string,
    versions: readonly Release[],
  ): readonly (readonly [Release, Release])[] {
    const pairs: (readonly [Release, Release])[] = [];
    for (const provider of this.slice.packages.get(name)!.releases) {
      const provision = provider.manifest.provides.find((one) => one.interface === of);
      if (provision === undefined || !inRange(provision.version, range)) continue;
      if (this.slice.refusals(target, provider).length > 0) continue;
      const provided = this.slice.provided(provider, of);
      for (const version of versions) {
        // It matches the version it claims as a whole, or it was refused.
        if (version.manifest.version === provision.version) continue;
        if (this.slice.differences(version, provided).length === 0) continue;
        if (this.slice.differences(version, provided, release.uses[slot]).length === 0) continue;
        pairs.push([provider, version]);
      }
    }
    return pairs;
  }

  #choice(target: string, interfaceName: string, consumer: string | null, slot: string): Choice {
    const key = choiceKey(target, interfaceName, consumer, slot);
    const known = this.#choices.get(key);
    if (known !== undefined) return known;
    const filled = this.variable();
    const providers = new Map<string, Literal>();
    const versions = new Map<string, Literal>();
    /** Version of the interface -> package -> its releases that implement it. */
    const implementations = new Map<string, Map<string, Literal[]>>();
    for (const { name, releases } of this.slice.providers(interfaceName)) {
      if (name === consumer || !this.slice.packages.has(name)) continue;
      const chosen = this.variable();
      providers.set(name, chosen);
      const all: Literal[] = [];
      for (const release of releases) {
        const provision = release.manifest.provides.find((one) => one.interface === interfaceName);
        if (provision === undefined) continue;
        const literal = this.inImage(target, release)!;
        all.push(literal);
        const ofVersion = implementations.get(provision.version) ?? new Map<string, Literal[]>();
        implementations.set(provision.version, ofVersion);
        const ofProvider = ofVersion.get(name);
        if (ofProvider === undefined) ofVersion.set(name, [literal]);
        else ofProvider.push(literal);
      }
      this.define(-chosen, ...all);
      this.#needed(target, name, chosen);
      this.#need(chosen).add(filled);
    }
    this.define(-filled, ...providers.values());
    for (const [version, ofVersion] of implementations) {
      const implemented = this.variable();
      versions.set(version, implemented);
      this.define(-implemented, ...[...ofVersion.keys()].map((name) => providers.get(name)!));
      for (const [name, releases] of ofVersion) {
        this.define(-implemented, -providers.get(name)!, ...releases);
      }
    }
    const cause = this.#cause({
      kind: "one provider",
      target,
      interface: interfaceName,
      consumer,
      slot,
    });
    this.#atMostOne(cause, [...providers.values()]);
    const choice = {
      target,
      interface: interfaceName,
      consumer,
      slot,
      filled,
      providers,
      versions,
    };
    this.#choices.set(key, choice);
    return choice;
  }

  #atMostOne(cause: Cause, literals: readonly Literal[]): void {
    if (literals.length <= pairsUpTo) {
      for (const [index, one] of literals.entries()) {
        for (const other of literals.slice(index + 1)) this.#add(cause, -one, -other);
      }
      return;
    }
    // `before` says that one of the literals so far is true.
    let before: Literal | null = null;
    for (const literal of literals) {
      const here = this.variable();
      this.#add(cause, -literal, here);
      if (before !== null) {
        this.#add(cause, -before, here);
        this.#add(cause, -before, -literal);
      }
      before = here;
    }
  }

  #conflicts(target: string, release: Release, used: Literal): void {
    for (const [other, range] of Object.entries(release.manifest.conflicts)) {
      const found = this.slice.packages.get(other);
      if (found === undefined || other === release.manifest.name) continue;
      const cause = this.#cause({ kind: "conflict", package: release.manifest.name, other });
      for (const against of within(found, range)) {
        this.#add(cause, -used, -this.inImage(target, against)!);
      }
    }
  }

  #effects(target: string, platform: Release, used: Literal): void {
    for (const { name, releases } of this.slice.packages.values()) {
      for (const release of releases) {
        if (release === platform) continue;
        const both = [-used, -this.inImage(target, release)!];
        if (forbiddenEffects(platform, release).length > 0) {
          this.#add(this.#cause({ kind: "effect", target, package: name }), ...both);
        }
        if (isForbiddenLicence(platform, release)) {
          this.#add(this.#cause({ kind: "licence", target, package: name }), ...both);
        }
      }
    }
  }

  #literals(target: string, releases: readonly Release[]): readonly Literal[] {
    return releases.map((release) => this.inImage(target, release)!);
  }

  #needed(target: string, name: string, by: Literal): void {
    const present = this.present(target, name);
    if (present !== null) this.#need(present).add(by);
  }

  #need(what: Literal): Set<Literal> {
    let needs = this.#needs.get(what);
    if (needs === undefined) {
      needs = new Set();
      this.#needs.set(what, needs);
    }
    return needs;
  }
}

/** What requirements have in common. */
interface Demand {
  /** "Something in the image demands it": at a version in the range, with a provider in the range. */
  readonly made: Literal;
  /** Provider -> "it is chosen, at a version that does not have what is used of the interface's version in the image". */
  readonly misfits: ReadonlyMap<string, Literal>;
}
