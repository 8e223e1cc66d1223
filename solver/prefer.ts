import { packageOf } from "../model/plan.ts";
import type { Release } from "../model/release.ts";
import type { Choice } from "./choice.ts";
import type { Slice } from "./slice.ts";

/** Packages that the user named: with `--prefer`, with `--with`, as a requirement of the app by name. */
export function askedFor({ whole }: Slice, target: string): readonly string[] {
  const { prefer, root, with: asked } = whole.request;
  const required = whole
    .requirements(root, target)
    .map((one) => one.of)
    .filter((name) => whole.find(name)?.kind === "library");
  return [...new Set([...prefer, ...asked.map((one) => one.name), ...required])];
}

/** The app's preferences for an interface, then those of the target. */
export function preferences(
  slice: Slice,
  interfaceName: string,
  platform: Release,
): readonly string[] {
  const ofApp = slice.request.root.manifest.prefers[interfaceName] ?? [];
  const ofTarget = platform.manifest.target?.prefers[interfaceName] ?? [];
  return [...new Set([...ofApp, ...ofTarget])];
}

/** The providers of a choice that can be used on its target as far as each alone is concerned, by name. */
export function usable({ whole }: Slice, choice: Choice): readonly string[] {
  const { target, consumer, interface: of } = choice;
  const isUsable = (one: Release) =>
    one.manifest.provides.some((two) => two.interface === of) &&
    whole.refusals(target, one).length === 0;
  return whole
    .providers(of)
    .filter(({ name, releases }) => name !== consumer && releases.some(isUsable))
    .map((one) => one.name)
    .filter((name) => whole.packages.has(name));
}

/** Package that the lock has for this choice, if it binds. */
export function lockedProvider(slice: Slice, choice: Choice): string | null {
  const plan = slice.request.locked.find((one) => one.target === choice.target);
  const binding = plan?.bindings.find(
    (one) =>
      one.interface === choice.interface &&
      one.slot === choice.slot &&
      (choice.consumer === null || packageOf(one.consumer) === choice.consumer),
  );
  // An upgrade of one package is one of its version, not of who fills the slots.
  if (binding === undefined || slice.request.upgrade === "all") return null;
  return packageOf(binding.provider);
}
