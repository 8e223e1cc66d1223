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
export function rankOf(searched: Searched, words: readonly string[]): number | null {
  let worst = 0;
  for (const word of words) {
    const rank = rankOfWord(searched, word);
    if (rank === null) return null;
    worst = Math.max(worst, rank);
  }
  return worst;
}

function rankOfWord({ name, provides, text }: Searched, word: string): number | null {
  if (name.includes(word)) {
    if (name === word || name.endsWith(`/${word}`)) return 0;
    return provides.includes(word) ? 1 : 2;
  }
  if (provides.includes(word)) return 1;
  return text.includes(word) ? 3 : null;
}
