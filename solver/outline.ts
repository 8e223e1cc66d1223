/** A sentence of a derivation, and what it has to do with the others. */
export interface Step {
  readonly sentence: string;
  /** The package that it speaks of, which another step brings in; null when it rests on no other. */
  readonly subject: string | null;
  /** The image that it speaks of, null when it holds for all. */
  readonly target: string | null;
  /** Packages that may be in the image because of it. */
  readonly brings: ReadonlySet<string>;
  /** Whether it is about several of the others, and told after all of them. */
  readonly concludes: boolean;
}

/**
 * Steps in the order that they are told in: each behind the one that it rests on, short ends before long chains. Where
 * a chain ends and another goes on from a step that was told before, that step has a number: `web requires a (1)`,
 * and later `back at (1), a 1.0.0 requires c`.
 *
 * @param steps those that rest on none first
 * @param said a sentence that the reader knows already
 */
export function outline(steps: readonly Step[], said: string | null): readonly string[] {
  const children = adopt(steps);
  const told: Told[] = [];
  const tell = (step: Step, parent: Step | null) => {
    const before = told.at(-1);
    if (step.sentence !== said) {
      const follows = before?.step === parent || before?.parent === parent;
      told.push({ step, parent, from: follows || parent?.sentence === said ? null : parent });
    }
    for (const child of shortFirst(children, step)) tell(child, step);
  };
  for (const step of shortFirst(children, null)) tell(step, null);
  const from = new Set(told.map((one) => one.from));
  const numbered = told.filter(({ step }) => from.has(step)).map(({ step }) => step);
  const numberOf = (step: Step) => `(${numbered.indexOf(step) + 1})`;
  return [
    ...new Set(
      told.map(({ step, from: origin }) => {
        const start = origin === null ? "" : `back at ${numberOf(origin)}, `;
        const end = numbered.includes(step) ? ` ${numberOf(step)}` : "";
        return `${start}${step.sentence}${end}`;
      }),
    ),
  ];
}

interface Told {
  readonly step: Step;
  readonly parent: Step | null;
  /** The step told earlier that it goes on from; null when that is clear from the sentence before. */
  readonly from: Step | null;
}

/** A step -> those that rest on it, on the shortest way; null -> those that rest on none. */
function adopt(steps: readonly Step[]): ReadonlyMap<Step | null, readonly Step[]> {
  const children = new Map<Step | null, Step[]>([[null, []]]);
  const left = new Set(steps);
  const adoptBy = (parent: Step | null, found: readonly Step[]) => {
    children.set(parent, [...(children.get(parent) ?? []), ...found]);
    for (const one of found) left.delete(one);
    // Breadth first: what is found is asked only after all that was found before.
    for (const one of found) waiting.push(one);
  };
  const waiting: Step[] = [];
  const starts = steps.filter(
    (step) => step.subject === null || !steps.some((one) => brings(one, step)),
  );
  adoptBy(null, starts);
  for (;;) {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const parent = next;
      adoptBy(
        parent,
        [...left].filter((step) => brings(parent, step)),
      );
    }
    // A circle that nothing leads to begins anywhere.
    const [first] = left;
    if (first === undefined) return children;
    adoptBy(null, [first]);
  }
}

function brings(one: Step, other: Step): boolean {
  if (other.subject === null || !one.brings.has(other.subject)) return false;
  return one.target === null || other.target === null || one.target === other.target;
}

function shortFirst(
  children: ReadonlyMap<Step | null, readonly Step[]>,
  parent: Step | null,
): readonly Step[] {
  const rank = (step: Step) => (step.concludes ? 2 : children.get(step)!.length > 0 ? 1 : 0);
  return [...(children.get(parent) ?? [])].sort((a, b) => rank(a) - rank(b));
}
