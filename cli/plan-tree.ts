import { type Binding, type Plan, packageOf } from "../model/plan.ts";
import type { Style } from "./style.ts";

/**
 * A plan as a tree: each slot, the provider and version that fills it, and why it was chosen.
 *
 *     my-site 0.1.0 for unix
 *     ├─ console → unix-console 1.0.0    only provider
 *     └─ htdocs: kv-ro → assets 1.0.0    preferred by app
 *
 * What an instance requires is shown where it is met first; later it says `(above)`.
 */
export function planTree(plan: Plan, style: Style): string[] {
  const versions = new Map(plan.packages.map(({ name, version }) => [name, version]));
  const byConsumer = new Map<string, Binding[]>();
  for (const binding of plan.bindings) {
    byConsumer.set(binding.consumer, [...(byConsumer.get(binding.consumer) ?? []), binding]);
  }
  const shown = new Set<string>();
  const rows: Row[] = [];

  const walk = (instance: string, indent: string) => {
    shown.add(instance);
    const bindings = byConsumer.get(instance) ?? [];
    for (const [index, binding] of bindings.entries()) {
      const isLast = index === bindings.length - 1;
      const { provider } = binding;
      const isRepeated = shown.has(provider) && (byConsumer.get(provider) ?? []).length > 0;
      rows.push({
        lead: `${indent}${isLast ? "└─ " : "├─ "}`,
        // A library that is required by name is its own slot.
        slot: binding.slot === provider ? "" : slotWords(binding),
        provider: `${packageOf(provider)} ${versions.get(packageOf(provider)) ?? ""}`,
        reason: `${binding.reason}${isRepeated ? " (above)" : ""}`,
      });
      if (!shown.has(provider)) walk(provider, `${indent}${isLast ? "   " : "│  "}`);
    }
  };
  walk(plan.root, "");
  const appRows = rows.length;
  walk(plan.target, "");

  const lines = format(rows, style);
  const title = (name: string, rest: string) =>
    `${style.bold(name)} ${versions.get(name) ?? ""}${rest}`.trim();
  const target = lines.slice(appRows);
  return [
    title(plan.root, ` for ${style.bold(plan.target)}`),
    ...lines.slice(0, appRows),
    title(plan.target, " (target)"),
    ...target,
  ];
}

interface Row {
  readonly lead: string;
  readonly slot: string;
  readonly provider: string;
  readonly reason: string;
}

/** `tcp`; `htdocs: kv-ro` for a slot of another name. */
export function slotWords({ slot, interface: of }: Pick<Binding, "slot" | "interface">): string {
  return of === null || of === slot ? slot : `${slot}: ${of}`;
}

function format(rows: readonly Row[], style: Style): string[] {
  const plain = ({ lead, slot, provider }: Row) =>
    `${lead}${slot === "" ? "" : `${slot} → `}${provider}`;
  const width = Math.max(0, ...rows.map((row) => plain(row).length));
  return rows.map((row) => {
    const gap = " ".repeat(width - plain(row).length + 2);
    const slot = row.slot === "" ? "" : `${row.slot} ${style.dim("→")} `;
    return `${style.dim(row.lead)}${slot}${style.cyan(row.provider)}${gap}${style.dim(row.reason)}`;
  });
}
