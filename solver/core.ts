/**
 * QuickXplain (U. Junker, AAAI 2004): a minimal subset of `items` that cannot hold together. Every
 * item of the answer is needed; where there is a choice, items early in the list are taken. Needs
 * about k·log(n/k) calls for a core of k out of n.
 *
 * @param unsatisfiable whether a subset of the items cannot hold; true for all of them
 */
export function minimalCore<T>(
  items: readonly T[],
  unsatisfiable: (subset: readonly T[]) => boolean,
): readonly T[] {
  if (unsatisfiable([])) return [];
  return explain([], false, items, unsatisfiable);
}

/** The part of `items` that a core needs beside `background`. */
function explain<T>(
  background: readonly T[],
  grown: boolean,
  items: readonly T[],
  unsatisfiable: (subset: readonly T[]) => boolean,
): readonly T[] {
  if (grown && unsatisfiable(background)) return [];
  if (items.length <= 1) return items;
  const middle = items.length >> 1;
  const early = items.slice(0, middle);
  const late = items.slice(middle);
  const fromLate = explain([...background, ...early], early.length > 0, late, unsatisfiable);
  const fromEarly = explain(
    [...background, ...fromLate],
    fromLate.length > 0,
    early,
    unsatisfiable,
  );
  return [...fromEarly, ...fromLate];
}
