// The bridge between the tabs of an origin and a switch: what crosses.
import fc from "fast-check";
import { expect, test } from "vitest";
import { Bridge } from "../../recipes/targets/browser/runtime/network/bridge.ts";

function frame(to: number, from: number): Uint8Array {
  const bytes = new Uint8Array(60);
  bytes.set(to === 255 ? [255, 255, 255, 255, 255, 255] : [2, 0, 0, 0, 0, to]);
  bytes.set([2, 0, 0, 0, 0, from], 6);
  return bytes;
}

test("what is between two tabs stays there, the rest crosses, nothing comes back", () => {
  const bridge = new Bridge();
  expect(bridge.leavesCable(frame(255, 1), 0)).toBe(true);
  expect(bridge.leavesCable(frame(1, 2), 0)).toBe(false);
  expect(bridge.leavesCable(frame(9, 1), 0)).toBe(true);
  expect(bridge.entersCable(frame(1, 9), 0)).toBe(true);
  expect(bridge.entersCable(frame(255, 9), 0)).toBe(true);
  expect(bridge.entersCable(frame(255, 1), 0)).toBe(false);
});

test("a tab that is silent for five minutes is forgotten", () => {
  const bridge = new Bridge();
  bridge.leavesCable(frame(255, 1), 0);
  expect(bridge.leavesCable(frame(1, 2), 299_999)).toBe(false);
  expect(bridge.leavesCable(frame(1, 2), 300_000)).toBe(true);
});

test("of two bridges in a row, as when one tab takes over from another, no frame crosses twice", () => {
  const hop = fc.record({ to: fc.constantFrom(1, 2, 9, 255), from: fc.constantFrom(1, 2) });
  fc.assert(
    fc.property(fc.array(hop, { minLength: 1, maxLength: 20 }), (hops) => {
      const bridge = new Bridge();
      for (const { to, from } of hops) {
        const sent = frame(to, from);
        // A switch that floods to the old bridge's port would send it back to the new one.
        if (bridge.leavesCable(sent, 0)) expect(bridge.entersCable(sent, 0)).toBe(false);
      }
    }),
    { seed: 1 },
  );
});
