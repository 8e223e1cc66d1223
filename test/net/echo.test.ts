import { beforeAll, describe, expect, test } from "vitest";
import { Bench6, router, them, us } from "./support/bench6.ts";
import { stackModule } from "./support/build.ts";
import * as frame from "./support/frame.ts";
import type { Echoed } from "./support/stack.ts";
import type { WasmModule } from "./support/webassembly.ts";

/** Echo requests of ours, as the interface `icmp` has them. */

let module: WasmModule;
beforeAll(async () => {
  module = await stackModule();
});

const [unreachable, , prohibited, expired, tooBig, timedOut] = [0, 1, 2, 3, 4, 5] as const;
const second = 1e9;

describe("echo requests, by IPv6", () => {
  /** A request that was sent, and what is told of it. */
  const asked = (data = Buffer.from("hello")) => {
    const bench = new Bench6(module);
    bench.know();
    const told: Echoed[] = [];
    expect(bench.stack.ping(them, data, 5 * second, (echoed) => told.push(echoed))).toBe(true);
    const [sent] = bench.take();
    return { bench, told, packet: sent!.packet, request: frame.readIcmpv6(sent!.packet) };
  };

  test("RFC 4443, 4.1 and 4.2: what comes back is told, once", () => {
    const { bench, told, request } = asked();
    expect([request.type, request.code, String(request.data)]).toEqual([128, 0, "hello"]);
    const answer = { type: 129, rest: request.rest, data: request.data };
    bench.icmp(answer);
    bench.icmp(answer);
    bench.wait(10);
    expect(told).toEqual([{ data: new Uint8Array(Buffer.from("hello")) }]);
  });

  test("answers to what was not asked, of another host, or of another run do nothing; then it times out", () => {
    const { bench, told, request } = asked();
    const { data } = request;
    bench.icmp({ type: 129, rest: request.rest + 1, data });
    bench.icmp({ type: 129, rest: request.rest ^ 0x10000, data });
    bench.icmp({ type: 129, rest: request.rest, data }, { source: "fd00::3" });
    bench.wait(4.9);
    expect(told).toEqual([]);
    bench.wait(0.2);
    expect(told).toEqual([{ reason: timedOut, from: them }]);
  });

  test.each([
    ["3.1: no route", 1, 0, unreachable],
    ["3.1: a filter", 1, 1, prohibited],
    ["3.1: a policy for sources", 1, 5, prohibited],
    ["3.2: too big", 2, 0, tooBig],
    ["3.3: too many routers", 3, 0, expired],
  ])("RFC 4443, %s is told, with who says so", (_, type, code, reason) => {
    const { bench, told, packet } = asked();
    bench.icmp({ type, code, rest: 1280, data: frame.ipv6(packet) }, { source: router });
    bench.wait(10);
    expect(told).toEqual([{ reason, from: router }]);
  });

  test("errors about what others sent, or that are cut off, do nothing", () => {
    const { bench, told, packet } = asked();
    const quoted = frame.ipv6(packet);
    const foreign = frame.ipv6({ ...packet, source: "fd00::9" });
    for (const data of [foreign, quoted.subarray(0, 44), quoted.subarray(0, 20)]) {
      bench.icmp({ type: 1, code: 0, data }, { source: router });
    }
    expect(told).toEqual([]);
  });

  test("so many are under way at most; those to ourselves and to groups are not taken", () => {
    const { bench } = asked();
    for (const address of [us, "ff02::1", "::1", "255.255.255.255"]) {
      expect(bench.stack.ping(address, Buffer.alloc(1), second, () => undefined)).toBe(false);
    }
    let taken = 1;
    while (bench.stack.ping(them, Buffer.alloc(8), second, () => undefined)) taken++;
    expect(taken).toBe(1024);
    bench.wait(2);
    expect(bench.stack.ping(them, Buffer.alloc(8), second, () => undefined)).toBe(true);
  });
});
