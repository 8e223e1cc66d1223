import type { Release } from "../model/release.ts";
import type { Encoding } from "./encode.ts";
import type { Clause, Literal } from "./sat.ts";
import { list } from "./wording.ts";

/** Packages that would wait for each other at start: each step's provider is the consumer of the next, the last one's of the first. */
export interface Circle {
  readonly target: string;
  readonly steps: readonly CircleStep[];
}

export interface CircleStep {
  readonly consumer: string;
  readonly slot: string;
  readonly provider: string;
}

/** `a takes x from b and b takes y from a: a circle in which none can start first`. */
export function circleSentence({ steps }: Circle): string {
  const [first] = steps;
  if (steps.length === 1) {
    return `${first!.consumer} would have to provide ${first!.slot} to itself`;
  }
  const told = steps.map(
    ({ consumer, slot, provider }) => `${consumer} takes ${slot} from ${provider}`,
  );
  return `${list(told)}: a circle in which none can start first`;
}

/** A circle of a model, with the clause that forbids it. */
export interface FoundCircle {
  readonly circle: Circle;
  readonly clause: Clause;
}

interface Edge extends CircleStep {
  /** What makes this edge: all of these are true. */
  readonly because: readonly Literal[];
}

/**
 * Finds circles in models. Modules are initialised providers first, and a slot of its own is an instance for
 * each consumer, so a circle has no end in either case. Circles are rare: they are forbidden when met, not all in
 * advance, and looked for only where the catalog has any: among packages that can come to need themselves.
 */
export class Circles {
  readonly #encoding: Encoding;
  /** Package -> which group of packages that can all come to need each other it belongs to. */
  readonly #groups: ReadonlyMap<string, number>;

  constructor(encoding: Encoding) {
    this.#encoding = encoding;
    this.#groups = encoding.slice.circular;
  }

  /** The circles of a model, one a target at most. */
  find(
    holds: (literal: Literal) => boolean,
    targets: readonly string[] = this.#encoding.targets,
  ): readonly FoundCircle[] {
    const found: FoundCircle[] = [];
    if (this.#groups.size === 0) return found;
    for (const target of targets) {
      const round = findRound(this.#edges(target, holds));
      if (round === null) continue;
      const literals = new Set(round.flatMap((edge) => edge.because));
      found.push({
        circle: {
          target,
          steps: round.map(({ consumer, slot, provider }) => ({ consumer, slot, provider })),
        },
        clause: [...literals].map((literal) => -literal),
      });
    }
    return found;
  }

  /** The edges of a model that do not leave their group. */
  #edges(
    target: string,
    holds: (literal: Literal) => boolean,
  ): ReadonlyMap<string, readonly Edge[]> {
    const encoding = this.#encoding;
    const edges = new Map<string, readonly Edge[]>();
    for (const [name, group] of this.#groups) {
      const present = encoding.present(target, name);
      if (present === null || !holds(present)) continue;
      const { releases } = encoding.slice.packages.get(name)!;
      // More than one where an explanation tries to do without "one version".
      const all = releases
        .filter((one) => holds(encoding.inImage(target, one)!))
        .flatMap((release) => edgesFrom(encoding, target, release, holds));
      edges.set(
        name,
        all.filter((edge) => this.#groups.get(edge.provider) === group),
      );
    }
    return edges;
  }
}

function edgesFrom(
  encoding: Encoding,
  target: string,
  release: Release,
  holds: (literal: Literal) => boolean,
): Edge[] {
  const { slice } = encoding;
  const consumer = release.manifest.name;
  const used = encoding.inImage(target, release)!;
  if (slice.refusals(target, release).length > 0) return [];
  const edges: Edge[] = [];
  for (const requirement of slice.requirements(release, target)) {
    const { slot, of, optional } = requirement;
    const because = [used];
    if (optional) {
      const taken = encoding.taken(target, consumer, slot);
      if (taken === null || !holds(taken)) continue;
      because.push(taken);
    }
    if (!slice.wantsProvider(release, requirement)) {
      edges.push({ consumer, slot, provider: of, because });
      continue;
    }
    for (const [provider, chosen] of encoding.choiceOf(target, consumer, slot, of)?.providers ??
      []) {
      if (holds(chosen)) edges.push({ consumer, slot, provider, because: [...because, chosen] });
    }
  }
  return edges;
}

/** Depth-first; the edges of the first circle met. */
function findRound(edges: ReadonlyMap<string, readonly Edge[]>): readonly Edge[] | null {
  const done = new Set<string>();
  const path: Edge[] = [];
  const visit = (name: string, open: readonly string[]): readonly Edge[] | null => {
    if (done.has(name)) return null;
    for (const edge of edges.get(name) ?? []) {
      path.push(edge);
      const start = [...open, name].indexOf(edge.provider);
      if (start !== -1) return path.slice(start);
      const round = visit(edge.provider, [...open, name]);
      if (round !== null) return round;
      path.pop();
    }
    done.add(name);
    return null;
  };
  for (const name of edges.keys()) {
    const round = visit(name, []);
    if (round !== null) return round;
  }
  return null;
}
