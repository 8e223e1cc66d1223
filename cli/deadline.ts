import { Worker } from "node:worker_threads";

/** What a worker sends: better values, then the answer. */
export type Progress<Best, Answer> =
  | { readonly kind: "better"; readonly value: Best }
  | { readonly kind: "answer"; readonly value: Answer };

/** The longest that a timer can wait, in milliseconds: 24 days. */
const longest = 2 ** 31 - 1;

/** A number of seconds as people and opam write it: `5`, `0.5`, `60.`; null when it is none. */
export function parseSeconds(word: string): number | null {
  return /^(?:\d{1,9}(?:\.\d*)?|\.\d+)$/.test(word) ? Number(word) : null;
}

/** Runs a worker until it answers, or ends it when the time is over: with the best that it told of, null when there was nothing. */
export function answerInTime<Best, Answer>(
  script: URL,
  task: unknown,
  seconds: number,
): Promise<
  | { readonly kind: "answer"; readonly value: Answer }
  | { readonly kind: "late"; readonly best: Best | null }
> {
  const worker = new Worker(script, { workerData: task });
  return new Promise((done, fail) => {
    let best: Best | null = null;
    const end = (result: Parameters<typeof done>[0]) => {
      clearTimeout(timer);
      done(worker.terminate().then(() => result));
    };
    const timer = setTimeout(() => end({ kind: "late", best }), Math.min(seconds * 1000, longest));
    worker.on("message", (message: Progress<Best, Answer>) => {
      if (message.kind === "better") best = message.value;
      else end(message);
    });
    worker.on("error", (error) => {
      clearTimeout(timer);
      fail(error);
    });
  });
}
