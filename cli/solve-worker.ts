// Solves one request in a thread of its own, which can be ended at any moment.
import { parentPort, workerData } from "node:worker_threads";
import { CaseUniverse, type SolveCase } from "../model/case.ts";
import { loadSolver, type SolveMessage } from "./solving.ts";

const send = (message: SolveMessage) => parentPort?.postMessage(message);
const task = workerData as SolveCase;
const universe = new CaseUniverse(task);
const { solve } = await loadSolver(universe);
const answer = solve(task.request, universe, {
  better: (plans) => send({ kind: "better", value: plans }),
});
send({ kind: "answer", value: answer });
