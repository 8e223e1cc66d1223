import { port, timeout, tries } from "config";
import {
  addressOf,
  HEADER,
  IN,
  lowerCase,
  OPT_LENGTH,
  put16,
  putHeader,
  putOpt,
  RECURSION_DESIRED,
} from "dns-wire";
import { next32 } from "random";
import * as timer from "timer";
import * as udp from "udp";
import { Answer, FAILED } from "./answer";
import { Asked } from "./asked";
import { keep } from "./cache";
import { CUT_OFF, FOREIGN, Reply, USEFUL } from "./reply";
import { isSame, servers } from "./servers";
import { Stream } from "./stream";

/** One question, asked until there is an answer: of every server in turn, round after round. */
export class Question implements udp.Handler, timer.Handler {
  /** The message, and the part of it that must come back. */
  private readonly message: Uint8Array;
  private readonly question: Uint8Array;
  private id: u32 = 0;
  private attempt: i32 = 0;
  private socket: udp.Socket | null = null;
  private stream: Stream | null = null;
  private alarm: timer.Timer | null = null;
  private done: bool = false;

  constructor(
    name: Uint8Array,
    type: u16,
    private readonly key: string,
    private readonly asked: Asked,
  ) {
    const length = name.length + 4;
    const message = new Uint8Array(HEADER + length + OPT_LENGTH);
    message.set(name, HEADER);
    put16(addressOf(message) + HEADER + name.length, type);
    put16(addressOf(message) + HEADER + name.length + 2, IN);
    putOpt(addressOf(message) + HEADER + length, PAYLOAD, 0, false);
    this.message = message;
    this.question = message.subarray(HEADER, HEADER + length);
  }

  /** Asks the next server. */
  ask(): void {
    this.leave();
    if (servers.length == 0 || this.attempt >= tries * servers.length) {
      this.finish(new Answer(FAILED, ""));
      return;
    }
    const round = this.attempt / servers.length;
    // RFC 5452, 9: another port, id and spelling for every try.
    this.spell();
    this.alarm = timer.after((<u64>timeout * MILLISECOND) << (<u64>min(round, 6)), this);
    const socket = udp.bind(0, this);
    this.socket = socket;
    // Without a socket, as after one that is lost: the alarm goes on to the next server.
    if (socket !== null) socket.send(this.server, port, this.message);
  }

  onDatagram(socket: udp.Socket, address: Uint8Array, from: u16, data: Uint8Array): void {
    if (this.done || from != port || !isSame(address, this.server)) return;
    this.judge(reply.read(addressOf(data), data.length, this.id, this.question), false);
  }

  /** A message came over TCP. */
  onMessage(at: usize, length: i32): void {
    if (!this.done) this.judge(reply.read(at, length, this.id, this.question), true);
  }

  /** The stream is of no use. */
  onStreamLost(): void {
    if (!this.done) this.tryNext();
  }

  onTimer(expired: timer.Timer): void {
    if (!this.done) this.tryNext();
  }

  private get server(): Uint8Array {
    return servers[this.attempt % servers.length];
  }

  private judge(verdict: i32, overTcp: bool): void {
    // RFC 5452, 9.2: what is not ours is dropped, and the true answer waited for.
    if (verdict == FOREIGN && !overTcp) return;
    if (verdict == USEFUL) {
      const answer = reply.answer!;
      keep(this.key, answer);
      this.finish(answer);
    } else if (verdict == CUT_OFF && !overTcp) {
      // RFC 7766, 5
      this.stream = Stream.open(this.server, port, this.message, this);
      if (this.stream === null) this.tryNext();
    } else {
      this.tryNext();
    }
  }

  private tryNext(): void {
    this.attempt++;
    this.ask();
  }

  private finish(answer: Answer): void {
    this.done = true;
    this.leave();
    this.asked.tell(answer);
  }

  /** Lets go of everything of the last try. */
  private leave(): void {
    const alarm = this.alarm;
    if (alarm !== null) alarm.cancel();
    const socket = this.socket;
    if (socket !== null) socket.close();
    const stream = this.stream;
    if (stream !== null) stream.close();
    this.alarm = null;
    this.socket = null;
    this.stream = null;
  }

  /** Draws an id, and a case for every letter (draft-vixie-dnsext-dns0x20). */
  private spell(): void {
    const drawn = next32();
    this.id = drawn & 0xffff;
    putHeader(addressOf(this.message), this.id, RECURSION_DESIRED, 1);
    put16(addressOf(this.message) + 10, 1);
    let bits: u32 = 0;
    let left = 0;
    for (let index = 0; index < this.question.length - 4; index++) {
      const octet = lowerCase(this.question[index]);
      if (octet - 0x61 >= 26) continue;
      if (left == 0) {
        bits = next32();
        left = 32;
      }
      this.question[index] = <u8>(octet & ~((bits & 1) << 5));
      bits >>= 1;
      left--;
    }
  }
}

const reply: Reply = new Reply();
const MILLISECOND: u64 = 1000000;

/** What fits everywhere without fragments. */
const PAYLOAD: i32 = 1232;
