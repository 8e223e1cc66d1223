import { beforeAll, describe, test } from "vitest";
import { stackModule } from "./support/build.ts";
import { runScript, type ScriptOptions } from "./support/script.ts";
import type { WasmModule } from "./support/webassembly.ts";

/**
 * Every state and event of RFC 9293, section 3.10. A row says what an event does in each state: lines of a script, in
 * which `NXT` is SND.NXT and `RCV` is RCV.NXT of the state. What is sent or told and not named fails the test.
 */

let module: WasmModule;
beforeAll(async () => {
  module = await stackModule();
});

const established = `
+0 listen
+0 < S 0:0 win 65535 <mss 1000>
+0 > S. 0:0 ack 1
+0 < . 1:1 ack 1 win 65535`;
const finWait1 = `${established}
+0 shutdown
+0 > F. 1:1 ack 1`;
const finWait2 = `${finWait1}
+0 < . 1:1 ack 2 win 65535`;
const closeWait = `${established}
+0 < F. 1:1 ack 1 win 65535
+0 > . 1:1 ack 2
+0 told end`;

/** How each state is reached, and SND.NXT and RCV.NXT there. */
const states = {
  CLOSED: { reach: "", next: 0, receive: 0 },
  LISTEN: { reach: "+0 listen", next: 0, receive: 0 },
  "SYN-SENT": { reach: "+0 connect\n+0 > S 0:0", next: 1, receive: 0 },
  "SYN-RECEIVED": {
    reach: "+0 listen\n+0 < S 0:0 win 65535 <mss 1000>\n+0 > S. 0:0 ack 1",
    next: 1,
    receive: 1,
  },
  "SYN-RECEIVED, active": {
    reach: "+0 connect\n+0 > S 0:0\n+0 < S 0:0 win 65535 <mss 1000>\n+0 > S. 0:0 ack 1",
    next: 1,
    receive: 1,
  },
  ESTABLISHED: { reach: established, next: 1, receive: 1 },
  "FIN-WAIT-1": { reach: finWait1, next: 2, receive: 1 },
  "FIN-WAIT-2": { reach: finWait2, next: 2, receive: 1 },
  "CLOSE-WAIT": { reach: closeWait, next: 1, receive: 2 },
  CLOSING: {
    reach: `${finWait1}\n+0 < F. 1:1 ack 1 win 65535\n+0 > . 2:2 ack 2\n+0 told end`,
    next: 2,
    receive: 2,
  },
  "LAST-ACK": { reach: `${closeWait}\n+0 shutdown\n+0 > F. 1:1 ack 2`, next: 2, receive: 2 },
  "TIME-WAIT": {
    reach: `${finWait2}\n+0 < F. 1:1 ack 2 win 65535\n+0 > . 2:2 ack 2\n+0 told end\n+0 told close closed`,
    next: 2,
    receive: 2,
  },
} as const;

type State = keyof typeof states;

interface Event {
  readonly event: string;
  /** The paragraph, of RFC 9293 unless another is named. */
  readonly cites: string;
  readonly script: string;
  readonly in: Partial<Record<State, string>>;
}

const challenge = "+0 > . NXT:NXT ack RCV";
const nothing = "+0 > nothing";
const gone = "+0 connections 0";

const events: readonly Event[] = [
  {
    event: "a reset with the expected number",
    cites: "3.10.7.1, 3.10.7.2 first, 3.10.7.3 second, 3.10.7.4 second; RFC 5961, 3.2; RFC 1337",
    script: "+0 < R RCV:RCV win 0",
    in: {
      CLOSED: nothing,
      LISTEN: nothing,
      // Without an acknowledgment it is blind: "Otherwise (no ACK), drop the segment and return."
      "SYN-SENT": `${nothing}\n+0 connections 1`,
      "SYN-RECEIVED": gone,
      "SYN-RECEIVED, active": `+0 told close refused\n${gone}`,
      ESTABLISHED: `+0 told close reset\n${gone}`,
      "FIN-WAIT-1": `+0 told close reset\n${gone}`,
      "FIN-WAIT-2": `+0 told close reset\n${gone}`,
      "CLOSE-WAIT": `+0 told close reset\n${gone}`,
      CLOSING: `+0 told close closed\n${gone}`,
      "LAST-ACK": `+0 told close closed\n${gone}`,
      "TIME-WAIT": `${nothing}\n+0 connections 1`,
    },
  },
  {
    event: "a reset elsewhere in the window",
    cites: "3.10.7.4 second, 2; RFC 5961, 3.2",
    script: "+0 < R 50:50 win 0",
    in: {
      "SYN-RECEIVED": challenge,
      "SYN-RECEIVED, active": challenge,
      ESTABLISHED: challenge,
      "FIN-WAIT-1": challenge,
      "FIN-WAIT-2": challenge,
      "CLOSE-WAIT": challenge,
      CLOSING: challenge,
      "LAST-ACK": challenge,
      "TIME-WAIT": challenge,
    },
  },
  {
    event: "a SYN in the window",
    cites: "3.10.7.4 fourth; RFC 5961, 4.2; in TIME-WAIT 3.10.7.4 first and RFC 6191",
    script: "+0 < S 50:50 win 65535 <mss 1000>",
    in: {
      CLOSED: "+0 > R. RST:RST",
      "SYN-RECEIVED": challenge,
      "SYN-RECEIVED, active": challenge,
      ESTABLISHED: challenge,
      "FIN-WAIT-1": challenge,
      "FIN-WAIT-2": challenge,
      "CLOSE-WAIT": challenge,
      CLOSING: challenge,
      "LAST-ACK": challenge,
      "TIME-WAIT": "+0 > S. 0:0 ack 51\n+0 connections 1",
    },
  },
  {
    event: "a segment without ACK, SYN or RST",
    cites: "3.10.7.2 fourth, 3.10.7.3 fifth, 3.10.7.4 fifth: dropped",
    script: "+0 < P RCV:END win 65535",
    in: {
      LISTEN: nothing,
      "SYN-SENT": nothing,
      "SYN-RECEIVED": nothing,
      "SYN-RECEIVED, active": nothing,
      ESTABLISHED: nothing,
      "FIN-WAIT-1": nothing,
      "FIN-WAIT-2": nothing,
      "CLOSE-WAIT": nothing,
      CLOSING: nothing,
      "LAST-ACK": nothing,
      "TIME-WAIT": nothing,
    },
  },
  {
    event: "an acknowledgment of what was never sent",
    cites: "3.10.7.1, 3.10.7.2 second, 3.10.7.3 first, 3.10.7.4 fifth; RFC 5961, 5.2",
    script: "+0 < . RCV:RCV ack 1000 win 65535",
    in: {
      "SYN-SENT": "+0 > R 1000:1000\n+0 connections 1",
      "SYN-RECEIVED": "+0 > R 1000:1000\n+0 connections 1",
      "SYN-RECEIVED, active": "+0 > R 1000:1000\n+0 connections 1",
      ESTABLISHED: challenge,
      "FIN-WAIT-1": challenge,
      "FIN-WAIT-2": challenge,
      "CLOSE-WAIT": challenge,
      CLOSING: challenge,
      "LAST-ACK": challenge,
      "TIME-WAIT": challenge,
    },
  },
  {
    event: "an acknowledgment of all that was sent",
    cites: "3.10.7.4 fifth, by state",
    script: "+0 < . RCV:RCV ack NXT win 65535",
    in: {
      "SYN-RECEIVED": "+0 connections 1\n+0 write 10\n+0 > P. 1:11 ack 1",
      "SYN-RECEIVED, active": "+0 told open\n+0 write 10\n+0 > P. 1:11 ack 1",
      ESTABLISHED: `${nothing}\n+0 connections 1`,
      // "enter FIN-WAIT-2": a FIN ends it.
      "FIN-WAIT-1":
        "+0 < F. 1:1 ack 2 win 65535\n+0 > . 2:2 ack 2\n+0 told end\n+0 told close closed",
      "FIN-WAIT-2": `${nothing}\n+0 connections 1`,
      "CLOSE-WAIT": `${nothing}\n+0 connections 1`,
      CLOSING: "+0 told close closed\n+0 connections 1\n+61 connections 0",
      "LAST-ACK": `+0 told close closed\n${gone}`,
      "TIME-WAIT": `${nothing}\n+0 connections 1`,
    },
  },
  {
    event: "text in order",
    cites:
      "3.10.7.4 seventh: taken in ESTABLISHED, FIN-WAIT-1 and FIN-WAIT-2, ignored after the peer's FIN",
    script: "+0 < P. RCV:END ack NXT win 65535",
    in: {
      "SYN-RECEIVED": "+0 told data 10\n+0 > . 1:1 ack 11",
      "SYN-RECEIVED, active": "+0 told open\n+0 told data 10\n+0 > . 1:1 ack 11",
      ESTABLISHED: "+0 told data 10\n+0 > . 1:1 ack 11",
      "FIN-WAIT-1": "+0 told data 10\n+0 > . 2:2 ack 11",
      "FIN-WAIT-2": "+0 told data 10\n+0 > . 2:2 ack 11",
      "CLOSE-WAIT": challenge,
      CLOSING: `${challenge}\n+0 told close closed`,
      "LAST-ACK": `+0 told close closed\n${gone}`,
      "TIME-WAIT": challenge,
    },
  },
  {
    event: "text outside of the window",
    cites: "3.10.7.4 first: acknowledged and dropped",
    script: "+0 < P. 100000:100010 ack NXT win 65535",
    in: {
      "SYN-RECEIVED": challenge,
      "SYN-RECEIVED, active": challenge,
      ESTABLISHED: challenge,
      "FIN-WAIT-1": challenge,
      "FIN-WAIT-2": challenge,
      "CLOSE-WAIT": challenge,
      CLOSING: challenge,
      "LAST-ACK": challenge,
      "TIME-WAIT": challenge,
    },
  },
  {
    event: "a FIN",
    cites: "3.10.7.4 eighth, by state; a FIN in CLOSED, LISTEN and SYN-SENT is dropped",
    script: "+0 < F. RCV:RCV ack UNA win 65535",
    in: {
      CLOSED: "+0 > R 0:0",
      LISTEN: "+0 > R 0:0",
      "SYN-RECEIVED": "+0 told end\n+0 > . 1:1 ack 2\n+0 connections 1",
      "SYN-RECEIVED, active": "+0 told open\n+0 told end\n+0 > . 1:1 ack 2\n+0 connections 1",
      ESTABLISHED: "+0 told end\n+0 > . 1:1 ack 2\n+0 connections 1",
      // "Otherwise, enter the CLOSING state": an acknowledgment is still missing.
      "FIN-WAIT-1":
        "+0 told end\n+0 > . 2:2 ack 2\n+0 < . 2:2 ack 2 win 65535\n+0 told close closed",
      "FIN-WAIT-2": "+0 told end\n+0 told close closed\n+0 > . 2:2 ack 2\n+0 connections 1",
      "CLOSE-WAIT": challenge,
      CLOSING: challenge,
      "LAST-ACK": challenge,
      "TIME-WAIT": challenge,
    },
  },
  {
    event: "the user writes",
    cites: "3.10.2 SEND: queued before the connection is open, an error once our side has ended",
    script: "",
    in: {
      "SYN-SENT":
        "+0 write 10 = 10\n+0 < S. 0:0 ack 1 win 65535 <mss 1000>\n+0 told open\n+0 > P. 1:11 ack 1",
      "SYN-RECEIVED, active":
        "+0 write 10 = 10\n+0 < . 1:1 ack 1 win 65535\n+0 told open\n+0 > P. 1:11 ack 1",
      ESTABLISHED: "+0 write 10 = 10\n+0 > P. 1:11 ack 1",
      "CLOSE-WAIT": "+0 write 10 = 10\n+0 > P. 1:11 ack 2",
      "FIN-WAIT-1": `+0 write 10 = 0\n${nothing}`,
      "FIN-WAIT-2": `+0 write 10 = 0\n${nothing}`,
      CLOSING: `+0 write 10 = 0\n${nothing}`,
      "LAST-ACK": `+0 write 10 = 0\n${nothing}`,
    },
  },
  {
    event: "the user ends its side",
    cites: "3.10.4 CLOSE, by state",
    script: "+0 shutdown",
    in: {
      "SYN-SENT": "+0 < S. 0:0 ack 1 win 65535 <mss 1000>\n+0 told open\n+0 > F. 1:1 ack 1",
      "SYN-RECEIVED, active": "+0 < . 1:1 ack 1 win 65535\n+0 told open\n+0 > F. 1:1 ack 1",
      ESTABLISHED: "+0 > F. 1:1 ack 1",
      "CLOSE-WAIT": "+0 > F. 1:1 ack 2",
      "FIN-WAIT-1": nothing,
      "FIN-WAIT-2": nothing,
      CLOSING: nothing,
      "LAST-ACK": nothing,
    },
  },
  {
    event: "the user closes",
    cites: "3.10.4 CLOSE, with the half-duplex close of 3.6.1",
    script: "+0 close",
    in: {
      "SYN-SENT": `+0 told close closed\n${gone}`,
      ESTABLISHED:
        "+0 > F. 1:1 ack 1\n+0 < F. 1:1 ack 2 win 65535\n+0 > . 2:2 ack 2\n+0 told close closed",
      "FIN-WAIT-1": "+0 < F. 1:1 ack 2 win 65535\n+0 > . 2:2 ack 2\n+0 told close closed",
      "FIN-WAIT-2": "+0 < F. 1:1 ack 2 win 65535\n+0 > . 2:2 ack 2\n+0 told close closed",
      "CLOSE-WAIT": `+0 > F. 1:1 ack 2\n+0 < . 2:2 ack 2 win 65535\n+0 told close closed\n${gone}`,
      CLOSING: "+0 < . 2:2 ack 2 win 65535\n+0 told close closed",
      "LAST-ACK": `+0 < . 2:2 ack 2 win 65535\n+0 told close closed\n${gone}`,
    },
  },
  {
    event: "the user aborts",
    cites: "3.10.5 ABORT, by state",
    script: "+0 abort",
    in: {
      "SYN-SENT": `${nothing}\n${gone}`,
      "SYN-RECEIVED, active": `+0 > R. NXT:NXT ack RCV\n${gone}`,
      ESTABLISHED: `+0 > R. NXT:NXT ack RCV\n${gone}`,
      "FIN-WAIT-1": `+0 > R. NXT:NXT ack RCV\n${gone}`,
      "FIN-WAIT-2": `+0 > R. NXT:NXT ack RCV\n${gone}`,
      "CLOSE-WAIT": `+0 > R. NXT:NXT ack RCV\n${gone}`,
      CLOSING: `+0 > R. NXT:NXT ack RCV\n${gone}`,
      "LAST-ACK": `+0 > R. NXT:NXT ack RCV\n${gone}`,
    },
  },
  {
    event: "the retransmission timeout",
    cites: "3.10.8: the segment at the front of the retransmission queue is sent again",
    script: "",
    in: {
      "SYN-SENT": "+1 > S 0:0",
      "SYN-RECEIVED": "+1 > S. 0:0 ack 1",
      "SYN-RECEIVED, active": "+1 > S. 0:0 ack 1",
      ESTABLISHED: "+5 > nothing",
      "FIN-WAIT-1": "+0.2 > F. 1:1 ack 1",
      "FIN-WAIT-2": "+5 > nothing",
      "CLOSE-WAIT": "+5 > nothing",
      CLOSING: "+0.2 > F. 1:1 ack 2",
      "LAST-ACK": "+0.2 > F. 1:1 ack 2",
      "TIME-WAIT": "+5 > nothing",
    },
  },
  {
    event: "the user timeout",
    cites: "3.10.8, with R2 of 3.8.3",
    script: "",
    in: {
      "SYN-SENT": `+1 > S 0:0\n+2 told close timed-out\n${gone}`,
      "FIN-WAIT-1": `+0.2 > F. 1:1 ack 1\n+0.4 told close timed-out\n${gone}`,
      CLOSING: `+0.2 > F. 1:1 ack 2\n+0.4 told close timed-out\n${gone}`,
      "LAST-ACK": `+0.2 > F. 1:1 ack 2\n+0.4 told close timed-out\n${gone}`,
      "TIME-WAIT": `+61 connections 0`,
    },
  },
];

const both = ([4, 6] as const).flatMap((family) => events.map((row) => ({ ...row, family })));

describe.each(both)("$event [$cites], IPv$family", ({ event, script, in: rows, family }) => {
  test.each(Object.entries(rows) as [State, string][])("in %s", (state, expected) => {
    const { reach, next, receive } = states[state];
    const unacknowledged = ["FIN-WAIT-1", "CLOSING", "LAST-ACK"].includes(state) ? next - 1 : next;
    const text = `${reach}\n${script}\n${expected}`
      .replaceAll("NXT", String(next))
      .replaceAll("RCV", String(receive))
      .replaceAll("UNA", String(unacknowledged))
      .replaceAll("RST", "0")
      .replace("END", String(receive + 10));
    const options: ScriptOptions = {
      family,
      ...(event === "the user timeout" && { settings: { synRetries: 1, dataRetries: 1 } }),
    };
    runScript(module, text, options).end();
  });
});
