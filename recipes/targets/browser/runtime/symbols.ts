import type { Symbols } from "../../../../linker/node-host/trap.ts";

/** What the build left beside the image for traps: lines, and the names of functions. Loaded when there was one. */
export async function loadSymbols(imageMap: URL): Promise<Symbols> {
  const answer = await fetch(imageMap);
  if (!answer.ok) return {};
  const sourceMap = await answer.text();
  const { x_unipkg_functions: names } = JSON.parse(sourceMap) as {
    x_unipkg_functions?: Record<number, string>;
  };
  return { sourceMap, names };
}
