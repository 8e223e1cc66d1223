import { beforeAll, describe, expect, test } from "vitest";
import { stackModule } from "./support/build.ts";
import * as frame from "./support/frame.ts";
import { Simulation, second } from "./support/simulation.ts";
import { Stack } from "./support/stack.ts";
import { longestPart, Sink, Source, streamPart } from "./support/stream.ts";
import type { WasmModule } from "./support/webassembly.ts";

let module: WasmModule;
beforeAll(async () => {
  module = await stackModule();
});

const ours = 0x020000000001n;
const theirs = 0x020000000002n;
const us = "10.0.0.1";

/** A stack on a link where a test speaks for 10.0.0.2. */
function victim(settings: Record<string, number> = {}): {
  stack: Stack;
  sent: frame.TcpSegment[];
  send: (segment: Partial<frame.TcpSegment>) => void;
} {
  const stack = new Stack(module, {
    address: `${us}/24`,
    hardware: ours,
    seed: 1,
    now: 1e9,
    settings,
  });
  const sent: frame.TcpSegment[] = [];
  stack.transmit = (bytes) => {
    const { type, payload } = frame.readEthernet(bytes);
    if (type === 0x0800) sent.push(frame.readTcp(frame.readIpv4(payload)));
    return true;
  };
  stack.begin();
  stack.deliver(frame.ethernet(ours, theirs, 0x0806, frame.arp(1, theirs, "10.0.0.2", 0n, us)));
  const send = (segment: Partial<frame.TcpSegment>) => {
    const payload = frame.tcp("10.0.0.2", us, {
      sourcePort: 5000,
      destinationPort: 80,
      sequence: 0,
      acknowledgment: 0,
      flags: ".",
      window: 65535,
      options: {},
      data: new Uint8Array(0),
      ...segment,
    });
    stack.deliver(
      frame.ethernet(
        ours,
        theirs,
        0x0800,
        frame.ipv4({ source: "10.0.0.2", destination: us, protocol: 6, payload }),
      ),
    );
  };
  return { stack, sent, send };
}

describe("SYN flood", () => {
  const options = { mss: 1400, wscale: 7, sackOK: true, timestamps: [1000, 0] as const };

  test("beyond the backlog cookies are sent, and nothing more is kept", () => {
    const { stack, sent, send } = victim({ backlog: 16 });
    stack.listen(80, () => ({}));
    const before = stack.memorySize;
    for (let port = 1; port <= 900; port++)
      send({ flags: "S", sourcePort: port, sequence: port, options });
    expect(stack.connections).toBe(16);
    expect(sent.filter(({ flags }) => flags === "S.")).toHaveLength(900);
    expect(stack.memorySize - before).toBeLessThan(1 << 20);
    stack.advance(100e9);
    for (let at = 100; stack.connections > 0 && at < 200; at++) stack.advance(at * 1e9);
    expect(stack.connections).toBe(0);
  });

  test("the acknowledgment of a cookie opens a connection with the options of its SYN; a wrong one is refused", () => {
    const { stack, sent, send } = victim({ backlog: 1 });
    const got: number[] = [];
    stack.listen(80, (connection) => {
      connection.write(streamPart(0, 3000));
      return { onData: (data) => got.push(data.length) };
    });
    send({ flags: "S", sourcePort: 1, options });
    send({ flags: "S", sourcePort: 2, sequence: 7000, options });
    const cookie = sent.at(-1)!;
    expect(cookie.options).toMatchObject({ mss: 1460, wscale: 5, sackOK: true });
    const [value] = cookie.options.timestamps!;
    sent.length = 0;
    const answer = {
      sourcePort: 2,
      sequence: 7001,
      data: streamPart(0, 10),
      window: 500,
      options: { timestamps: [1001, value] as const },
    };
    send({ ...answer, flags: "P.", acknowledgment: cookie.sequence + 2 });
    expect(sent.splice(0).map(({ flags }) => flags)).toEqual(["R"]);
    // The backlog is full as long as the first has not answered; its place is not needed.
    send({ ...answer, flags: "P.", acknowledgment: cookie.sequence + 1 });
    expect(got).toEqual([10]);
    expect(sent.map(({ data }) => data.length)).toEqual([1388, 1388, 224]);
    // Scaled by 7, 500 is 64000: all 3000 octets fit.
    expect(sent[0]).toMatchObject({ sequence: (cookie.sequence + 1) >>> 0, acknowledgment: 7011 });
  });

  test("acknowledgments out of the blue open nothing when there was no flood", () => {
    const { stack, sent, send } = victim();
    stack.listen(80, () => ({}));
    for (let i = 0; i < 500; i++) send({ sequence: i, acknowledgment: i * 7919 });
    expect(stack.connections).toBe(0);
    expect(sent.every(({ flags }) => flags === "R")).toBe(true);
  });

  test("a server goes on serving under a flood", () => {
    const net = new Simulation(module, 5);
    const client = net.host({ address: "10.0.0.2/24" });
    const server = net.host({ address: `${us}/24`, settings: { backlog: 8 } });
    net.link(client, server, { delay: 1e6 });
    const random = net.random;
    for (let at = 0.1; at < 10; at += 0.002) {
      net.at(at * second, () => {
        const payload = frame.tcp("10.0.0.99", us, {
          sourcePort: 1 + random.below(60000),
          destinationPort: 80,
          sequence: random.below(2 ** 32),
          acknowledgment: 0,
          flags: "S",
          window: 1000,
          options,
          data: new Uint8Array(0),
        });
        server.deliver(
          frame.ethernet(
            0x020000000002n,
            0x020000000099n,
            0x0800,
            frame.ipv4({ source: "10.0.0.99", destination: us, protocol: 6, payload }),
          ),
        );
      });
    }
    const closed: number[] = [];
    server.listen(80, (connection) => {
      const source = new Source(50_000, () => connection.close());
      source.pump(connection);
      return { onWritable: () => source.pump(connection) };
    });
    const results: number[] = [];
    for (let i = 0; i < 50; i++) {
      net.at((1 + i * 0.1) * second, () => {
        let received = 0;
        const connection = client.connect(us, 80, {
          onData: (data) => {
            received += data.length;
          },
          onEnd: () => connection.close(),
          onClose: (reason) => {
            results.push(received);
            closed.push(reason);
          },
        })!;
      });
    }
    net.run(30 * second);
    expect(closed).toEqual(Array(50).fill(0));
    expect(results).toEqual(Array(50).fill(50_000));
  });
});

describe("limits", () => {
  test("connections have a limit, and those in TIME-WAIT make room for each other", () => {
    const net = new Simulation(module, 9);
    const client = net.host({ address: "10.0.0.2/24", settings: { timeWaitLimit: 20 } });
    const server = net.host({ address: `${us}/24`, settings: { connectionLimit: 30 } });
    net.link(client, server);
    server.listen(80, (connection) => ({ onEnd: () => connection.close() }));
    let ended = 0;
    for (let i = 0; i < 200; i++) {
      net.at(i * 1e6, () => {
        const connection = client.connect(us, 80, {
          onOpen: () => connection.close(),
          onClose: () => ended++,
        })!;
      });
    }
    net.run(1 * second);
    expect(ended).toBe(200);
    expect(client.connections).toBe(20);
    let refusedCount = 0;
    for (let i = 0; i < 40; i++) if (server.connect("10.0.0.2", 9, {}) === null) refusedCount++;
    expect(refusedCount).toBe(10);
  });

  test("all buffers together have a limit, and starved connections go on when there is room", () => {
    const net = new Simulation(module, 4);
    const client = net.host({ address: "10.0.0.2/24", settings: { bufferMemory: 300_000 } });
    const server = net.host({ address: `${us}/24` });
    net.link(client, server, { delay: 1e6, loss: 0.01 });
    const sinks: Sink[] = [];
    server.listen(80, (connection) => {
      const sink = new Sink();
      sinks.push(sink);
      return { onData: (data) => sink.take(data), onEnd: () => connection.close() };
    });
    let most = 0;
    for (let i = 0; i < 20; i++) {
      const source = new Source(200_000, () => connection.shutdown());
      const connection = client.connect(us, 80, {
        onOpen: () => source.pump(connection),
        onWritable: () => source.pump(connection),
      })!;
    }
    net.run(60 * second, () => {
      most = Math.max(most, client.buffers);
      return false;
    });
    expect(sinks.map(({ received }) => received)).toEqual(Array(20).fill(200_000));
    expect(most).toBeLessThanOrEqual(300_000);
    expect(most).toBeGreaterThan(200_000);
    expect(client.buffers).toBe(0);
  });

  test("a connection writes what there is memory for, and goes on with it", () => {
    const net = new Simulation(module, 4);
    const client = net.host({ address: "10.0.0.2/24", settings: { bufferMemory: 50_000 } });
    const server = net.host({ address: `${us}/24` });
    net.link(client, server, { delay: 1e6 });
    const sink = new Sink();
    server.listen(80, (connection) => ({
      onData: (data) => sink.take(data),
      onEnd: () => connection.close(),
    }));
    // Each is more than there is memory for.
    const source = new Source(8_000_000, () => connection.shutdown(), longestPart);
    const connection = client.connect(us, 80, {
      onOpen: () => source.pump(connection),
      onWritable: () => source.pump(connection),
    })!;
    net.run(60 * second);
    expect(sink.received).toBe(8_000_000);
    expect(client.buffers).toBe(0);
  });

  test("a reader that does not read holds no more than its window, and gets all in the end", () => {
    const net = new Simulation(module, 4);
    const client = net.host({ address: "10.0.0.2/24" });
    const server = net.host({ address: `${us}/24`, settings: { receiveBuffer: 100_000 } });
    net.link(client, server, { delay: 5e6, loss: 0.02, reorder: 0.05 });
    const sink = new Sink();
    let ended = false;
    server.listen(80, (connection) => {
      connection.pause();
      net.at(20 * second, () => connection.resume());
      return {
        onData: (data) => {
          sink.take(data);
          connection.pause();
          net.at(net.now + 3e7, () => connection.resume());
        },
        onEnd: () => {
          ended = true;
          connection.close();
        },
      };
    });
    const source = new Source(1_000_000, () => connection.shutdown());
    const connection = client.connect(us, 80, {
      onOpen: () => source.pump(connection),
      onWritable: () => source.pump(connection),
    })!;
    let most = 0;
    net.run(200 * second, () => {
      most = Math.max(most, server.buffers);
      return ended;
    });
    expect(sink.received).toBe(1_000_000);
    expect(ended).toBe(true);
    expect(most).toBeLessThanOrEqual(131072);
  });
});
