/** What is searched of a package; in lower case. */
export interface Searched {
  readonly name: string;
  /** Interfaces. */
  readonly provides: readonly string[];
  /** Description, keywords, kind. */
  readonly text: string;
}

/**
 * How well a package matches a search, the least the best: its name, an interface that it provides, a part of its name,
 * a part of its text. Null when a word is nowhere in it.
 */
export function rankOf(
  { name, provides, text }: Searched,
  words: readonly string[],
): number | null {
  let worst = 0;
  for (const word of words) {
    const places = [
      name === word || name.endsWith(`/${word}`),
      provides.includes(word),
      name.includes(word),
      text.includes(word),
    ];
    const place = places.indexOf(true);
    if (place === -1) return null;
    worst = Math.max(worst, place);
  }
  return worst;
}
