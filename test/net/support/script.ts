/**
 * Scripted segments against one stack, in the manner of packetdrill. Each line is an event that is brought about, or
 * something that is expected; times are seconds after the line before. Numbers of both sides count from their initial
 * sequence numbers, and timestamps of the stack from its first one.
 *
 *     +0    listen                              the application listens at port 80
 *     +0    connect                             the application connects to port 80 of the peer
 *     +0    < S 0:0 win 65535 <mss 1460>        the peer sends a segment
 *     +0    > S. 0:0 ack 1 <mss 1460>           the stack sends a segment at this time; what is not named is not compared
 *     +1    > nothing                           … and nothing else until now
 *     +0    write 1000 = 1000                   the application writes, and so many octets are taken
 *     +0    write 10; close                     … in one event
 *     +0    told data 1000                      the application was told
 */
import { addressText } from "./address.ts";
import {
  arp,
  ethernet,
  icmp,
  icmpv6,
  ipv4,
  ipv6,
  neighbour,
  type Packet6,
  readEthernet,
  readIcmpv6,
  readIpv4,
  readIpv6,
  readTcp,
  type TcpOptions,
  type TcpSegment,
  tcp,
} from "./frame.ts";
import { type Connection, Stack } from "./stack.ts";
import { streamPart } from "./stream.ts";
import type { WasmModule } from "./webassembly.ts";

/** Our address and the peer's, of each family. */
const addresses = { 4: ["10.0.0.1", "10.0.0.2"], 6: ["fd00::1", "fd00::2"] } as const;
const ourHardware = 0x020000000001n;
const peerHardware = 0x020000000002n;
/** Where the peer's numbers begin: they wrap within the first kilobytes. */
const peerIss = 0xfffff000;
const tolerance = 2e6;

interface Sent {
  readonly at: number;
  readonly segment: TcpSegment;
  readonly text: string;
}

export interface ScriptOptions {
  readonly settings?: Readonly<Record<string, number | boolean>>;
  readonly mtu?: number;
  /** 4 when absent. */
  readonly family?: 4 | 6;
  readonly seed?: number;
  /** Whether the peer's SYN may be refused by the application. */
  readonly refuse?: boolean;
}

/** Runs a script; throws with the line and what was seen instead. */
export function runScript(module: WasmModule, text: string, options: ScriptOptions = {}): Run {
  const run = new Run(module, options);
  text.split("\n").forEach((raw, index) => {
    const line = raw.replace(/\/\/.*/, "").trim();
    if (line === "") return;
    try {
      run.line(line);
    } catch (error) {
      throw new Error(`line ${index + 1}: ${line}\n${(error as Error).message}\n${run.history()}`);
    }
  });
  return run;
}

export class Run {
  readonly stack: Stack;
  now = 1e9;
  private readonly sent: Sent[] = [];
  private readonly told: string[] = [];
  private readonly trace: string[] = [];
  private connection: Connection | null = null;
  private iss: number | null = null;
  private firstTimestamp: number | null = null;
  private ourPort = 80;
  private peerPort = 5000;
  private written = 0;

  constructor(module: WasmModule, options: ScriptOptions) {
    this.stack = new Stack(module, {
      address: `${addresses[4][0]}/24`,
      ...(options.family === 6 && { address6: `${addresses[6][0]}/64` }),
      hardware: ourHardware,
      seed: options.seed ?? 1,
      now: this.now,
      ...(options.mtu === undefined ? {} : { mtu: options.mtu }),
      settings: { duplicateChecks: 0, ...options.settings },
    });
    this.stack.transmit = (frame) => this.onFrame(frame);
    this.refuse = options.refuse ?? false;
    this.family = options.family ?? 4;
    [this.us, this.peer] = addresses[this.family];
    this.stack.begin();
  }

  private readonly refuse: boolean;
  private readonly family: 4 | 6;
  private readonly us: string;
  private readonly peer: string;

  line(line: string): void {
    const match = /^\+([\d.]+)\s+(.*)$/.exec(line);
    if (match === null) throw new Error("a line begins with +TIME");
    this.advance(this.now + Math.round(Number(match[1]) * 1e9));
    this.trace.push(`${(this.now / 1e9 - 1).toFixed(4)}  ${match[2]}`);
    const actions = match[2]!.split(";");
    if (actions.length === 1) this.act(actions[0]!.trim());
    else {
      this.stack.event(() => {
        for (const action of actions) this.act(action.trim());
      });
    }
  }

  history(): string {
    return `what happened:\n${this.trace.join("\n")}`;
  }

  /** No segment and nothing told is left that was not expected. */
  end(): void {
    this.expectNothing();
    if (this.told.length > 0) throw new Error(`told: ${this.told.join(", ")}\n${this.history()}`);
  }

  private act(action: string): void {
    const [word = "", ...rest] = action.split(/\s+/);
    const handler = {
      onOpen: () => this.told.push("open"),
      onData: (data: Uint8Array) => this.told.push(`data ${data.length}`),
      onWritable: () => this.told.push("writable"),
      onEnd: () => this.told.push("end"),
      onClose: (reason: number) => {
        this.told.push(
          `close ${["closed", "reset", "refused", "unreachable", "timed-out"][reason]}`,
        );
      },
    };
    switch (word) {
      case "<":
        this.inject(rest.join(" "));
        return;
      case ">":
        if (rest[0] === "nothing") this.expectNothing();
        else this.expect(rest.join(" "));
        return;
      case "listen":
        this.stack.listen(80, (connection) => {
          if (this.refuse) return null;
          this.connection = connection;
          return handler;
        });
        return;
      case "connect":
        this.connection = this.stack.connect(this.peer, 80, handler);
        this.peerPort = 80;
        if (this.connection !== null) this.ourPort = this.connection.localPort;
        return;
      case "write": {
        const size = Number(rest[0]);
        const data = new Uint8Array(size);
        for (let at = 0; at < size; at += 32768) {
          data.set(streamPart(this.written + at, Math.min(32768, size - at)), at);
        }
        const taken = this.connection!.write(data);
        this.written += taken;
        if (rest[1] === "=" && taken !== Number(rest[2])) throw new Error(`taken: ${taken}`);
        return;
      }
      case "shutdown":
      case "close":
      case "abort":
      case "pause":
      case "resume":
        this.connection![word]();
        return;
      case "told": {
        const expected = rest.join(" ");
        const found = this.told.shift();
        if (found !== expected) throw new Error(`told: ${found ?? "nothing"}`);
        return;
      }
      case "connections":
        if (this.stack.connections !== Number(rest[0]))
          throw new Error(`there are ${this.stack.connections}`);
        return;
      case "buffers":
        if (this.stack.buffers !== Number(rest[0]))
          throw new Error(`there are ${this.stack.buffers}`);
        return;
      default:
        throw new Error(`unknown action ${word}`);
    }
  }

  private inject(text: string): void {
    const error = /^icmp (\d+) (\d+) (\d+) about (\d+)$/.exec(text);
    if (error !== null) {
      const [type, code, rest, about] = error.slice(1).map(Number) as [
        number,
        number,
        number,
        number,
      ];
      const quoted = tcp(this.us, this.peer, {
        sourcePort: this.ourPort,
        destinationPort: this.peerPort,
        sequence: this.iss! + about,
        acknowledgment: 0,
        flags: ".",
        window: 0,
        options: {},
        data: new Uint8Array(0),
      });
      const [source, destination] = [this.us, this.peer];
      if (this.family === 6) {
        const packet = ipv6({ source, destination, nextHeader: 6, payload: quoted });
        this.deliver(58, icmpv6(destination, source, type, code, rest, packet));
      } else {
        const packet = ipv4({ source, destination, protocol: 6, payload: quoted });
        this.deliver(1, icmp(type, code, rest, packet.subarray(0, 28)));
      }
      return;
    }
    const segment = this.parse(text, peerIss, this.iss ?? 0, true);
    this.deliver(6, tcp(this.peer, this.us, segment));
  }

  private deliver(protocol: number, payload: Uint8Array): void {
    const [source, destination] = [this.peer, this.us];
    const bytes =
      this.family === 6
        ? ipv6({ source, destination, nextHeader: protocol, payload })
        : ipv4({ source, destination, protocol, payload });
    const type = this.family === 6 ? 0x86dd : 0x0800;
    this.stack.deliver(ethernet(ourHardware, peerHardware, type, bytes));
  }

  private expect(text: string): void {
    const found = this.sent.shift();
    if (found === undefined) throw new Error("nothing was sent");
    if (Math.abs(found.at - this.now) > tolerance) {
      throw new Error(`sent ${(found.at - this.now) / 1e6} ms from now: ${found.text}`);
    }
    const expected = this.parse(text, this.iss!, peerIss, false);
    const segment = found.segment;
    const named: [string, unknown, unknown][] = [
      ["flags", expected.flags, segment.flags],
      ["sequence", expected.sequence >>> 0, segment.sequence],
      ["length", expected.data.length, segment.data.length],
    ];
    if (/ ack /.test(` ${text}`))
      named.push(["ack", expected.acknowledgment >>> 0, segment.acknowledgment]);
    if (/ win /.test(text)) named.push(["window", expected.window, segment.window]);
    const { sack, timestamps, ...plain } = expected.options;
    for (const [name, value] of Object.entries(plain)) {
      named.push([name, value, segment.options[name as keyof TcpOptions]]);
    }
    if (sack !== undefined) {
      const wanted = sack.map((block) => block.map((edge) => edge >>> 0));
      named.push(["sack", JSON.stringify(wanted), JSON.stringify(segment.options.sack)]);
    }
    if (timestamps !== undefined)
      named.push(["ecr", timestamps[1], segment.options.timestamps?.[1]]);
    if (/<no options>/.test(text)) named.push(["options", "{}", JSON.stringify(segment.options)]);
    for (const [name, wanted, got] of named) {
      if (wanted !== got) throw new Error(`${name} is ${got}, not ${wanted}: ${found.text}`);
    }
  }

  private expectNothing(): void {
    const found = this.sent[0];
    if (found !== undefined) throw new Error(`sent at ${found.at / 1e9 - 1}: ${found.text}`);
  }

  /** `FLAGS first:last [ack N] [win N] [<options>]`, numbers relative to the two origins. */
  private parse(text: string, origin: number, otherOrigin: number, ours: boolean): TcpSegment {
    const match = /^([FSRP.U-]+) (\d+):(\d+)(?: ack (\d+))?(?: win (\d+))?\s*(?:<(.*)>)?$/.exec(
      text,
    );
    if (match === null) throw new Error("not a segment");
    const [, flags, first, last, ack, win, list] = match;
    const length = Number(last) - Number(first);
    const options: { -readonly [K in keyof TcpOptions]: TcpOptions[K] } = {};
    const blocks: [number, number][] = [];
    for (const item of list === undefined || list === "no options" ? [] : list.split(/,\s*/)) {
      const [name, a, b, c] = item.trim().split(/\s+/);
      if (name === "mss") options.mss = Number(a);
      else if (name === "wscale") options.wscale = Number(a);
      else if (name === "sackOK") options.sackOK = true;
      else if (name === "TS") {
        // TS val N ecr N
        const base = this.firstTimestamp ?? 0;
        options.timestamps = ours
          ? [Number(b), (base + Number(item.trim().split(/\s+/)[4])) >>> 0]
          : [Number(b), Number(item.trim().split(/\s+/)[4])];
      } else if (name === "sack") {
        const edges = [a, b, c].filter((edge) => edge !== undefined);
        for (const edge of edges) {
          const [left, right] = edge.split(":").map(Number) as [number, number];
          blocks.push([otherOrigin + left, otherOrigin + right]);
        }
      } else throw new Error(`unknown option ${item}`);
    }
    if (blocks.length > 0) options.sack = blocks;
    return {
      sourcePort: this.peerPort,
      destinationPort: this.ourPort,
      sequence: origin + Number(first),
      acknowledgment: ack === undefined ? 0 : otherOrigin + Number(ack),
      flags: [..."FSRP.U"].filter((flag) => flags!.includes(flag)).join(""),
      window: Number(win ?? 65535),
      options,
      data: ours ? streamPart(0, Math.min(length, 32768)) : new Uint8Array(length),
    };
  }

  private onFrame(frame: Uint8Array): boolean {
    const { type, payload, from } = readEthernet(frame);
    if (type === 0x0806) {
      const target = payload.subarray(24, 28).join(".");
      if (payload.readUInt16BE(6) === 1 && target === addresses[4][1]) {
        const answer = arp(2, peerHardware, target, from, addresses[4][0]);
        this.replies.push(ethernet(from, peerHardware, 0x0806, answer));
      }
      return true;
    }
    if ((type === 0x86dd) !== (this.family === 6)) return true;
    const packet = type === 0x86dd ? readIpv6(payload) : readIpv4(payload);
    if ("nextHeader" in packet && packet.nextHeader === 58) this.onIcmpv6(packet);
    if (("nextHeader" in packet ? packet.nextHeader : packet.protocol) !== 6) return true;
    const segment = readTcp(packet);
    if (segment.flags.includes("S") && this.iss === null) this.iss = segment.sequence;
    if (segment.options.timestamps !== undefined)
      this.firstTimestamp ??= segment.options.timestamps[0];
    const origin = this.iss ?? 0;
    const first = (segment.sequence - origin) >>> 0;
    const ack = segment.flags.includes(".")
      ? ` ack ${(segment.acknowledgment - peerIss) >>> 0}`
      : "";
    const sack = segment.options.sack?.map((block) =>
      block.map((edge) => (edge - peerIss) >>> 0).join(":"),
    );
    const options = JSON.stringify({ ...segment.options, ...(sack && { sack }) });
    const text = `${segment.flags} ${first}:${first + segment.data.length}${ack} win ${segment.window} ${options}`;
    this.trace.push(`${(this.now / 1e9 - 1).toFixed(4)}      sent ${text}`);
    this.sent.push({ at: this.now, segment, text });
    return true;
  }

  /** The peer says where it is, when it is asked. */
  private onIcmpv6(packet: Packet6): void {
    const { type, data } = readIcmpv6(packet);
    if (type !== 135 || addressText(data.subarray(0, 16)) !== this.peer) return;
    const body = neighbour(this.peer, 2, peerHardware);
    const answer = icmpv6(this.peer, packet.source, 136, 0, 0x60000000, body);
    const bytes = ipv6({
      source: this.peer,
      destination: packet.source,
      nextHeader: 58,
      hopLimit: 255,
      payload: answer,
    });
    this.replies.push(ethernet(ourHardware, peerHardware, 0x86dd, bytes));
  }

  private readonly replies: Uint8Array[] = [];

  private advance(until: number): void {
    this.answer();
    while (this.stack.deadline <= until) {
      this.now = Math.max(this.now, this.stack.deadline);
      this.stack.advance(this.now);
      this.answer();
    }
    this.now = until;
    this.stack.setTime(until);
  }

  private answer(): void {
    for (let frame = this.replies.shift(); frame !== undefined; frame = this.replies.shift()) {
      this.stack.deliver(frame);
    }
  }
}
