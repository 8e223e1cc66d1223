import type { Plan } from "../model/plan.ts";

/** Where the entry is in the program's tree. */
export const entryFile = "unipkg/entry.ts";

/**
 * The program's entry: the exports of docs/abi.md over the app's `main` and the event loop that the
 * target's `event` slot was bound to.
 *
 * The first `dispatch` tells the loop the time, so that `main` sees it; the second runs what `main`
 * left to do and finds the deadline.
 */
export function entrySource(app: string, loop: string): string {
  return `import { main } from "${app}";
import { dispatch, records } from "${loop}";
export { records };

export function start(now: i64): i64 {
  dispatch(<u64>now, 0);
  main();
  return dispatch(<u64>now, 0);
}

export function poll(now: i64, ready: i32): i64 {
  return dispatch(<u64>now, ready);
}
`;
}

/** The instance that runs the program's events: what the target's slot \`event\` is bound to. */
export function eventLoopOf(plan: Plan): string | null {
  const binding = plan.bindings.find(
    ({ consumer, interface: of }) => consumer === plan.target && of === "event",
  );
  return binding?.provider ?? null;
}
