import type { Requirement } from "../model/manifest.ts";
import type { Release } from "../model/release.ts";
import { inRange } from "./range.ts";
import type { Slice } from "./slice.ts";

/** The only release of a package that can still be in a target's image; null when none can. */
export type Candidate = (name: string) => Release | null;

/**
 * How many packages an image has at least, when each can be at one version only: sets of packages of which every image has one (LM-cut:
 * M. Helmert, C. Domshlak, ICAPS 2009). No package is in two of the sets, so that an image has as many packages as there are sets, or
 * more.
 *
 * Only what packages require and provide counts here, not what they conflict with: there may be no image with so few. That the sets are
 * right takes that no package needs itself (rule 8). Interfaces may, for their types: they are taken together with all that they require.
 */
export class Landmarks {
  /** Each of the sets, by name. */
  readonly sets: readonly (readonly string[])[];
  readonly #graph: Graph;

  constructor(slice: Slice, target: string, roots: readonly string[], candidate: Candidate) {
    this.#graph = new Graph(slice, target, candidate);
    const all = roots.map((name) => this.#graph.packageNode(name));
    const sets: (readonly string[])[] = this.#graph.force(all).map((name) => [name]);
    this.#graph.evaluate();
    for (;;) {
      const set = this.#graph.cut(all);
      if (set.length === 0) break;
      sets.push(set);
    }
    this.sets = sets;
  }

  /** Whether an image that has this package has more than so many, as far as that is easily told. */
  isBeyond(name: string, limit: number): boolean {
    return this.#graph.isDearer(name, limit - this.sets.length);
  }
}

/** Something that has to be in the image: a package, which needs all that it requires, or one of several providers. */
interface Node {
  readonly kind: "package" | "provider";
  /** Of a package. */
  readonly name: string;
  /** What a package needs, all of it; who can provide, one of them. */
  readonly needs: Node[];
  readonly neededBy: Node[];
  /** What the package itself adds: 1 until it is in a set, then 0. */
  cost: 0 | 1;
  /** The most that has to be added along one chain of needs, of several providers the least. */
  value: number;
  /** Of a package: the need with the highest value. */
  dearest: Node | null;
  /** The last cut that came to it. */
  cut: number;
  /** Whether it waits to be looked at again. */
  isOpen: boolean;
}

class Graph {
  readonly #slice: Slice;
  readonly #target: string;
  readonly #candidate: Candidate;
  readonly #packages = new Map<string, Node>();
  readonly #providers = new Map<string, Node>();
  readonly #nodes: Node[] = [];
  readonly #open: (readonly [Node, Release])[] = [];
  readonly #interfaces = new Map<string, readonly Node[]>();
  /** How many cuts were made. */
  #cuts = 0;
  /** Nodes as they were before they were changed; null when the changes are to stay. */
  #undo: (readonly [Node, Node["cost"], number, Node | null])[] | null = null;

  constructor(slice: Slice, target: string, candidate: Candidate) {
    this.#slice = slice;
    this.#target = target;
    this.#candidate = candidate;
  }

  packageNode(name: string): Node {
    const node = this.#package(name);
    for (let next = this.#open.pop(); next !== undefined; next = this.#open.pop()) {
      this.#expand(next[0], next[1]);
    }
    return node;
  }

  /** Whether a package adds more than so many to what the cuts so far have. */
  isDearer(name: string, limit: number): boolean {
    const node = this.#packages.get(name);
    if (node === undefined) return false;
    if (node.value > limit) return true;
    this.#undo = [];
    let added = 0;
    while (added <= limit && this.cut([node]).length > 0) added += 1;
    for (const [changed, cost, value, need] of this.#undo.reverse()) {
      changed.cost = cost;
      changed.value = value;
      changed.dearest = need;
    }
    this.#undo = null;
    return added > limit;
  }

  /** Packages that the roots need whoever provides: they cost nothing from now on. */
  force(roots: readonly Node[]): readonly string[] {
    const forced = new Set(roots);
    const names: string[] = [];
    for (const node of forced) {
      if (node.kind === "package") {
        node.cost = 0;
        names.push(node.name);
      }
      if (node.kind === "provider" && node.needs.length > 1) continue;
      for (const one of node.needs) forced.add(one);
    }
    return names;
  }

  /** Gives each node its value. */
  evaluate(): void {
    const waiting = new Map<Node, number>();
    /** Nodes by value, the least first. */
    const buckets: Node[][] = [[], []];
    const reach = (node: Node, value: number) => {
      node.value = value;
      while (buckets.length <= value) buckets.push([]);
      buckets[value]!.push(node);
    };
    for (const node of this.#nodes) {
      waiting.set(node, node.needs.length);
      if (node.kind === "package" && node.needs.length === 0) reach(node, node.cost);
    }
    for (let value = 0; value < buckets.length; value++) {
      for (let index = 0; index < buckets[value]!.length; index++) {
        for (const parent of buckets[value]![index]!.neededBy) {
          if (parent.value !== Number.POSITIVE_INFINITY) continue;
          const left = waiting.get(parent)! - 1;
          waiting.set(parent, left);
          if (parent.kind === "provider") reach(parent, value);
          else if (left === 0) reach(parent, value + parent.cost);
        }
      }
    }
    for (const node of this.#nodes) node.dearest = dearest(node);
  }

  /**
   * Packages of which one has to be added for the roots, none of which was in such a set before; empty when nothing has to. Follows of each
   * package the dearest need, and of a slot all providers, to the first packages that cost something.
   */
  cut(roots: readonly Node[]): readonly string[] {
    const start = roots.reduce((a, b) => (b.value > a.value ? b : a));
    if (start.value === 0 || start.value === Number.POSITIVE_INFINITY) return [];
    this.#cuts += 1;
    const cut = this.#cuts;
    const inside = [start];
    start.cut = cut;
    const enter = (node: Node) => {
      if (node.cut === cut) return;
      node.cut = cut;
      inside.push(node);
    };
    const costly: Node[] = [];
    for (const node of inside) {
      if (node.kind === "provider") {
        for (const one of node.needs) if (one.value < Number.POSITIVE_INFINITY) enter(one);
      } else if (node.cost === 1) costly.push(node);
      else if (node.dearest !== null) enter(node.dearest);
    }
    // Who needs something inside comes after another that leads there from outside.
    const set = costly.filter(({ dearest: need }) => need === null || need.cut !== cut);
    for (const node of set) {
      this.#note(node);
      node.cost = 0;
    }
    this.#lower(set);
    return set.map((one) => one.name).sort();
  }

  /** Values anew, of all that depends on nodes which cost less now. */
  #lower(changed: readonly Node[]): void {
    const open = [...changed];
    for (const node of open) node.isOpen = true;
    for (const node of open) {
      node.isOpen = false;
      const need = dearest(node);
      const value = node.kind === "package" ? node.cost + (need?.value ?? 0) : least(node);
      if (value >= node.value && need === node.dearest) continue;
      this.#note(node);
      node.dearest = need;
      if (value >= node.value) continue;
      node.value = value;
      for (const parent of node.neededBy) {
        if (parent.isOpen) continue;
        parent.isOpen = true;
        open.push(parent);
      }
    }
  }

  #note(node: Node): void {
    this.#undo?.push([node, node.cost, node.value, node.dearest]);
  }

  #node(kind: Node["kind"], name: string): Node {
    const node: Node = {
      kind,
      name,
      needs: [],
      neededBy: [],
      cost: kind === "package" ? 1 : 0,
      value: Number.POSITIVE_INFINITY,
      dearest: null,
      cut: 0,
      isOpen: false,
    };
    this.#nodes.push(node);
    return node;
  }

  #need(node: Node, needed: Node): void {
    node.needs.push(needed);
    needed.neededBy.push(node);
  }

  #package(name: string): Node {
    const known = this.#packages.get(name);
    if (known !== undefined) return known;
    const node = this.#node("package", name);
    this.#packages.set(name, node);
    const release = this.#candidate(name);
    // One that cannot be there waits for a need that never comes.
    if (release === null) this.#need(node, this.#node("provider", ""));
    else if (release.manifest.kind !== "interface") this.#open.push([node, release]);
    return node;
  }

  #expand(node: Node, release: Release): void {
    const needs = new Set<Node>();
    for (const { interface: of } of release.manifest.provides) {
      for (const one of this.#interface(of)) needs.add(one);
    }
    for (const requirement of this.#slice.requirements(release, this.#target)) {
      const required =
        this.#slice.find(requirement.of)?.kind === "interface"
          ? [...this.#interface(requirement.of), this.#provider(release.manifest.name, requirement)]
          : [this.#package(requirement.of)];
      // What is optional is not needed, but may be there.
      if (!requirement.optional) for (const one of required) needs.add(one);
    }
    for (const one of needs) this.#need(node, one);
  }

  /** An interface, and all that it requires for its types. */
  #interface(name: string): readonly Node[] {
    const known = this.#interfaces.get(name);
    if (known !== undefined) return known;
    const names = new Set([name]);
    for (const one of names) {
      const release = this.#candidate(one);
      if (release === null) continue;
      for (const requirement of this.#slice.requirements(release, this.#target)) {
        if (!requirement.optional) names.add(requirement.of);
      }
    }
    const nodes = [...names].map((one) => this.#package(one));
    this.#interfaces.set(name, nodes);
    return nodes;
  }

  #provider(consumer: string, { slot, of, range }: Requirement): Node {
    const except = slot === of ? "" : consumer;
    const key = `${of}\n${range}\n${except}`;
    const known = this.#providers.get(key);
    if (known !== undefined) return known;
    const node = this.#node("provider", of);
    this.#providers.set(key, node);
    for (const { name } of this.#slice.providers(of)) {
      if (name === except) continue;
      const provision = this.#candidate(name)?.manifest.provides.find(
        (one) => one.interface === of,
      );
      if (provision !== undefined && inRange(provision.version, range)) {
        this.#need(node, this.#package(name));
      }
    }
    return node;
  }
}

/** Of several needs as high as each other the first. */
function dearest({ kind, needs }: Node): Node | null {
  if (kind === "provider") return null;
  let found: Node | null = null;
  for (const one of needs) if (found === null || one.value > found.value) found = one;
  return found;
}

/** The least value of what a node needs. */
function least({ needs }: Node): number {
  let value = Number.POSITIVE_INFINITY;
  for (const one of needs) if (one.value < value) value = one.value;
  return value;
}
