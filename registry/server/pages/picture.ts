import { type Address, packageAddress } from "./address.ts";
import { type Html, html } from "./html.ts";

/** One box of the picture. */
export interface Node {
  readonly name: string;
  /** Interfaces are drawn with a broken line. */
  readonly isInterface: boolean;
}

/**
 * A package between those that use it, on the left, and those that it is made with, on the right. For the eye: the same
 * names are in the lists below it, and the picture is left out of what a screen reader says.
 */
export function picture(
  left: readonly Node[],
  middle: Node,
  right: readonly Node[],
  root: Address,
): Html {
  const [users, parts] = [shortened(left), shortened(right)];
  const rows = Math.max(users.length, parts.length, 1);
  const height = rows * rowHeight;
  const place = (column: number, nodes: readonly Box[], at: number) => ({
    x: column * (boxWidth + gap),
    y: (height - nodes.length * rowHeight) / 2 + at * rowHeight,
  });
  const center = place(1, [{ node: middle, label: middle.name }], 0);
  const column = (index: number, nodes: readonly Box[]) =>
    nodes.map((box, at) => {
      const { x, y } = place(index, nodes, at);
      const [from, to] = index === 0 ? [{ x, y }, center] : [center, { x, y }];
      return html`${curve(from, to)}${boxOf(box, x, y, root)}`;
    });
  const width = 3 * boxWidth + 2 * gap;
  return html`<svg class="picture" viewBox="-1 -1 ${width + 2} ${height + 2}" aria-hidden="true" focusable="false">
${column(0, users)}${column(2, parts)}
${boxOf({ node: middle, label: middle.name, isMiddle: true }, center.x, center.y, root)}
</svg>`;
}

interface Box {
  /** Null for a box that stands for several. */
  readonly node: Node | null;
  readonly label: string;
  readonly isMiddle?: true;
}

const boxWidth = 190;
const boxHeight = 26;
const rowHeight = 34;
const gap = 90;
/** More would be a thicket; the lists have them all. */
const most = 12;

function shortened(nodes: readonly Node[]): readonly Box[] {
  const boxes = nodes.map((node) => ({ node, label: node.name }));
  if (boxes.length <= most) return boxes;
  return [
    ...boxes.slice(0, most - 1),
    { node: null, label: `and ${boxes.length - most + 1} more` },
  ];
}

function boxOf({ node, label, isMiddle }: Box, x: number, y: number, root: Address): Html {
  const shown = label.length > 24 ? `${label.slice(0, 23)}…` : label;
  const kind = `${node?.isInterface === true ? "interface" : "module"}${isMiddle ? " middle" : ""}`;
  const text = html`<text x="${x + boxWidth / 2}" y="${y + rowHeight / 2}">${shown}</text>`;
  if (node === null) return text;
  const shape = html`<rect class="${kind}" x="${x}" y="${y + (rowHeight - boxHeight) / 2}" width="${boxWidth}" height="${boxHeight}" rx="5"/>`;
  return isMiddle
    ? html`<g>${shape}${text}</g>`
    : html`<a href="${packageAddress(root, node.name)}" tabindex="-1"><title>${node.name}</title>${shape}${text}</a>`;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function curve(from: Point, to: Point): Html {
  const [x1, y1] = [from.x + boxWidth, from.y + rowHeight / 2];
  const [x2, y2] = [to.x, to.y + rowHeight / 2];
  const bend = (x2 - x1) / 2;
  return html`<path d="M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}"/>`;
}
