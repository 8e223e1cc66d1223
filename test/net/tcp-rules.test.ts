import { beforeAll, describe, test } from "vitest";
import { stackModule } from "./support/build.ts";
import { runScript, type ScriptOptions } from "./support/script.ts";
import type { WasmModule } from "./support/webassembly.ts";

let module: WasmModule;
beforeAll(async () => {
  module = await stackModule();
});

/** A connection that the peer opened, with options or without. */
const accepted = (options = "mss 1000", window = 65535, roundTrip = 0) => `
+0     listen
+0     < S 0:0 win ${window} <${options}>
+0     > S. 0:0 ack 1
+${roundTrip}     < . 1:1 ack 1 win ${window}
`;

function script(name: string, text: string, options: ScriptOptions = {}): void {
  test(name, () => {
    runScript(module, text, options).end();
  });
}

describe("RFC 9293: opening", () => {
  script(
    "3.5, figure 6: three-way handshake, passive",
    `
+0     listen
+0     < S 0:0 win 65535 <mss 1000,sackOK,wscale 7,TS val 100 ecr 0>
+0     > S. 0:0 ack 1 <mss 1460,sackOK,wscale 5,TS val 0 ecr 100>
+0.1   < . 1:1 ack 1 win 500 <TS val 200 ecr 0>
+0     write 10
+0     > P. 1:11 ack 1 <TS val 0 ecr 200>
`,
  );
  script(
    "3.5, figure 6: three-way handshake, active",
    `
+0     connect
+0     > S 0:0 <mss 1460,sackOK,wscale 5>
+0.1   < S. 0:0 ack 1 win 65535 <mss 1000>
+0     > . 1:1 ack 1 <no options>
+0     told open
`,
  );
  script(
    "3.5, figure 8: both sides open at once",
    `
+0     connect
+0     > S 0:0
+0.1   < S 0:0 win 65535 <mss 1000>
+0     > S. 0:0 ack 1
+0.1   < S. 0:0 ack 1 win 65535 <mss 1000>
+0     > . 1:1 ack 1
+0     told open
+0     write 10
+0     > P. 1:11 ack 1
`,
  );
  script(
    "3.7.1 (MUST-15): a peer without the MSS option gets 536",
    `
+0     listen
+0     < S 0:0 win 65535
+0     > S. 0:0 ack 1 <mss 1460>
+0     < . 1:1 ack 1 win 65535
+0     write 1000
+0     > . 1:537 ack 1
+0     > P. 537:1001 ack 1
`,
  );
  script(
    "RFC 7323, 2.2: a peer that does not scale gets no scaled window, and none larger than 65535",
    `
+0     listen
+0     < S 0:0 win 65535 <mss 1000>
+0     > S. 0:0 ack 1 win 65535 <mss 1460>
+0     < P. 1:1001 ack 1 win 1000
+0     > . 1:1 ack 1001 win 65535
+0     told data 1000
`,
  );
  script(
    "3.8.3 (MUST-23): a SYN is repeated with back-off for three minutes, then the peer is given up",
    `
+0     connect
+0     > S 0:0
+1     > S 0:0
+2     > S 0:0
+4     > S 0:0
+8     > S 0:0
+16    > S 0:0
+32    > S 0:0
+60    > S 0:0
+59    > nothing
+2     told close timed-out
+0     connections 0
`,
  );
  script(
    "3.10.7.3: a reset that acknowledges the SYN refuses",
    `
+0     connect
+0     > S 0:0
+0     < R. 0:0 ack 1 win 0
+0     told close refused
+0     connections 0
`,
  );
  script(
    "the answer to a SYN is repeated, and forgotten after a while",
    `
+0     listen
+0     < S 0:0 win 65535 <mss 1000>
+0     > S. 0:0 ack 1
+1     > S. 0:0 ack 1
+2     > S. 0:0 ack 1
+4     > S. 0:0 ack 1
+8     > S. 0:0 ack 1
+16    > S. 0:0 ack 1
+33    connections 0
`,
  );
  script(
    "a listener that does not want a connection breaks it off",
    `
+0     listen
+0     < S 0:0 win 65535 <mss 1000>
+0     > S. 0:0 ack 1
+0     < . 1:1 ack 1 win 65535
+0     > R. 1:1 ack 1
+0     connections 0
`,
    { refuse: true },
  );
});

describe("RFC 9293: ending", () => {
  script(
    "3.6: the peer ends first, then we",
    `${accepted()}
+0     < F. 1:1 ack 1 win 65535
+0     > . 1:1 ack 2
+0     told end
+0     write 10
+0     > P. 1:11 ack 2
+0     < . 2:2 ack 11 win 65535
+0     shutdown
+0     > F. 11:11 ack 2
+0     < . 2:2 ack 12 win 65535
+0     told close closed
+0     connections 0
`,
  );
  script(
    "3.6, figure 12: we end first, and wait twice the segment lifetime",
    `${accepted()}
+0     shutdown
+0     > F. 1:1 ack 1
+0     < . 1:1 ack 2 win 65535
+0     < P. 1:101 ack 2 win 65535
+0     > . 2:2 ack 101
+0     told data 100
+0     < F. 101:101 ack 2 win 65535
+0     > . 2:2 ack 102
+0     told end
+0     told close closed
+59    connections 1
+2     connections 0
+0     buffers 0
`,
  );
  script(
    "3.6, figure 13: both end at once",
    `${accepted()}
+0     shutdown
+0     > F. 1:1 ack 1
+0     < F. 1:1 ack 1 win 65535
+0     > . 2:2 ack 2
+0     told end
+0     < . 2:2 ack 2 win 65535
+0     told close closed
+0     connections 1
+61    connections 0
`,
  );
  script(
    "3.6: a FIN follows all that was written, and is repeated",
    `${accepted()}
+0     write 1500; close
+0     > . 1:1001 ack 1
+0     > FP. 1001:1501 ack 1
+0.01  < . 1:1 ack 1001 win 65535
+0.2   > FP. 1001:1501 ack 1
+0     < . 1:1 ack 1502 win 65535
+0     < F. 1:1 ack 1502 win 65535
+0     > . 1502:1502 ack 2
+0     told close closed
`,
  );
  script(
    "3.6.1: data for one that has closed is answered by a reset, once all of ours is there",
    `${accepted()}
+0     write 10
+0     > P. 1:11 ack 1
+0     close
+0     > F. 11:11 ack 1
+0     < P. 1:101 ack 1 win 65535
+0     > . 12:12 ack 101
+0     < . 101:101 ack 12 win 65535
+0     < P. 101:201 ack 12 win 65535
+0     > R. 12:12 ack 101
+0     told close closed
+0     connections 0
`,
  );
  script(
    "3.10.7.4: a FIN that is repeated in TIME-WAIT is acknowledged, and the wait begins anew",
    `${accepted()}
+0     shutdown
+0     > F. 1:1 ack 1
+0     < F. 1:1 ack 2 win 65535
+0     > . 2:2 ack 2
+0     told end
+0     told close closed
+50    < F. 1:1 ack 2 win 65535
+0     > . 2:2 ack 2
+50    connections 1
+11    connections 0
`,
  );
  script(
    "RFC 6191, RFC 9293, 3.10.7.4: a SYN with a higher number opens a connection in TIME-WAIT anew",
    `${accepted()}
+0     shutdown
+0     > F. 1:1 ack 1
+0     < F. 1:1 ack 2 win 65535
+0     > . 2:2 ack 2
+0     told end
+0     told close closed
+1     < S 1000000:1000000 win 65535 <mss 1000>
+0     > S. 250000:250000 ack 1000001
+0     connections 1
`,
  );
  script(
    "a user that has closed does not wait for ever for the peer's end",
    `${accepted()}
+0     close
+0     > F. 1:1 ack 1
+0     < . 1:1 ack 2 win 65535
+61    told close closed
+0     connections 0
`,
  );
});

describe("RFC 6298: the retransmission timer", () => {
  script(
    "2.2, 5.1: the first timeout follows from the first round trip, but is no less than the minimum",
    `
+0     connect
+0     > S 0:0
+0.3   < S. 0:0 ack 1 win 65535 <mss 1000>
+0     > . 1:1 ack 1
+0     told open
+0     write 1000
+0     > P. 1:1001 ack 1
+0.9   > P. 1:1001 ack 1       // SRTT 300 ms + 4 * 150 ms
+1.8   > P. 1:1001 ack 1       // 5.5: back off
+3.6   > P. 1:1001 ack 1
+0.1   < . 1:1 ack 1001 win 65535
`,
  );
  script(
    "2.3, 2.4: a steady short round trip leaves the minimum of 200 ms",
    `${accepted()}
+0     write 1000
+0     > P. 1:1001 ack 1
+0.01  < . 1:1 ack 1001 win 65535
+0     write 1000
+0     > P. 1001:2001 ack 1
+0.2   > P. 1001:2001 ack 1
+0.4   > P. 1001:2001 ack 1
+0     < . 1:1 ack 2001 win 65535
`,
  );
  script(
    "section 3 (Karn), note on 5.5: the back-off stays until something is measured",
    `${accepted()}
+0     write 1000
+0     > P. 1:1001 ack 1
+0.2   > P. 1:1001 ack 1
+0     < . 1:1 ack 1001 win 65535
+0     write 1000
+0     > P. 1001:2001 ack 1
+0.4   > P. 1001:2001 ack 1
+0     < . 1:1 ack 2001 win 65535
`,
  );
  script(
    "5.3: an acknowledgment of new data starts the timer anew",
    `${accepted()}
+0     write 2000
+0     > . 1:1001 ack 1
+0     > P. 1001:2001 ack 1
+0.15  < . 1:1 ack 1001 win 65535
+0.19  > nothing
+0.01  > P. 1001:2001 ack 1
+0     < . 1:1 ack 2001 win 65535
`,
  );
  script(
    "RFC 9293, 3.8.3: data is given up after its retries, and the user is told",
    `${accepted()}
+0     write 10
+0     > P. 1:11 ack 1
+0.2   > P. 1:11 ack 1
+0.4   > P. 1:11 ack 1
+0.8   > P. 1:11 ack 1
+1.6   told close timed-out
+0     connections 0
+0     buffers 0
`,
    { settings: { dataRetries: 3 } },
  );
});

describe("RFC 8985, 7.2: repairs that get lost", () => {
  script(
    "what was sent again is sent once more after two round trips, then the retransmission timer rules",
    `${accepted("mss 1000,sackOK", 65535, 0.1)}
+0     write 5000
+0     > . 1:1001 ack 1
+0     > . 1001:2001 ack 1
+0     > . 2001:3001 ack 1
+0     > . 3001:4001 ack 1
+0     > P. 4001:5001 ack 1
+0.1   < . 1:1 ack 1 win 65535 <sack 1001:5001>
+0     > . 1:1001 ack 1
+0.201 > . 1:1001 ack 1
+0.099 > . 1:1001 ack 1       // 300 ms after the first repair
+0.6   > . 1:1001 ack 1
+1.2   told close timed-out
+0     connections 0
`,
    { settings: { dataRetries: 2 } },
  );
});

describe("RFC 5681, RFC 6928, RFC 9438: congestion", () => {
  script(
    "RFC 6928, section 2: ten segments at first, then slow start by what is acknowledged",
    `${accepted()}
+0     write 30000 = 30000
+0     > . 1:1001 ack 1
+0     > . 1001:2001 ack 1
+0     > . 2001:3001 ack 1
+0     > . 3001:4001 ack 1
+0     > . 4001:5001 ack 1
+0     > . 5001:6001 ack 1
+0     > . 6001:7001 ack 1
+0     > . 7001:8001 ack 1
+0     > . 8001:9001 ack 1
+0     > . 9001:10001 ack 1
+0.1   < . 1:1 ack 2001 win 65535
+0     > . 10001:11001 ack 1
+0     > . 11001:12001 ack 1
+0     > . 12001:13001 ack 1
+0     > . 13001:14001 ack 1
+0     abort
+0     > R. 14001:14001 ack 1
`,
  );
  script(
    "RFC 5681, 3.2, RFC 6582: three duplicates repeat the first segment, a partial acknowledgment the next",
    `${accepted()}
+0     write 6000
+0     > . 1:1001 ack 1
+0     > . 1001:2001 ack 1
+0     > . 2001:3001 ack 1
+0     > . 3001:4001 ack 1
+0     > . 4001:5001 ack 1
+0     > P. 5001:6001 ack 1
+0.1   < . 1:1 ack 1 win 65535
+0     < . 1:1 ack 1 win 65535
+0     > nothing
+0     < . 1:1 ack 1 win 65535
+0     > . 1:1001 ack 1
+0.1   < . 1:1 ack 2001 win 65535
+0     > . 2001:3001 ack 1
+0.1   < . 1:1 ack 6001 win 65535
`,
  );
  script(
    "RFC 6675, 4: three ranges above a gap, or more than two segments, mean that it is lost",
    `${accepted("mss 1000,sackOK", 65535, 0.1)}
+0     write 6000
+0     > . 1:1001 ack 1
+0     > . 1001:2001 ack 1
+0     > . 2001:3001 ack 1
+0     > . 3001:4001 ack 1
+0     > . 4001:5001 ack 1
+0     > P. 5001:6001 ack 1
+0.1   < . 1:1 ack 1 win 65535 <sack 1001:2001>
+0     < . 1:1 ack 1 win 65535 <sack 1001:2001 3001:4001>
+0     > nothing
+0     < . 1:1 ack 1 win 65535 <sack 1001:2001 3001:4001 5001:6001>
+0     > . 1:1001 ack 1
+0     > nothing
+0.1   < . 1:1 ack 2001 win 65535 <sack 3001:4001 5001:6001>
+0     < . 1:1 ack 6001 win 65535
`,
  );
  script(
    "RFC 6675, 5.1: after a timeout what was SACKed is not sent again",
    `${accepted("mss 1000,sackOK", 65535, 0.1)}
+0     write 4000
+0     > . 1:1001 ack 1
+0     > . 1001:2001 ack 1
+0     > . 2001:3001 ack 1
+0     > P. 3001:4001 ack 1
+0.1   < . 1:1 ack 1 win 65535 <sack 1001:2001>
+0.2   > . 1:1001 ack 1       // 100 ms + 4 * 50 ms after it was sent
+0.05  < . 1:1 ack 2001 win 65535
+0     > . 2001:3001 ack 1
+0     > P. 3001:4001 ack 1
+0     < . 1:1 ack 4001 win 65535
`,
  );
});

describe("RFC 3522: needless recoveries", () => {
  const reordered = `
+0     listen
+0     < S 0:0 win 65535 <mss 1012,sackOK,TS val 1000 ecr 0>
+0     > S. 0:0 ack 1
+0.1   < . 1:1 ack 1 win 65535 <TS val 1100 ecr 0>
+0     write 6000
+0     > . 1:1001 ack 1
+0     > . 1001:2001 ack 1
+0     > . 2001:3001 ack 1
+0     > . 3001:4001 ack 1
+0     > . 4001:5001 ack 1
+0     > P. 5001:6001 ack 1
+0.1   < . 1:1 ack 1 win 65535 <TS val 1200 ecr 0, sack 1001:2001>
+0     < . 1:1 ack 1 win 65535 <TS val 1200 ecr 0, sack 1001:3001>
+0     < . 1:1 ack 1 win 65535 <TS val 1200 ecr 0, sack 1001:4001>
+0     > . 1:1001 ack 1
`;
  script(
    "3.2: an echo from before the repair says that the segment was late, and more reordering is borne from now on",
    `${reordered}
+0.05  < . 1:1 ack 6001 win 65535 <TS val 1250 ecr 100>
+0     write 6000
+0     > . 6001:7001 ack 1
+0     > . 7001:8001 ack 1
+0     > . 8001:9001 ack 1
+0     > . 9001:10001 ack 1
+0     > . 10001:11001 ack 1
+0     > P. 11001:12001 ack 1
+0.1   < . 1:1 ack 6001 win 65535 <TS val 1350 ecr 100, sack 7001:8001>
+0     < . 1:1 ack 6001 win 65535 <TS val 1350 ecr 100, sack 7001:9001>
+0     < . 1:1 ack 6001 win 65535 <TS val 1350 ecr 100, sack 7001:10001>
+0     > nothing
+0     < . 1:1 ack 12001 win 65535 <TS val 1350 ecr 250>
`,
  );
  script(
    "3.2: an echo of the repair says that the segment was lost",
    `${reordered}
+0.05  < . 1:1 ack 6001 win 65535 <TS val 1250 ecr 200>
+0     write 6000
+0     > . 6001:7001 ack 1
+0     > . 7001:8001 ack 1
+0     > . 8001:9001 ack 1
+0     > . 9001:10001 ack 1
+0.1   < . 1:1 ack 6001 win 65535 <TS val 1350 ecr 100, sack 7001:8001>
+0     > . 10001:11001 ack 1
+0     < . 1:1 ack 6001 win 65535 <TS val 1350 ecr 100, sack 7001:9001>
+0     > P. 11001:12001 ack 1
+0     < . 1:1 ack 6001 win 65535 <TS val 1350 ecr 100, sack 7001:10001>
+0     > . 6001:7001 ack 1
+0     < . 1:1 ack 12001 win 65535 <TS val 1350 ecr 350>
`,
  );
});

describe("RFC 2018, RFC 5681: what is told of gaps", () => {
  script(
    "RFC 2018, 4: the latest block first; a filled gap is acknowledged at once",
    `${accepted("mss 1000,sackOK")}
+0     < . 1001:2001 ack 1 win 65535
+0     > . 1:1 ack 1 <sack 1001:2001>
+0     < . 3001:4001 ack 1 win 65535
+0     > . 1:1 ack 1 <sack 3001:4001 1001:2001>
+0     < . 1501:2501 ack 1 win 65535
+0     > . 1:1 ack 1 <sack 1001:2501 3001:4001>
+0     < . 1:1001 ack 1 win 65535
+0     told data 1000
+0     told data 1500
+0     > . 1:1 ack 2501 <sack 3001:4001>
+0     < . 2501:3001 ack 1 win 65535
+0     > . 1:1 ack 4001 <no options>
+0     told data 500
+0     told data 1000
+0     buffers 0
`,
  );
  script(
    "a FIN that comes too early counts when all before it is there",
    `${accepted()}
+0     < FP. 101:201 ack 1 win 65535
+0     > . 1:1 ack 1
+0     < P. 1:101 ack 1 win 65535
+0     told data 100
+0     told data 100
+0     told end
+0     > . 1:1 ack 202
`,
  );
});

describe("RFC 9293, 3.8.6: windows", () => {
  script(
    "3.8.6.3: an acknowledgment waits 40 ms for company, but not for a second full segment",
    `${accepted()}
${Array.from(
  { length: 16 },
  (_, i) => `+0     < P. ${1 + i}:${2 + i} ack 1 win 65535
+0     told data 1
+0     > . 1:1 ack ${2 + i}
`,
).join("")}
+0     < P. 17:117 ack 1 win 65535
+0     told data 100
+0.039 > nothing
+0.001 > . 1:1 ack 117
+0     < . 117:1117 ack 1 win 65535
+0     told data 1000
+0     > nothing
+0     < . 1117:2117 ack 1 win 65535
+0     told data 1000
+0     > . 1:1 ack 2117
+0     < P. 2117:2127 ack 1 win 65535
+0     told data 10
+0     write 5
+0     > P. 1:6 ack 2127
`,
  );
  script(
    "3.8.6.1: a closed window is probed with one octet, less and less often, and never given up",
    `${accepted("mss 1000", 1000)}
+0     write 3000 = 3000
+0     > . 1:1001 ack 1
+0.01  < . 1:1 ack 1001 win 0
+0.2   > . 1001:1002 ack 1
+0     < . 1:1 ack 1001 win 0
+0.4   > . 1001:1002 ack 1
+0     < . 1:1 ack 1001 win 0
+0.8   > . 1001:1002 ack 1
+0     < . 1:1 ack 1002 win 1000     // the octet was taken
+0     > . 1002:2002 ack 1
+0     abort
+0     > R. 2002:2002 ack 1
`,
  );
  script(
    "3.8.6.2.1: no small segment because of a small window, until waiting has not helped",
    `${accepted("mss 1000", 1000)}
+0     write 3000
+0     > . 1:1001 ack 1
+0.01  < . 1:1 ack 1001 win 100
+0.19  > nothing
+0.01  > . 1001:1101 ack 1
+0     abort
+0     > R. 1101:1101 ack 1
`,
  );
  script(
    "3.8.6.2.2: a paused reader closes the window, and opens it by what is worth an acknowledgment",
    `${accepted()}
+0     pause
+0     < . 1:1001 ack 1 win 65535
+0     > . 1:1 ack 1001 win 3000
+0     < . 1001:2001 ack 1 win 65535
+0     > . 1:1 ack 2001 win 2000
+0     < . 2001:3001 ack 1 win 65535
+0     > . 1:1 ack 3001 win 1000
+0     < . 3001:4001 ack 1 win 65535
+0     > . 1:1 ack 4001 win 0
+0     < . 4001:4002 ack 1 win 65535
+0     > . 1:1 ack 4001 win 0
+0     resume
+0     told data 4000
+0     > . 1:1 ack 4001 win 4000
+0     buffers 0
`,
    { settings: { receiveBuffer: 4000 } },
  );
  script(
    "3.8.6 (SHLD-14): what scaling cuts off does not move the right edge back",
    `
+0     listen
+0     < S 0:0 win 65535 <mss 1000,wscale 7>
+0     > S. 0:0 ack 1 <wscale 5>
+0     < . 1:1 ack 1 win 500
+0     pause
+0     < P. 1:11 ack 1 win 500
+0     > . 1:1 ack 11 win 32767      // up to 11 + 32767 * 32 = 1048555
+0     < P. 11:21 ack 1 win 500
+0     > . 1:1 ack 21 win 32767      // 32766 would be up to 1048533
`,
  );
  script(
    "3.7.4, Nagle: one small segment is under way, others wait for company",
    `${accepted()}
+0     write 10
+0     > P. 1:11 ack 1
+0     write 10
+0     write 10
+0     > nothing
+0.01  < . 1:1 ack 11 win 65535
+0     > P. 11:31 ack 1
+0     < . 1:1 ack 31 win 65535
`,
  );
  script(
    "3.7.4 (MUST-17): Nagle's algorithm can be turned off",
    `${accepted()}
+0     write 10
+0     > P. 1:11 ack 1
+0     write 10
+0     > P. 11:21 ack 1
+0     < . 1:1 ack 21 win 65535
`,
    { settings: { nagle: false } },
  );
  script(
    "the send buffer takes what it has room for, and tells when there is some",
    `${accepted("mss 1000", 65535)}
+0     write 30000 = 20000
+0     > . 1:1001 ack 1
+0     > . 1001:2001 ack 1
+0     > . 2001:3001 ack 1
+0     > . 3001:4001 ack 1
+0     > . 4001:5001 ack 1
+0     > . 5001:6001 ack 1
+0     > . 6001:7001 ack 1
+0     > . 7001:8001 ack 1
+0     > . 8001:9001 ack 1
+0     > . 9001:10001 ack 1
+0     < . 1:1 ack 10001 win 0
+0     told writable
+0     abort
+0     > R. 10001:10001 ack 1
+0     buffers 0
`,
    { settings: { sendBuffer: 20000 } },
  );
});

describe("RFC 9293, 3.8.4: keep-alive", () => {
  script(
    "an idle peer is asked, and given up when it does not answer",
    `${accepted()}
+0     < P. 1:11 ack 1 win 65535
+0     > . 1:1 ack 11
+0     told data 10
+100   > . 0:0 ack 11
+0     < . 11:11 ack 1 win 65535
+100   > . 0:0 ack 11
${"+75    > . 0:0 ack 11\n".repeat(8)}
+75    > R. 1:1 ack 11
+0     told close timed-out
`,
    { settings: { keepAlive: 100 } },
  );
  script(
    "a question of the peer is answered",
    `${accepted()}
+10    < . 0:0 ack 1 win 65535
+0     > . 1:1 ack 1
`,
  );
});

describe("RFC 7323: timestamps", () => {
  const withTimestamps = `
+0     listen
+0     < S 0:0 win 65535 <mss 1000,TS val 1000 ecr 0>
+0     > S. 0:0 ack 1 <TS val 0 ecr 1000>
+0     < . 1:1 ack 1 win 65535 <TS val 1000 ecr 0>
`;
  script(
    "5.3, PAWS: an older timestamp is not acceptable, and is acknowledged",
    `${withTimestamps}
+0     < P. 1:11 ack 1 win 65535 <TS val 1010 ecr 0>
+0     > . 1:1 ack 11 <TS val 0 ecr 1010>
+0     told data 10
+0     < P. 11:21 ack 1 win 65535 <TS val 1009 ecr 0>
+0     > . 1:1 ack 11 <TS val 0 ecr 1010>
+0     < P. 11:21 ack 1 win 65535 <TS val 1010 ecr 0>
+0     > . 1:1 ack 21 <TS val 0 ecr 1010>
+0     told data 10
`,
  );
  script(
    "3.2: a segment without timestamps is dropped once they are agreed on",
    `${withTimestamps}
+0     < P. 1:11 ack 1 win 65535
+1     > nothing
`,
  );
  script(
    "4.3: the echo is that of the segment that advanced the window, not of a later one",
    `${withTimestamps}
+0     < P. 11:21 ack 1 win 65535 <TS val 1020 ecr 0>
+0     > . 1:1 ack 1 <TS val 0 ecr 1000>
+0     < P. 1:11 ack 1 win 65535 <TS val 1010 ecr 0>
+0     > . 1:1 ack 21 <TS val 0 ecr 1010>
+0     told data 10
+0     told data 10
`,
  );
  script(
    "RFC 6691, section 2: timestamps come off the segment size",
    `${withTimestamps}
+0     write 1000
+0     > . 1:989 ack 1
+0     > P. 989:1001 ack 1
+0     < . 1:1 ack 1001 win 65535 <TS val 1001 ecr 0>
`,
  );
});

describe("RFC 5961: blind attacks", () => {
  script(
    "3.2: a reset with the exact number is believed",
    `${accepted()}
+0     < R 1:1 win 0
+0     told close reset
+0     connections 0
`,
  );
  script(
    "3.2: a reset elsewhere in the window is challenged, outside of it dropped",
    `${accepted()}
+0     < R 2:2 win 0
+0     > . 1:1 ack 1
+0     < R 70000:70000 win 0
+1     > nothing
`,
  );
  script(
    "4.2: a SYN is challenged",
    `${accepted()}
+0     < S 1:1 win 65535 <mss 1000>
+0     > . 1:1 ack 1
+0     < S 500:500 win 65535 <mss 1000>
+0     > . 1:1 ack 1
`,
  );
  script(
    "5.2: an acknowledgment of what was never sent, or is too old, is challenged, and its data dropped",
    `${accepted()}
+0     < P. 1:11 ack 2 win 65535
+0     > . 1:1 ack 1
+0     write 10
+0     > P. 1:11 ack 1
+0     < P. 1:11 ack 12 win 65535
+0     > . 11:11 ack 1
+0     < . 1:1 ack 11 win 65535
`,
  );
  script(
    "section 7: challenges have a limit",
    `${accepted()}
+0     < R 2:2 win 0
+0     > . 1:1 ack 1
+0     < R 2:2 win 0
+0     > . 1:1 ack 1
+0     < R 2:2 win 0
+0     > nothing
+1     < R 2:2 win 0
+0     > . 1:1 ack 1
`,
    { settings: { errorRate: 2 } },
  );
});

describe("RFC 1191, RFC 5927: what ICMP says", () => {
  script(
    "a smaller MTU is believed for what is under way, and what was too large is sent again",
    `${accepted()}
+0     write 2000
+0     > . 1:1001 ack 1
+0     > P. 1001:2001 ack 1
+0     < icmp 3 4 600 about 1
+0     > . 1:561 ack 1
+0     > . 561:1121 ack 1
+0     > . 1121:1681 ack 1
+0     > P. 1681:2001 ack 1
+0     < . 1:1 ack 2001 win 65535
`,
  );
  script(
    "RFC 5927, 4.1: numbers that are not under way are not believed; 7: nor is an MTU below the minimum",
    `${accepted()}
+0     write 1000
+0     > P. 1:1001 ack 1
+0     < icmp 3 4 600 about 2000
+0     > nothing
+0     < icmp 3 4 100 about 1
+0     > . 1:537 ack 1
+0     > P. 537:1001 ack 1
+0     < . 1:1 ack 1001 win 65535
`,
  );
  script(
    "RFC 9293, 3.9.2.2: a hard error refuses a connection that is not open",
    `
+0     connect
+0     > S 0:0
+0     < icmp 3 3 0 about 0
+0     told close refused
`,
  );
  script(
    "RFC 9293, 3.9.2.2 (MUST-56): a soft error does not, but is what is told in the end",
    `
+0     connect
+0     > S 0:0
+0     < icmp 3 1 0 about 0
+1     > S 0:0
+3     told close unreachable
`,
    { settings: { synRetries: 1 } },
  );
  script(
    "RFC 5927, 5.2: a hard error does not end an open connection",
    `${accepted()}
+0     write 10
+0     > P. 1:11 ack 1
+0     < icmp 3 3 0 about 1
+0     < . 1:1 ack 11 win 65535
`,
  );
});

describe("RFC 8200, RFC 8201: the same over IPv6", () => {
  const family = 6;
  script(
    "RFC 9293, 3.7.1: the segment size is the link's less 60, and 1220 for a peer that names none",
    `
+0     listen
+0     < S 0:0 win 65535
+0     > S. 0:0 ack 1 <mss 1440>
+0     < . 1:1 ack 1 win 65535
+0     write 2000
+0     > . 1:1221 ack 1
+0     > P. 1221:2001 ack 1
`,
    { family },
  );
  script(
    "RFC 8201, 4: a packet that is too big is believed for what is under way, and what was too large is sent again",
    `${accepted("mss 1440")}
+0     write 2880
+0     > . 1:1441 ack 1
+0     > P. 1441:2881 ack 1
+0     < icmp 2 0 1400 about 1
+0     > . 1:1341 ack 1
+0     > . 1341:2681 ack 1
+0     > P. 2681:2881 ack 1
+0     < . 1:1 ack 2881 win 65535
`,
    { family },
  );
  script(
    "RFC 5927, 4.1: numbers that are not under way are not believed; RFC 8201, 4: no path takes less than 1280",
    `${accepted("mss 1440")}
+0     write 1440
+0     > P. 1:1441 ack 1
+0     < icmp 2 0 1300 about 2000
+0     > nothing
+0     < icmp 2 0 500 about 1
+0     > . 1:1221 ack 1
+0     > P. 1221:1441 ack 1
+0     < . 1:1 ack 1441 win 65535
`,
    { family },
  );
  script(
    "RFC 9293, 3.9.2.2; RFC 5461: a closed port refuses a connection that is not open",
    `
+0     connect
+0     > S 0:0
+0     < icmp 1 4 0 about 0
+0     told close refused
`,
    { family },
  );
  script(
    "RFC 9293, 3.9.2.2 (MUST-56): that there is no route does not, but is what is told in the end",
    `
+0     connect
+0     > S 0:0
+0     < icmp 1 0 0 about 0
+1     > S 0:0
+3     told close unreachable
`,
    { family, settings: { synRetries: 1 } },
  );
});
