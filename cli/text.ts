/** Names up to this length share a line with what they are; longer ones have it on the next. */
const longestName = 44;

/** Rows of a name and what it is, as two columns, indented by two. */
export function aligned(
  rows: readonly (readonly [string, string])[],
  mark: (text: string) => string,
): string[] {
  const lengths = rows.map(([name]) => name.length).filter((length) => length <= longestName);
  const width = Math.max(0, ...lengths);
  return rows.flatMap(([name, text]) => {
    if (text === "") return [`  ${mark(name)}`];
    if (name.length > width) return [`  ${mark(name)}`, `  ${" ".repeat(width)}  ${text}`];
    return [`  ${mark(name)}${" ".repeat(width - name.length)}  ${text}`];
  });
}

/** A paragraph in lines of at most `width` characters. */
export function wrapped(paragraph: string, width = 88): string[] {
  const lines: string[] = [];
  for (const word of paragraph.split(/\s+/)) {
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}

/** `12.8 KB`, as people read sizes: powers of 1000, two to three digits. */
export function formatBytes(bytes: number): string {
  const units = ["B", "KB", "MB", "GB"];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${units[unit]}`;
}

/** `1 package`, `3 packages`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** "did you mean `a` or `b`?"; null when there is nothing to offer. */
export function didYouMean(names: readonly string[]): string | null {
  if (names.length === 0) return null;
  const marked = names.map((name) => `\`${name}\``);
  const last = marked.pop()!;
  return `did you mean ${marked.length === 0 ? last : `${marked.join(", ")} or ${last}`}?`;
}
