import { accepts } from "../../../model/accepts.ts";
import { formatPlace } from "../../../model/place.ts";
import type { Problem } from "../../../model/problem.ts";
import {
  type ExportedItem,
  formatShape,
  formatType,
  type Member,
} from "../../../model/signature.ts";
import { type Extraction, extract } from "../../../registry/extract.ts";
import { parseManifest } from "../../../registry/manifest.ts";
import type { PackageSource } from "../../../registry/package-folder.ts";

/**
 * Packages of a scenario file, in its order: `=== NAME UNIPKG-BLOCK` begins a package, `--- PATH` one of
 * its files; what stands before the first package is a comment.
 */
export function parsePackages(text: string): ReadonlyMap<string, PackageSource> {
  const packages = new Map<string, PackageSource>();
  for (const part of text.split(/^=== /m).slice(1)) {
    const [head = "", ...sections] = part.split(/^--- /m);
    const [, name = "", block = ""] = /^(\S+)\s+(.*)$/s.exec(head) ?? [];
    const json = `{ "name": "${name}", "version": "1.0.0", "unipkg": ${block} }`;
    const manifest = parseManifest(json, `${name}/package.json`);
    if (!manifest.ok) throw new Error(formatProblems(manifest.problems));
    const files = new Map(
      sections.map((section) => {
        const end = section.indexOf("\n");
        return [section.slice(0, end).trim(), section.slice(end + 1)];
      }),
    );
    packages.set(name, { manifest: manifest.value, read: (file) => files.get(file) ?? null });
  }
  return packages;
}

/** Everything that can be known of a scenario's packages, as text. */
export function describeScenario(text: string): string {
  const packages = parsePackages(text);
  const extracted = new Map<string, Extraction>();
  const lines: string[] = [];
  for (const [name, source] of packages) {
    const result = extract(source, (required) => packages.get(required) ?? null);
    lines.push(`=== ${name}`);
    if (!result.ok) lines.push(formatProblems(result.problems));
    else {
      extracted.set(name, result.value);
      lines.push(...describe(result.value));
    }
  }
  for (const [consumer, source] of packages) {
    for (const { slot, of } of source.manifest.requires) {
      const required = extracted.get(of)?.signature;
      const uses = extracted.get(consumer)?.uses[slot];
      if (required == null || uses === undefined) continue;
      for (const [provider, { provided }] of extracted) {
        const given = provided[of];
        if (given === undefined) continue;
        lines.push(`=== ${consumer}: "${slot}" by ${provider}`);
        lines.push(...differences(accepts(required, given, uses)));
        const all = differences(accepts(required, given));
        if (all.join() !== differences(accepts(required, given, uses)).join()) {
          lines.push("--- all of the interface", ...all);
        }
      }
    }
  }
  return `${lines.join("\n")}\n`;
}

function differences(found: ReturnType<typeof accepts>): string[] {
  if (found.length === 0) return ["fits"];
  return found.flatMap(({ item, message, required, provided }) => [
    `${item}: ${message}`,
    `    interface ${required === null ? "-" : `${required.text}  (${formatPlace(required.place)})`}`,
    `    provider  ${provided === null ? "-" : `${provided.text}  (${formatPlace(provided.place)})`}`,
  ]);
}

function describe({ signature, provided, uses, effects }: Extraction): string[] {
  const lines: string[] = [];
  const modules = Object.entries({ ...(signature && { "": signature }), ...provided });
  for (const [name, { exports }] of modules) {
    lines.push(name === "" ? "module" : `provides ${name}`);
    for (const [item, exported] of Object.entries(exports))
      lines.push(...formatItem(item, exported));
  }
  for (const [slot, used] of Object.entries(uses)) lines.push(`uses ${slot}: ${used.join(" ")}`);
  for (const { effect, function: name, place } of effects) {
    lines.push(`effect ${effect} in ${name} at ${formatPlace(place)}`);
  }
  return lines;
}

function formatItem(name: string, item: ExportedItem): string[] {
  const at = `  (${formatPlace(item.place)})`;
  switch (item.kind) {
    case "function":
      return [`  function ${name}${formatShape(item)}${at}`];
    case "constant":
      return [`  constant ${name}: ${formatType(item.type)}${at}`];
    case "class":
    case "interface": {
      const construct =
        item.kind === "class" && item.construct !== null
          ? [`    constructor${formatShape(item.construct)}`]
          : [];
      const members = Object.entries(item.members).map((entry) => `    ${formatMember(...entry)}`);
      return [`  ${item.kind} ${name}${at}`, ...construct, ...members];
    }
  }
}

function formatMember(name: string, member: Member): string {
  const at = `  (${formatPlace(member.place)})`;
  return member.kind === "method"
    ? `${name}${formatShape(member)}${at}`
    : `${member.writable ? "" : "readonly "}${name}: ${formatType(member.type)}${at}`;
}

function formatProblems(problems: readonly Problem[]): string {
  return problems
    .map(({ code, message, place, hint }) => {
      const spot = place === undefined ? "" : `${formatPlace(place)}: `;
      return `${code} ${spot}${message}${hint === undefined ? "" : ` | ${hint}`}`;
    })
    .join("\n");
}
