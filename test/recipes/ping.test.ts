// ip and icmp: two machines in the simulator ping each other and speak a protocol of their own, by both families.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { projectRoot, testFolder, unipkgOk } from "../support/unipkg.ts";

const app = join(projectRoot, "test/recipes/apps/ping-probe");

const scenario = {
  duration: "30s",
  nodes: {
    server: {
      app,
      address: "10.0.0.2",
      settings: { tcpip: { ipv6: true, address6: "fd00::2/64" } },
    },
    client: {
      app,
      start: "2s",
      settings: {
        tcpip: { ipv6: true, address6: "fd00::1/64" },
        "ping-probe": { target: "10.0.0.2", target6: "fd00::2" },
      },
    },
  },
  switches: { lan: { subnet: "10.0.0.0/24" } },
  links: {
    line: { between: ["server", "lan"], latency: "10ms" },
    desk: { between: ["client", "lan"] },
  },
  expect: [{ node: "client", status: 0 }],
};

test("echoes come back whole, silence and refusal are told, and packets of a protocol go both ways", () => {
  const folder = testFolder();
  writeFileSync(join(folder, "ping.json"), JSON.stringify(scenario));
  const { stdout } = unipkgOk(folder, "sim", "ping.json");
  const said = stdout.split("\n").flatMap((line) => / client \| (.*)/.exec(line)?.[1] ?? []);
  expect(said.join("\n")).toMatchInlineSnapshot(`
    "tcp is taken true
    tcpip: 10.0.0.3/24 by DHCP, gateway 10.0.0.1
    tcpip: fd00::1/64
    from 4 and 16 octets, 2 addresses
    a group false
    sent true true
    sent true true
    IPv4: 56 octets, right true, after more than 20 ms true
    IPv4, large: 4000 octets, right true, after more than 20 ms true
    heard protocol 253 from 4 octets to 4
    254 refused true for 4 octets
    IPv6: 56 octets, right true, after more than 20 ms true
    IPv6, large: 4000 octets, right true, after more than 20 ms true
    heard protocol 253 from 16 octets to 16
    254 refused true for 16 octets
    nobody: timed out true, of 4 octets"
  `);
}, 300_000);
