// Solves one CUDF document in a thread of its own, which can be ended at any moment.
import { parentPort, workerData } from "node:worker_threads";
import { answerCudf, type CudfMessage, type CudfTask } from "./cudf-answer.ts";

const send = (message: CudfMessage) => parentPort?.postMessage(message);
const answer = await answerCudf(workerData as CudfTask, (solution) =>
  send({ kind: "better", value: solution }),
);
send({ kind: "answer", value: answer });
