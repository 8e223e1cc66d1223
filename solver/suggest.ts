/**
 * Names that a person may have meant: those within a third of the typed name's length by edit distance
 * (a letter more, less, other, or two swapped), or that begin with it or end it; nearest first, three at most.
 */
export function nearest(typed: string, names: readonly string[]): readonly string[] {
  const limit = Math.max(1, Math.floor(typed.length / 3));
  const near: { name: string; distance: number }[] = [];
  for (const name of names) {
    if (name === typed) continue;
    const distance = editDistance(typed, name);
    const contained = typed.length >= 3 && (name.startsWith(typed) || name.endsWith(typed));
    if (distance <= limit) near.push({ name, distance });
    else if (contained) near.push({ name, distance: limit + distance });
  }
  near.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
  return near.slice(0, 3).map((entry) => entry.name);
}

/** Edit distance with swaps of neighbours (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let best = Math.min(
        previous[column]! + 1,
        current[column - 1]! + 1,
        previous[column - 1]! + (same ? 0 : 1),
      );
      const swapped =
        row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) best = Math.min(best, before[column - 2]! + 1);
      current.push(best);
    }
    before = previous;
    previous = current;
  }
  return previous[b.length]!;
}
