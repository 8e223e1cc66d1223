import { expect, test } from "vitest";
import { answerInTime, parseSeconds } from "../../cli/deadline.ts";

/** A worker from its source. */
function worker(source: string): URL {
  const text = `import { parentPort, workerData } from "node:worker_threads";\n${source}`;
  return new URL(`data:text/javascript,${encodeURIComponent(text)}`);
}

test("an answer before the time is over is the answer", async () => {
  const script = worker('parentPort.postMessage({ kind: "answer", value: workerData + 1 });');
  expect(await answerInTime(script, 41, 600)).toEqual({ kind: "answer", value: 42 });
});

test("a search that does not end is ended, with the best that it told of", async () => {
  const script = worker(
    'for (const value of [1, 2]) parentPort.postMessage({ kind: "better", value });\nfor (;;) {}',
  );
  const ended = answerInTime(script, null, 8);
  expect(await ended).toEqual({ kind: "late", best: 2 });
}, 120_000);

test("nothing told in time is nothing", async () => {
  expect(await answerInTime(worker("for (;;) {}"), null, 0.01)).toEqual({
    kind: "late",
    best: null,
  });
});

test("what a worker throws is thrown", async () => {
  const script = worker('throw new Error("broken");');
  await expect(answerInTime(script, null, 600)).rejects.toThrow("broken");
});

test("seconds are read as people and opam write them", () => {
  expect(["5", "0.5", ".5", "60.", "0."].map(parseSeconds)).toEqual([5, 0.5, 0.5, 60, 0]);
  expect(["", ".", "-1", "1e3", "1 s"].map(parseSeconds)).toEqual([null, null, null, null, null]);
});
