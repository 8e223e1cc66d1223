import type { Manifest } from "../../model/manifest.ts";
import { ok } from "../../model/problem.ts";
import { nearest } from "../../solver/suggest.ts";
import { openCatalogHere } from "../catalog.ts";
import type { Command } from "../command.ts";
import { exit } from "../exit.ts";
import { aligned, didYouMean } from "../text.ts";

export const command: Command = {
  name: "search",
  summary: "find packages",
  description: [
    "Finds packages that have all the words in their name, their description or the interfaces that they provide. Ends with status 1 when there is none.",
  ],
  operands: [
    { name: "WORD", doc: "part of a word; all packages without one", optional: true, repeat: true },
  ],
  options: [],
  examples: [
    { line: "unipkg search tcp", doc: "the interface tcp, and what provides it" },
    { line: "unipkg search http server", doc: "packages that match both words" },
    { line: "unipkg search --quiet", doc: "the names of all packages" },
  ],
  json: true,
  asksRegistries: true,
  async run(words, context) {
    const { report } = context;
    const opened = await openCatalogHere(context);
    if (!opened.ok) return opened;
    const catalog = opened.value;
    const wanted = words.operands.map((word) => word.toLowerCase());
    const found = catalog
      .names()
      .flatMap((name) => catalog.releases(name).slice(0, 1))
      .map((release) => release.manifest)
      .map((manifest) => ({ manifest, rank: rank(manifest, wanted) }))
      .filter(({ rank }) => rank !== null)
      .sort((a, b) => a.rank! - b.rank!)
      .map(({ manifest }) => manifest);
    report.document({
      packages: found.map(({ name, version, kind, description, provides }) => ({
        name,
        version,
        kind,
        description,
        provides: provides.map((provision) => provision.interface),
      })),
    });
    if (report.quiet) {
      for (const { name } of found) report.line(name);
    } else {
      const rows = found.map((manifest): [string, string] => [
        `${manifest.name} ${manifest.version}`,
        summaryOf(manifest),
      ]);
      for (const line of aligned(rows, report.style.cyan)) report.line(line);
    }
    if (found.length > 0) return ok(exit.ok);
    const close = nearest(words.operands[0] ?? "", catalog.names());
    report.note(
      `no package matches "${words.operands.join(" ")}"; ${didYouMean(close) ?? "`unipkg search` lists all"}`,
    );
    return ok(exit.failed);
  },
};

/** How well a package matches, the least the best; null when a word is nowhere in it. */
function rank(manifest: Manifest, words: readonly string[]): number | null {
  const name = manifest.name.toLowerCase();
  const provided = manifest.provides.map((provision) => provision.interface);
  const text = [manifest.description, manifest.kind].join(" ").toLowerCase();
  let worst = 0;
  for (const word of words) {
    const places = [
      name === word,
      provided.includes(word),
      name.includes(word),
      provided.some((each) => each.includes(word)),
      text.includes(word),
    ];
    const place = places.indexOf(true);
    if (place === -1) return null;
    worst = Math.max(worst, place);
  }
  return worst;
}

function summaryOf({ kind, description, provides }: Manifest): string {
  const what =
    provides.length === 0
      ? kind
      : `${kind} for ${provides.map((provision) => provision.interface).join(", ")}`;
  return `${description} (${what})`;
}
