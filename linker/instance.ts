import { type Plan, packageOf } from "../model/plan.ts";

/**
 * A package as it stands in the program: once for all its shared slots, once more for every slot that
 * has an instance of its own. Its sources are compiled as often as it has instances.
 */
export interface Instance {
  /** As in the plan: `http1`, `assets#web.htdocs`. */
  readonly name: string;
  readonly package: string;
  /** Where its sources are in the program's tree: `http1`, `assets@web.htdocs`. */
  readonly folder: string;
  /** Slot -> the module that fills it. */
  readonly slots: ReadonlyMap<
    string,
    { readonly instance: string; readonly interface: string | null }
  >;
  /** Slots that this instance was made for: `web.htdocs`; null for the shared one. */
  readonly madeFor: { readonly consumer: string; readonly slot: string } | null;
}

/** All instances of a plan, the target's own left out, sorted by name. */
export function instancesOf(plan: Plan): readonly Instance[] {
  const names = new Set([plan.root]);
  for (const binding of plan.bindings) names.add(binding.provider).add(binding.consumer);
  names.delete(plan.target);
  return [...names].sort().map((name) => {
    const bindings = plan.bindings.filter((binding) => binding.consumer === name);
    const owner = plan.bindings.find((binding) => binding.provider === name);
    return {
      name,
      package: packageOf(name),
      folder: folderOf(name),
      slots: new Map(
        bindings.map(({ slot, provider, interface: of }) => [
          slot,
          { instance: provider, interface: of },
        ]),
      ),
      madeFor:
        name.includes("#") && owner !== undefined
          ? { consumer: owner.consumer, slot: owner.slot }
          : null,
    };
  });
}

/** AssemblyScript marks members with `#`, so that a folder cannot have one. */
function folderOf(instance: string): string {
  return instance.replaceAll("#", "@");
}
