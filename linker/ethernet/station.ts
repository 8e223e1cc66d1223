import { answerDhcp, clientPort, type DhcpServer, readDhcp, serverPort } from "./dhcp.ts";
import {
  answerArp,
  arpType,
  everyone,
  ipv4Type,
  readArp,
  readFrame,
  view,
  writeArp,
  writeFrame,
} from "./frame.ts";
import {
  icmpProtocol,
  type Packet,
  readDatagram,
  readEcho,
  readPacket,
  udpProtocol,
  writeDatagram,
  writeEcho,
  writePacket,
} from "./packet.ts";
import type { Outlet } from "./switch.ts";

/** The port for datagrams of its own. */
const ownPort = 4000;

/** Hosts that are remembered at most; beyond it all are asked for again. */
const mostNeighbours = 65_536;

/** One question that the station has sent. */
interface Question {
  readonly number: number;
  readonly onAnswer: (data: Uint8Array) => void;
}

/**
 * A switch's own host on its network: it gives machines their addresses by DHCP, answers ARP and ping, and asks
 * machines what a scenario of the simulator has it ask.
 */
export class Station {
  /** The cable for what it sends. */
  out: Outlet | null = null;
  readonly #hardware: number;
  readonly #server: DhcpServer;
  readonly #neighbours = new Map<number, number>();
  /** Packets whose next hop is being asked for. */
  #unsent: Packet[] = [];
  #questions: Question[] = [];
  #count = 0;

  constructor(hardware: number, server: DhcpServer) {
    this.#hardware = hardware;
    this.#server = server;
  }

  /** Sends an echo question; `onAnswer` is called for each answer to it. */
  ping(to: number, onAnswer: () => void): void {
    const number = this.#ask(onAnswer);
    const rest = new Uint8Array(4 + 56).fill(0x61);
    view(rest).setUint32(0, number);
    const payload = writeEcho({ type: 8, rest });
    this.#send({ source: this.#server.address, destination: to, protocol: icmpProtocol, payload });
  }

  /** Sends a datagram; `onAnswer` is given each datagram that comes back from there. */
  datagram(to: number, port: number, data: Uint8Array, onAnswer: (data: Uint8Array) => void): void {
    const sourcePort = ownPort + this.#ask(onAnswer);
    const words = { sourcePort, destinationPort: port, data };
    this.#send(writeDatagram(this.#server.address, to, words));
  }

  receive(bytes: Uint8Array): void {
    const frame = readFrame(bytes);
    if (frame === null || (frame.to !== this.#hardware && frame.to !== everyone)) return;
    if (frame.type === arpType) {
      this.#receiveArp(frame.payload);
    } else if (frame.type === ipv4Type) {
      const packet = readPacket(frame.payload);
      if (packet !== null) this.#receivePacket(packet, frame.from);
    }
  }

  #ask(onAnswer: (data: Uint8Array) => void): number {
    const number = ++this.#count;
    this.#questions.push({ number, onAnswer });
    // The oldest are long past their time.
    if (this.#questions.length > 1000) this.#questions.shift();
    return number;
  }

  #receiveArp(payload: Uint8Array): void {
    const arp = readArp(payload);
    const { address } = this.#server;
    if (arp === null) return;
    if (arp.sender !== 0) this.#hear(arp.sender, arp.senderHardware);
    const known = this.#unsent.filter(({ destination }) => destination === arp.sender);
    this.#unsent = this.#unsent.filter(({ destination }) => destination !== arp.sender);
    for (const packet of known) this.#send(packet);
    if (arp.operation === 1 && arp.target === address && arp.sender !== address) {
      this.out?.send(answerArp(arp, this.#hardware));
    }
  }

  #hear(address: number, hardware: number): void {
    if (this.#neighbours.size >= mostNeighbours) this.#neighbours.clear();
    this.#neighbours.set(address, hardware);
  }

  #receivePacket(packet: Packet, from: number): void {
    const { source, destination, protocol } = packet;
    const { address } = this.#server;
    if (protocol === udpProtocol) {
      const datagram = readDatagram(packet);
      if (datagram === null) return;
      const { sourcePort, destinationPort, data } = datagram;
      if (destinationPort === serverPort && sourcePort === clientPort) this.#answerDhcp(data);
      else if (destination === address) this.#answered(destinationPort - ownPort, data);
    } else if (protocol === icmpProtocol && destination === address) {
      const echo = readEcho(packet.payload);
      if (echo?.type === 0) this.#answered(view(echo.rest).getUint32(0), echo.rest);
      if (echo?.type !== 8) return;
      const payload = writeEcho({ type: 0, rest: echo.rest });
      const answer = { source: address, destination: source, protocol, payload };
      this.#transmit(from, ipv4Type, writePacket(answer));
    }
  }

  #answered(number: number, data: Uint8Array): void {
    for (const question of this.#questions) if (question.number === number) question.onAnswer(data);
  }

  #answerDhcp(message: Uint8Array): void {
    const asked = readDhcp(message);
    const data = asked === null ? null : answerDhcp(this.#server, asked);
    if (data === null) return;
    const words = { sourcePort: serverPort, destinationPort: clientPort, data };
    const packet = writeDatagram(this.#server.address, 0xffffffff, words);
    this.#transmit(everyone, ipv4Type, writePacket(packet));
  }

  #send(packet: Packet): void {
    const to = this.#neighbours.get(packet.destination);
    if (to !== undefined) {
      this.#transmit(to, ipv4Type, writePacket(packet));
      return;
    }
    this.#unsent.push(packet);
    if (this.#unsent.length > 1000) this.#unsent.shift();
    const question = {
      operation: 1,
      senderHardware: this.#hardware,
      sender: this.#server.address,
      targetHardware: 0,
      target: packet.destination,
    };
    this.#transmit(everyone, arpType, writeArp(question));
  }

  #transmit(to: number, type: number, payload: Uint8Array): void {
    this.out?.send(writeFrame({ to, from: this.#hardware, type, payload }));
  }
}
