/** The worker of the page: it has the image. */
import { Machine } from "./machine.ts";
import type { HttpRequest, StartRequest, WorkerMessage } from "./message.ts";

declare const self: DedicatedWorkerGlobalScope;

/** The page's folder: this file is in its `host/`. */
const base = new URL("../", self.location.href);

let machine: Machine | null = null;

const tell = (message: WorkerMessage) => self.postMessage(message);

/** The page sends the start first, then requests, each with the port for its answer. */
self.onmessage = ({ data, ports }: MessageEvent<StartRequest | HttpRequest>) => {
  if (data.kind === "http") {
    machine?.http(data, ports[0]!);
    return;
  }
  machine = new Machine(base, data, tell);
  machine.run().catch((error: unknown) => {
    tell({ kind: "broken", message: error instanceof Error ? error.message : String(error) });
  });
};
