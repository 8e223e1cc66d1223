import { type Binding, type Plan, packageOf } from "../model/plan.ts";
import { slotWords } from "./plan-tree.ts";
import type { Style } from "./style.ts";

/** What fills one slot on each of several targets. */
export interface ComparedSlot {
  /** The slot, with its consumer in front when it is filled for that one alone: `htdocs`, `proxy.cache`. */
  readonly slot: string;
  /** Interface that it asks for; null when a library is required by its own name. */
  readonly interface: string | null;
  /** Target -> package, null where the slot is not needed. */
  readonly providers: Readonly<Record<string, string | null>>;
  /** Whether it is the same package on all of them. */
  readonly same: boolean;
}

/** The plans of one application side by side. */
export interface Comparison {
  readonly targets: readonly string[];
  /** Sorted by slot. */
  readonly slots: readonly ComparedSlot[];
  /** Package -> version, which all targets share; the application and the targets are left out. Sorted. */
  readonly versions: Readonly<Record<string, string>>;
}

/** Compares plans that were made together: a package has one version in all of them (docs/solver.md). */
export function comparePlans(plans: readonly Plan[]): Comparison {
  const slots = new Map<string, { interface: string | null; providers: Map<string, string> }>();
  for (const plan of plans) {
    for (const binding of plan.bindings) {
      const name = slotName(binding, plan.root);
      const slot = slots.get(name) ?? { interface: binding.interface, providers: new Map() };
      slots.set(name, slot);
      slot.providers.set(plan.target, packageOf(binding.provider));
    }
  }
  const targets = plans.map(({ target }) => target);
  const left = new Set([...targets, ...plans.map(({ root }) => root)]);
  const versions = new Map(
    plans.flatMap((plan) => plan.packages.map(({ name, version }) => [name, version] as const)),
  );
  return {
    targets,
    slots: [...slots].sort(byName).map(([slot, { interface: of, providers }]) => ({
      slot,
      interface: of,
      providers: Object.fromEntries(
        targets.map((target) => [target, providers.get(target) ?? null]),
      ),
      same: providers.size === targets.length && new Set(providers.values()).size === 1,
    })),
    versions: Object.fromEntries([...versions].filter(([name]) => !left.has(name)).sort(byName)),
  };
}

/** A slot that is named as its interface is one for the whole image. */
function slotName({ consumer, slot, interface: of }: Binding, root: string): string {
  return of === null || of === slot || consumer === root ? slot : `${packageOf(consumer)}.${slot}`;
}

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]) =>
  a < b ? -1 : 1;

/** Lines are no longer than this, unless names are. */
const width = 80;

/**
 * The comparison for people: what differs as a table with a column a target, or, when that is wider than a line, as a list
 * of slots; then what is the same, with versions.
 */
export function comparisonLines(
  root: string,
  { targets, slots, versions }: Comparison,
  style: Style,
): string[] {
  const differing = slots.filter(({ same }) => !same);
  const alike = slots.filter(({ same }) => same);
  const versioned = (name: string) => `${name} ${versions[name] ?? ""}`.trimEnd();
  const lines = [`${style.bold(root)} for ${targets.map((name) => style.bold(name)).join(", ")}`];
  if (differing.length > 0) {
    lines.push(
      "",
      "Filled by different packages, or not needed (-)",
      ...table(targets, differing, style),
    );
    const chosen = new Set(differing.flatMap(({ providers }) => Object.values(providers)));
    const named = [...chosen].filter((name) => name !== null).sort();
    lines.push(...wrappedList(`versions: ${named.map(versioned).join(", ")}`));
  }
  if (alike.length > 0) {
    lines.push("", targets.length > 1 ? "Filled by the same package on all" : "Filled by");
    const rows = alike.map(
      (each) => [shown(each), Object.values(each.providers)[0] ?? ""] as const,
    );
    const first = Math.max(...rows.map(([slot]) => slot.length));
    for (const [slot, provider] of rows) {
      lines.push(`  ${slot.padEnd(first)}  ${style.cyan(versioned(provider))}`);
    }
  }
  return lines;
}

/** As plan-tree.ts has it: `tcp`; `htdocs: kv-ro` for a slot of another name. */
function shown({ slot, interface: of }: ComparedSlot): string {
  return slotWords({ slot, interface: of });
}

function table(
  targets: readonly string[],
  slots: readonly ComparedSlot[],
  style: Style,
): readonly string[] {
  const rows = slots.map((each) => [
    shown(each),
    ...targets.map((target) => each.providers[target] ?? "-"),
  ]);
  const all = [["slot", ...targets], ...rows];
  const widths = all[0]!.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  const line = (row: readonly string[], mark: (text: string, column: number) => string) =>
    `  ${row.map((cell, at) => mark(cell, at) + " ".repeat(widths[at]! - cell.length)).join("  ")}`.trimEnd();
  if (2 * widths.length + widths.reduce((sum, each) => sum + each, 0) > width) {
    return slots.flatMap((each) => list(targets, each, style));
  }
  return [
    line(all[0]!, (cell) => style.dim(cell)),
    ...rows.map((row) =>
      line(row, (cell, at) => (at === 0 || cell === "-" ? cell : style.cyan(cell))),
    ),
  ];
}

/** One slot, a line for each target. */
function list(targets: readonly string[], slot: ComparedSlot, style: Style): readonly string[] {
  const first = Math.max(...targets.map((target) => target.length));
  return [
    `  ${shown(slot)}`,
    ...targets.map((target) => {
      const provider = slot.providers[target] ?? null;
      return `    ${style.dim(target.padEnd(first))}  ${provider === null ? "-" : style.cyan(provider)}`;
    }),
  ];
}

/** Broken at spaces between a package's version and the next package. */
function wrappedList(text: string): string[] {
  const lines: string[] = [];
  for (const part of text.split(/(?<=,) /)) {
    const line = lines.at(-1);
    if (line === undefined || line.length + part.length + 1 > width) lines.push(`  ${part}`);
    else lines[lines.length - 1] = `${line} ${part}`;
  }
  return lines;
}
