// Regular expressions and parsers that strangers' texts go through: twice the text takes about twice the time, and never
// so much more that somebody could be kept waiting (ReDoS). Times are of the processor, not of the clock.
import { expect, test } from "vitest";
import { licenceAllowed } from "../../model/licence.ts";
import { plainText } from "../../model/plain-text.ts";
import { readConfig } from "../../registry/client/config.ts";
import { readPackument } from "../../registry/client/packument.ts";
import { parseManifest } from "../../registry/manifest.ts";
import { isPackageName, similarityKey } from "../../registry/protocol/package-name.ts";
import { faultOfRange } from "../../registry/protocol/version-range.ts";
import { parseToken } from "../../registry/server/token.ts";
import { parseNote, parseVerifier } from "../../registry/transparency/note.ts";
import { parseTilePath } from "../../registry/transparency/tile.ts";
import { readProvenance } from "../../registry/trust/provenance.ts";
import { readTrust } from "../../registry/trust/trust-policy.ts";

/** Texts of a length that make backtracking expressions slow. */
const texts: readonly ((length: number) => string)[] = [
  (length) => "a".repeat(length),
  (length) => "-".repeat(length),
  (length) => `@${"a/".repeat(length / 2)}`,
  (length) => `${"a.".repeat(length / 2)}!`,
  (length) => ` ${"\t ".repeat(length / 2)}x`,
  (length) => "1.".repeat(length / 2),
  (length) => "|| ".repeat(length / 3),
  (length) => "((".repeat(length / 2),
  (length) => "x001/".repeat(length / 5),
  (length) => "\n".repeat(length),
  (length) => "AND (".repeat(length / 5),
  (length) => `"${"\\\\".repeat(length / 2)}`,
  (length) => "require log except ".repeat(length / 19),
  (length) => "— a A\n".repeat(length / 6),
];

const readers: Readonly<Record<string, (text: string) => unknown>> = {
  isPackageName,
  similarityKey,
  faultOfRange,
  parseToken,
  parseVerifier,
  parseTilePath,
  plainText,
  parseNote: (text) => parseNote(text),
  licence: (text) => licenceAllowed(text, ["MIT"]),
  manifest: (text) => parseManifest(JSON.stringify({ name: text, version: text }), "package.json"),
  provenance: (text) => readProvenance(JSON.stringify({ mediaType: text })),
  packument: (text) =>
    readPackument(
      JSON.stringify({ name: text, versions: { [text]: { unipkg: {} } } }),
      text,
      "https://a.example/",
      () => {},
    ),
  configuration: (text) => readConfig({ path: "config", text }, { path: "project", text }, {}),
  policy: (text) => readTrust([{ name: "policy", folder: "/", text }], (_, path) => path),
};

/** Milliseconds of the processor, the least of some attempts. */
function timeOf(read: (text: string) => unknown, text: string): number {
  let least = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 3; attempt++) {
    const begin = process.cpuUsage();
    try {
      read(text);
    } catch {
      // Refused, which is as good as read.
    }
    const { user, system } = process.cpuUsage(begin);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}

test("readers take time in proportion to what they read", { timeout: 300_000 }, () => {
  const slow: string[] = [];
  for (const [name, read] of Object.entries(readers)) {
    for (const [at, make] of texts.entries()) {
      // The square of 80,000 is seconds, on any machine; what takes more than the square would not end at all.
      const [some, more] = [timeOf(read, make(20_000)), timeOf(read, make(80_000))];
      if (more > 1000 && more > 10 * some)
        slow.push(`${name} of text ${at}: ${some} ms, ${more} ms`);
    }
  }
  expect(slow).toEqual([]);
});
