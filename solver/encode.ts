import type { Release } from "../model/release.ts";
import { type Choice, Choices } from "./choice.ts";
import type { Cause, CausedClause } from "./clause.ts";
import { Demands } from "./demand.ts";
import { Formula } from "./formula.ts";
import { Images, type MetPackage, type VersionWish } from "./images.ts";
import { type EncodedRelease, type Lead, ReleaseClauses } from "./release-clauses.ts";
import type { Literal } from "./sat.ts";
import { type Slice, within } from "./slice.ts";
import { type Doubt, Support } from "./support.ts";
import type { Variables } from "./variables.ts";

/**
 * A slice as clauses: the only place where packages become variables. clause.ts has the formula of each
 * kind of clause.
 *
 * A release's clauses say what holds if it is in an image: without them there are more models, never fewer. So a
 * search need not have them before a model has the release: most packages in reach are never looked at. Who searches calls
 * `encode` with what each model has, until nothing is to be added.
 */
export class Encoding {
  readonly slice: Slice;
  readonly targets: readonly string[];
  readonly #formula = new Formula();
  readonly #support: Support;
  readonly #images: Images;
  readonly #choices: Choices;
  readonly #demands: Demands;
  readonly #whole: boolean;
  /** What is in an image whoever else is. */
  readonly roots: MetPackage[] = [];
  readonly #releases: ReleaseClauses;
  /** Releases that get their clauses before anybody asks. */
  readonly #agenda: EncodedRelease[] = [];
  #sortedChoices: readonly Choice[] = [];
  /** How many releases are looked at next for one that needs what is doubtful. */
  #batch = 8;

  /** @param extent "whole": all that is in reach, for explanations; "begun": the app and the targets, the rest on demand */
  constructor(slice: Slice, extent: "whole" | "begun" = "whole") {
    this.slice = slice;
    this.targets = [...slice.request.targets].sort();
    this.#whole = extent === "whole";
    this.#support = new Support(this.#formula);
    this.#images = new Images(slice, this.#formula);
    const meet = (target: string, name: string) => this.meet(target, name);
    const size = (target: string, name: string) => slice.closures(target).size(name);
    this.#choices = new Choices(slice, this.#formula, this.#images, this.#support, meet, size);
    this.#demands = new Demands(slice, this.#formula, this.#images, this.#support, this.#choices);
    this.#releases = new ReleaseClauses(
      slice,
      this.#formula,
      this.#support,
      this.#images,
      this.#demands,
      meet,
    );
    if (this.#whole) {
      for (const name of slice.packages.keys()) {
        for (const target of this.targets) this.meet(target, name);
      }
    }
    for (const target of this.targets) this.#target(target);
    this.settle();
  }

  /** Adds a clause that the slice does not have. */
  suppose(cause: Cause, literals: readonly Literal[]): void {
    this.#formula.add(cause, literals);
  }

  get clauses(): readonly CausedClause[] {
    return this.#formula.clauses;
  }

  /** Clauses that speak of a target alone, or of several for null. It grows. */
  clausesOf(target: string | null): readonly CausedClause[] {
    return this.#formula.clausesOf.get(target) ?? [];
  }

  get variables(): Variables {
    return this.#formula.variables;
  }

  /** @param target that it speaks of alone */
  variable(target: string): Literal {
    return this.#formula.variable(target);
  }

  /** Adds a clause that gives a variable its meaning. */
  define(...literals: Literal[]): void {
    this.#formula.define(...literals);
  }

  /** Packages that have variables. It grows. */
  get met(): readonly MetPackage[] {
    return this.#images.met;
  }

  /** Packages that have variables on a target. */
  metOn(target: string): readonly MetPackage[] {
    return this.#images.metOn.get(target) ?? [];
  }

  /** "Nothing older than this is used", for each version of each package that has variables. It grows. */
  get newest(): readonly VersionWish[] {
    return this.#images.newest;
  }

  /** "Something older than this release is used, on some target", for each but the last; none when no target has variables for it. */
  older(name: string): readonly Literal[] {
    return this.#images.older(name);
  }

  /** "The release is in the image"; null when it has no variable. */
  inImage(target: string, release: Release): Literal | null {
    return this.#images.used(target, release);
  }

  /** "Some version of the package is in the image"; null when it has no variable. */
  present(target: string, name: string): Literal | null {
    return this.#images.find(target, name)?.present ?? null;
  }

  /** All choices so far, sorted by target, then consumer and slot. */
  choices(): readonly Choice[] {
    if (this.#sortedChoices.length !== this.#choices.made.size) {
      this.#sortedChoices = [...this.#choices.made]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, one]) => one);
    }
    return this.#sortedChoices;
  }

  /** The choices so far on a target. */
  choicesOn(target: string): readonly Choice[] {
    return this.#choices.on.get(target) ?? [];
  }

  /** All choices in the order in which they were met. It grows. */
  choicesMet(): ReadonlyMap<string, Choice> {
    return this.#choices.made;
  }

  /** Who fills the slot; null when no consumer of this kind is in reach. */
  choiceOf(target: string, consumer: string, slot: string, interfaceName: string): Choice | null {
    return this.#choices.find(
      target,
      interfaceName,
      slot === interfaceName ? null : consumer,
      slot,
    );
  }

  /** The choice as `choiceOf` has it, made if it was not met yet; null when the interface is out of reach. */
  meetChoice(target: string, consumer: string | null, slot: string, of: string): Choice | null {
    if (this.slice.packages.get(of)?.kind !== "interface") return null;
    return this.#choices.make(target, of, consumer, slot);
  }

  /** Gives a package in reach its variables on a target; null when it is out of reach. */
  meet(target: string, name: string): MetPackage | null {
    const known = this.#images.find(target, name);
    const found = this.slice.packages.get(name);
    if (known !== null || found === undefined) return known;
    const met = this.#images.meet(target, found);
    if (this.#isWanted(target, name)) this.roots.push(met);
    else {
      const provided = found.releases.flatMap((one) => one.manifest.provides);
      const names = new Set([name, ...provided.map((one) => one.interface)]);
      this.#support.declare(met.present, { target, names: [...names] });
    }
    if (this.#whole) return met;
    this.#releases.platforms(met);
    for (const release of found.releases) {
      // What its manifest rules out is ruled out at once: a search would come across it.
      if (this.slice.isBarred(target, release)) this.#agenda.push({ target, release });
    }
    return met;
  }

  /** Adds the clauses of a release that has variables. */
  encode(target: string, release: Release): void {
    this.#releases.add(target, release);
  }

  /** Releases that have their clauses, in the order in which they got them. It grows. */
  get encoded(): readonly EncodedRelease[] {
    return this.#releases.encoded;
  }

  /** "The release is in the image" -> what it then leads to; without those that have no clauses yet. It grows. */
  get leads(): ReadonlyMap<Literal, readonly Lead[]> {
    return this.#releases.leads;
  }

  /** `target\nconsumer\nslot` -> "the package's optional requirement is met". It grows. */
  get optional(): ReadonlyMap<string, Literal> {
    return this.#releases.optional;
  }

  /** "The package's optional requirement is met"; null when no version with it was looked at. */
  taken(target: string, consumer: string, slot: string): Literal | null {
    return this.#releases.taken(target, consumer, slot);
  }

  /** The package on the target; null when it has no variables. */
  metPackage(target: string, name: string): MetPackage | null {
    return this.#images.find(target, name);
  }

  /** What holds in a model only because something that has no clauses yet might need it. */
  doubtful(holds: (literal: Literal) => boolean): readonly Doubt[] {
    return this.#support.doubtful(holds);
  }

  /** "Something that has no clauses yet needs it", for each thing that something may need. */
  unmet(): Iterable<Literal> {
    return this.#support.unmet();
  }

  /** Adds the clauses of some more that may need what is doubtful; of twice as many as the last time. */
  dispel({ unmet, place }: Doubt): void {
    const { target, names } = place;
    const candidates = names
      .flatMap((name) => this.slice.needers(name))
      .filter((one) => !this.#releases.has(target, one) && !this.slice.isBarred(target, one));
    const some = [...new Set(candidates)].slice(0, this.#batch);
    this.#batch *= 2;
    if (some.length === 0) this.define(-unmet);
    for (const release of some) {
      this.meet(target, release.manifest.name);
      this.encode(target, release);
    }
  }

  /** Adds the clauses of what has become known: before they are read. */
  settle(): void {
    for (let one = this.#agenda.pop(); one !== undefined; one = this.#agenda.pop()) {
      this.encode(one.target, one.release);
    }
    this.#support.settle(this.#whole);
  }

  #isWanted(target: string, name: string): boolean {
    const { request, root } = this.slice;
    if (name === root || name === target) return true;
    if (request.suppose?.target === target && request.suppose.name === name) return true;
    return request.with.some((one) => one.name === name);
  }

  #target(target: string): void {
    const { request, packages, root } = this.slice;
    this.meet(target, root);
    const platforms = packages.get(target)?.releases ?? [];
    this.define(this.present(target, root)!);
    this.define(...this.#literals(target, platforms));
    for (const { name, range } of request.with) {
      const cause = this.#formula.cause({ kind: "with", target, package: name });
      const found = packages.get(name);
      this.#add(cause, ...this.#literals(target, found === undefined ? [] : within(found, range)));
    }
    const supposed = request.suppose?.target === target ? request.suppose : null;
    if (supposed !== null) {
      const cause = this.#formula.cause({ kind: "supposed", target, package: supposed.name });
      const found = packages.get(supposed.name);
      this.#add(cause, ...this.#literals(target, found ? within(found, supposed.range) : []));
    }
    const first = [request.root, ...platforms];
    const all = [...packages.values()].flatMap(({ releases }) => releases);
    for (const release of this.#whole ? all : first) this.encode(target, release);
  }

  #add(cause: Cause, ...literals: Literal[]): void {
    this.#formula.add(this.#formula.cause(cause), literals);
  }

  #literals(target: string, releases: readonly Release[]): readonly Literal[] {
    return releases.map((release) => {
      this.meet(target, release.manifest.name);
      return this.inImage(target, release)!;
    });
  }
}
