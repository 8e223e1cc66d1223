import { type Point, placeInLayers } from "./layers.ts";
import { escapeText, formatSize } from "./markup.ts";
import type { LinkedModule, LinkedModules, ModuleUse } from "./modules.ts";

const box = { width: 148, height: 46 };
const layout = { width: box.width, gap: 22, rowHeight: 96, passing: 8 };
const margin = 12;

/**
 * The modules of an image as a picture, SVG: who uses whom, by which slots. Its looks are the page's style sheet, by the classes
 * `module`, `use` and the kinds of packages; what is said of a module when it is chosen is the element `about-NAME`.
 */
export function modulePicture(
  { modules, uses }: LinkedModules,
  sizes: ReadonlyMap<string, number>,
): string {
  const names = modules.map(({ name }) => name);
  const bottom = names.at(-1)!;
  // The target calls the event loop: a line back up would say less than it hides.
  const known = uses.filter(({ consumer }) => consumer !== bottom);
  const edges = known.map(({ consumer, provider }) => ({ from: consumer, to: provider }));
  const { boxes, ways, width, rows } = placeInLayers(names, edges, bottom, layout);
  const size = {
    width: Math.ceil(width) + 2 * margin,
    height: rows * layout.rowHeight - (layout.rowHeight - box.height) + 2 * margin + 12,
  };
  const top = margin + 12 - (layout.rowHeight - box.height) / 2;
  const lines = known.map((use, index) => {
    const way = [boxes.get(use.consumer)!, ...ways[index]!, boxes.get(use.provider)!];
    return line(use, way);
  });
  const slots = slotsFilled(uses);
  return [
    `<svg class="picture" viewBox="0 0 ${size.width} ${size.height}" width="${size.width}" height="${size.height}" role="group" aria-label="Modules of the image">`,
    `<g transform="translate(${margin} ${top})">`,
    ...lines,
    ...modules.map((module) =>
      moduleBox(module, boxes.get(module.name)!, sizes.get(module.name), slots.get(module.name)),
    ),
    "</g>",
    "</svg>",
  ].join("\n");
}

/** The slots that each module fills, sorted. */
function slotsFilled(uses: readonly ModuleUse[]): ReadonlyMap<string, readonly string[]> {
  const filled = new Map<string, Set<string>>();
  for (const { provider, slots } of uses) {
    const set = filled.get(provider) ?? new Set();
    for (const slot of slots) if (slot !== provider) set.add(slot);
    filled.set(provider, set);
  }
  return new Map([...filled].map(([name, set]) => [name, [...set].sort()]));
}

function line({ consumer, provider }: ModuleUse, way: readonly Point[]): string {
  const points = way.map(({ x, y }, index) => {
    if (index === 0) return { x, y: y + box.height / 2 };
    return index === way.length - 1 ? { x, y: y - box.height / 2 } : { x, y };
  });
  let path = `M${points[0]!.x} ${points[0]!.y}`;
  for (let index = 1; index < points.length; index++) {
    const from = points[index - 1]!;
    const to = points[index]!;
    const middle = (from.y + to.y) / 2;
    path += `C${from.x} ${middle} ${to.x} ${middle} ${to.x} ${to.y}`;
  }
  return `<path class="use" data-from="${escapeText(consumer)}" data-to="${escapeText(provider)}" d="${path}"/>`;
}

function moduleBox(
  { name, version, kind, host }: LinkedModule,
  { x, y }: Point,
  bytes: number | undefined,
  slots: readonly string[] = [],
): string {
  const size = bytes === undefined ? "" : formatSize(bytes);
  const fills = kind === "target" ? host : slots;
  const about = [name, version, size, fills.length > 0 ? `fills ${fills.join(", ")}` : ""];
  const label = escapeText(about.filter((part) => part !== "").join(", "));
  const left = x - box.width / 2;
  const upper = y - box.height / 2;
  return [
    `<g class="module ${kind}" tabindex="-1" role="button" aria-pressed="false" data-module="${escapeText(name)}" aria-label="${label}">`,
    ...(fills.length === 0
      ? []
      : [`<text class="slots" x="${x}" y="${upper - 6}">${escapeText(shorten(fills))}</text>`]),
    `<rect x="${left}" y="${upper}" width="${box.width}" height="${box.height}" rx="8"/>`,
    `<text class="name" x="${x}" y="${y - 2}">${escapeText(cut(name, 18))}</text>`,
    `<text class="facts" x="${x}" y="${y + 14}">${escapeText([version, size].filter((part) => part !== "").join(" · "))}</text>`,
    "</g>",
  ].join("");
}

/** As many slots as a box is wide. */
function shorten(slots: readonly string[]): string {
  const all = slots.join(" ");
  if (all.length <= 26) return all;
  let kept = slots.length - 1;
  while (kept > 1 && slots.slice(0, kept).join(" ").length > 22) kept--;
  return `${slots.slice(0, kept).join(" ")} +${slots.length - kept}`;
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
