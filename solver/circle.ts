import type { Release } from "../model/release.ts";
import type { Encoding } from "./encode.ts";
import type { Clause, Literal } from "./sat.ts";

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

interface Edge extends CircleStep {
  /** What makes this edge: all of these are true. */
  readonly because: readonly Literal[];
}

/**
 * The circles of a model, one a target at most, each with the clause that forbids it. Modules are
 * initialised providers first, and a slot of its own is an instance for each consumer, so a circle has no
 * end in either case. Circles are rare: they are forbidden when met, not all in advance.
 */
export function findCircles(
  encoding: Encoding,
  holds: (literal: Literal) => boolean,
): readonly { readonly circle: Circle; readonly clause: Clause }[] {
  const found = [];
  for (const target of encoding.targets) {
    const edges = edgesOf(encoding, target, holds);
    const round = findRound(edges);
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

function edgesOf(
  encoding: Encoding,
  target: string,
  holds: (literal: Literal) => boolean,
): ReadonlyMap<string, readonly Edge[]> {
  const edges = new Map<string, Edge[]>();
  for (const { name, releases } of encoding.slice.packages.values()) {
    const release = releases.find((one) => holds(encoding.inImage(target, one)!));
    if (release !== undefined) edges.set(name, edgesFrom(encoding, target, release, holds));
  }
  return edges;
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
      if (!holds(taken)) continue;
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
