import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type LayerEdge, placeInLayers } from "../../linker/browser/layers.ts";

const options = { width: 100, gap: 20, rowHeight: 50, passing: 10 };

/** Graphs without cycles: edges lead from a lower number to a higher one, and all to the last. */
const graphs = fc
  .tuple(fc.integer({ min: 2, max: 14 }), fc.array(fc.tuple(fc.nat(13), fc.nat(13))))
  .map(([count, pairs]) => {
    const names = Array.from({ length: count }, (_, index) => `m${index}`);
    const edges = new Map<string, LayerEdge>();
    for (const [a, b] of pairs) {
      const [from, to] = [Math.min(a, b) % count, Math.max(a, b) % count];
      if (from < to) edges.set(`${from} ${to}`, { from: names[from]!, to: names[to]! });
    }
    return { names, edges: [...edges.values()], bottom: names.at(-1)! };
  });

test("boxes of a row keep their distance, edges lead down, and the bottom is alone in its row", () => {
  fc.assert(
    fc.property(graphs, ({ names, edges, bottom }) => {
      const { boxes, ways, width, rows } = placeInLayers(names, edges, bottom, options);
      expect([...boxes.keys()]).toEqual(names);
      for (const [name, { x, y }] of boxes) {
        expect(x - options.width / 2).toBeGreaterThanOrEqual(-1);
        expect(x + options.width / 2).toBeLessThanOrEqual(width + 1);
        expect(y).toBeLessThan(rows * options.rowHeight);
        for (const [other, place] of boxes) {
          if (other === name || place.y !== y) continue;
          // Places are whole numbers: each may be off by half of one.
          expect(Math.abs(place.x - x)).toBeGreaterThanOrEqual(options.width + options.gap - 1);
          expect([name, other]).not.toContain(bottom);
        }
      }
      for (const [index, { from, to }] of edges.entries()) {
        const way = [boxes.get(from)!, ...ways[index]!, boxes.get(to)!];
        for (let at = 1; at < way.length; at++) {
          expect(way[at]!.y - way[at - 1]!.y).toBe(options.rowHeight);
        }
      }
    }),
    { seed: 6, numRuns: 300 },
  );
});

test("the same graph has the same places", () => {
  fc.assert(
    fc.property(graphs, ({ names, edges, bottom }) => {
      const place = () => placeInLayers(names, edges, bottom, options);
      expect(place()).toEqual(place());
    }),
    { seed: 7, numRuns: 50 },
  );
});

test("a chain is a column", () => {
  const edges = ["ab", "bc"].map(([from, to]) => ({ from: from!, to: to! }));
  const { boxes, width } = placeInLayers(["a", "b", "c"], edges, "c", options);
  expect([...boxes.values()]).toEqual([25, 75, 125].map((y) => ({ x: 50, y })));
  expect(width).toBe(100);
});
