/**
 * Places for the boxes of a directed graph without cycles, row by row, after K. Sugiyama and others ("Methods for visual understanding of
 * hierarchical system structures", 1981): a row is one longer than the longest way from the top; an edge that passes
 * rows has a place of its own in each; and rows are ordered by the middle of what they are joined to, which has few crossings.
 * The same graph has the same places.
 */

export interface LayerEdge {
  readonly from: string;
  readonly to: string;
}

export interface LayerOptions {
  /** Width of a box, distance of boxes and of rows, and the width that a passing edge needs. */
  readonly width: number;
  readonly gap: number;
  readonly rowHeight: number;
  readonly passing: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Layers {
  /** Middle of each box. */
  readonly boxes: ReadonlyMap<string, Point>;
  /** For each edge, in the order given, the points that it passes between its boxes. */
  readonly ways: readonly (readonly Point[])[];
  readonly width: number;
  readonly rows: number;
}

/** A box, or an edge's place in a row. */
interface Cell {
  readonly name: string | null;
  readonly row: number;
  readonly above: Cell[];
  readonly below: Cell[];
  place: number;
  x: number;
}

const sweeps = 12;

/**
 * Places a graph.
 *
 * @param names each box once
 * @param bottom the box that has the last row for itself
 */
export function placeInLayers(
  names: readonly string[],
  edges: readonly LayerEdge[],
  bottom: string,
  options: LayerOptions,
): Layers {
  const rowOf = rowsOf(names, edges, bottom);
  const rows = Array.from({ length: Math.max(...rowOf.values()) + 1 }, (): Cell[] => []);
  const add = (name: string | null, row: number): Cell => {
    const line = rows[row]!;
    const cell: Cell = { name, row, above: [], below: [], place: line.length, x: 0 };
    line.push(cell);
    return cell;
  };
  const cells = new Map(names.map((name) => [name, add(name, rowOf.get(name)!)]));
  const ways = edges.map(({ from, to }) => {
    const start = cells.get(from)!;
    const end = cells.get(to)!;
    const way: Cell[] = [];
    let last = start;
    for (let row = start.row + 1; row < end.row; row++) {
      const cell = add(null, row);
      join(last, cell);
      way.push(cell);
      last = cell;
    }
    join(last, end);
    return way;
  });
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const down = sweep % 2 === 0;
    for (const row of down ? rows : rows.toReversed()) order(row, down ? "above" : "below");
  }
  const width = spread(rows, options);
  const point = ({ x, row }: Cell): Point => ({ x, y: (row + 0.5) * options.rowHeight });
  return {
    boxes: new Map([...cells].map(([name, cell]) => [name, point(cell)])),
    ways: ways.map((way) => way.map(point)),
    width,
    rows: rows.length,
  };
}

function join(above: Cell, below: Cell): void {
  above.below.push(below);
  below.above.push(above);
}

/** Rows by the longest way from the first box. A graph with a cycle is placed as far as the names go. */
function rowsOf(
  names: readonly string[],
  edges: readonly LayerEdge[],
  bottom: string,
): Map<string, number> {
  const rows = new Map(names.map((name) => [name, 0]));
  for (let round = 0; round < names.length; round++) {
    let isStill = true;
    for (const { from, to } of edges) {
      const least = rows.get(from)! + 1;
      if (rows.get(to)! >= least || least >= names.length) continue;
      rows.set(to, least);
      isStill = false;
    }
    if (isStill) break;
  }
  const others = names.filter((name) => name !== bottom).map((name) => rows.get(name)!);
  if (rows.has(bottom)) rows.set(bottom, Math.max(-1, ...others) + 1);
  // What nothing leads to is above what it leads to; the first box is the top.
  for (const name of names.slice(1)) {
    if (name === bottom || edges.some(({ to }) => to === name)) continue;
    const below = edges.flatMap(({ from, to }) => (from === name ? [rows.get(to)!] : []));
    rows.set(name, Math.max(0, Math.min(rows.get(bottom)!, ...below) - 1));
  }
  return rows;
}

function order(row: Cell[], side: "above" | "below"): void {
  const middle = (cell: Cell) => {
    const joined = cell[side];
    if (joined.length === 0) return cell.place;
    return joined.reduce((sum, { place }) => sum + place, 0) / joined.length;
  };
  const wanted = new Map(row.map((cell) => [cell, middle(cell)]));
  row.sort((a, b) => wanted.get(a)! - wanted.get(b)! || a.place - b.place);
  for (const [place, cell] of row.entries()) cell.place = place;
}

/** Gives each cell its x, near the middle of what it is joined to; answers the width of all. */
function spread(rows: readonly Cell[][], { width, gap, passing }: LayerOptions): number {
  const half = ({ name }: Cell) => (name === null ? passing : width) / 2;
  for (const row of rows) {
    let at = 0;
    for (const cell of row) {
      cell.x = at + half(cell);
      at += 2 * half(cell) + gap;
    }
    const shift = (at - gap) / 2;
    for (const cell of row) cell.x -= shift;
  }
  for (let sweep = 0; sweep < sweeps; sweep++) {
    for (const row of sweep % 2 === 0 ? rows : rows.toReversed()) settle(row, half, gap);
  }
  const all = rows.flat();
  const left = Math.min(...all.map((cell) => cell.x - half(cell)));
  for (const cell of all) cell.x = Math.round(cell.x - left);
  return Math.max(...all.map((cell) => cell.x + half(cell)));
}

/** Moves a row's cells to the middle of their neighbours as far as those beside them allow. */
function settle(row: readonly Cell[], half: (cell: Cell) => number, gap: number): void {
  const wanted = row.map((cell) => {
    const joined = [...cell.above, ...cell.below];
    return joined.reduce((sum, { x }) => sum + x, cell.x) / (joined.length + 1);
  });
  const from = (cells: readonly Cell[], sign: 1 | -1, targets: readonly number[]) => {
    const places: number[] = [];
    for (const [index, cell] of cells.entries()) {
      const before = cells[index - 1];
      const bound =
        before === undefined
          ? -Infinity
          : sign * places[index - 1]! + half(before) + gap + half(cell);
      places.push(sign * Math.max(sign * targets[index]!, bound));
    }
    return places;
  };
  const fromLeft = from(row, 1, wanted);
  const fromRight = from(row.toReversed(), -1, wanted.toReversed()).toReversed();
  // The middle of two ways to make room keeps all distances and takes no side.
  for (const [index, cell] of row.entries()) cell.x = (fromLeft[index]! + fromRight[index]!) / 2;
}
