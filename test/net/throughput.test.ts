import { beforeAll, expect, test } from "vitest";
import { stackModule } from "./support/build.ts";
import { millisecond, Simulation, second } from "./support/simulation.ts";
import { Sink, Source } from "./support/stream.ts";
import type { WasmModule } from "./support/webassembly.ts";

let module: WasmModule;
beforeAll(async () => {
  module = await stackModule();
});

/** Megabits a second of one flow over a link of 100 Mbit/s, from the first SYN to the last octet. */
function throughput(loss: number, delay: number, window: number, reorder: number): number {
  const net = new Simulation(module, 1000 + loss * 1000 + delay);
  const client = net.host({ address: "10.0.0.1/24" });
  const server = net.host({ address: "10.0.0.2/24", settings: { receiveBuffer: window } });
  const path = {
    bandwidth: 100e6,
    delay: (delay / 2) * millisecond,
    loss,
    reorder,
    queue: 128 * 1024,
  };
  net.link(client, server, path);
  const size = 2_000_000;
  const sink = new Sink();
  server.listen(80, (connection) => ({
    onData: (data) => sink.take(data),
    onEnd: () => connection.close(),
  }));
  const source = new Source(size, () => connection.shutdown());
  const connection = client.connect("10.0.0.2", 80, {
    onOpen: () => source.pump(connection),
    onWritable: () => source.pump(connection),
  })!;
  net.run(600 * second, () => sink.received === size);
  expect(sink.received).toBe(size);
  return (size * 8 * 1000) / net.now;
}

test("the throughput of one flow, by loss, round trip, window and reordering", () => {
  const rows = ["loss   rtt ms   window   reorder   Mbit/s"];
  for (const loss of [0, 0.001, 0.01, 0.05]) {
    for (const delay of [1, 20, 100]) {
      for (const [window, reorder] of [
        [65535, 0],
        [1 << 20, 0],
        [1 << 20, 0.05],
      ] as const) {
        const rate = throughput(loss, delay, window, reorder).toFixed(2);
        rows.push(
          `${`${loss * 100} %`.padEnd(7)}${String(delay).padStart(6)}${String(window).padStart(9)}${`${reorder * 100} %`.padStart(10)}${rate.padStart(9)}`,
        );
      }
    }
  }
  expect(rows.join("\n")).toMatchSnapshot();
});
