/**
 * A host of its own on the image's end of the cable, which no other station sees: it answers the image's DHCP where nobody else
 * does, and opens TCP connections to it for the service worker. So the page's requests go through the image's own TCP/IP.
 */

import { dotted } from "../../../../../linker/ethernet/address.ts";
import {
  acknowledge,
  answerDhcp,
  clientPort,
  type DhcpServer,
  maskOf,
  readDhcp,
  serverPort,
} from "../../../../../linker/ethernet/dhcp.ts";
import {
  answerArp,
  arpType,
  everyone,
  ipv4Type,
  readArp,
  readFrame,
  writeFrame,
} from "../../../../../linker/ethernet/frame.ts";
import {
  type Packet,
  readDatagram,
  readPacket,
  setChecksum,
  tcpProtocol,
  writeDatagram,
  writePacket,
} from "../../../../../linker/ethernet/packet.ts";
import { OwnLease, ownAddress, ownMask } from "./own-lease.ts";
import { checksumAt, Stream, type StreamListener } from "./tcp.ts";

/** Locally administered; no card of ours has it, since those are random in all octets but the first. */
const ownHardware = 0x020000000001;

const firstPort = 49152;

export interface NeighbourOptions {
  /** The image's card. */
  readonly hardware: number;
  /** Whether to answer DHCP; with which address, or null for one made of the card's. */
  readonly serves: boolean;
  readonly address: number | null;
  /** A frame for the image; it may not be lost. */
  deliver(frame: Uint8Array): void;
  /** The image has this address now. */
  addressed(address: string): void;
}

export class Neighbour {
  readonly #options: NeighbourOptions;
  readonly #server: DhcpServer | null;
  readonly #streams = new Map<number, Stream>();
  /** What waits for the image to have an address. */
  #waiting: (() => void)[] = [];
  #image: number | null = null;
  #own = ownAddress;
  #nextPort = firstPort;

  constructor(options: NeighbourOptions) {
    this.#options = options;
    const leases = new OwnLease(options.hardware, options.address);
    const server = { address: ownAddress, mask: ownMask, router: ownAddress, leases };
    this.#server = options.serves ? server : null;
  }

  /** A frame that the image sent. True when it is for nobody else. */
  fromImage(bytes: Uint8Array): boolean {
    const frame = readFrame(bytes);
    if (frame === null) return true;
    if (frame.type === arpType) {
      const arp = readArp(frame.payload);
      if (arp === null) return false;
      // A station without a static address asks whether another has it before it says that it is its own (RFC 5227).
      if (arp.sender !== 0) this.#learn(arp.sender, 0);
      if (arp.operation !== 1 || arp.target !== this.#own || arp.sender === 0) return false;
      this.#options.deliver(answerArp(arp, ownHardware));
      return true;
    }
    if (frame.type !== ipv4Type) return false;
    const packet = readPacket(frame.payload);
    if (packet === null) return frame.to === ownHardware;
    if (packet.protocol === tcpProtocol && packet.destination === this.#own) {
      this.#segment(packet);
      return true;
    }
    const datagram = this.#server === null ? null : readDatagram(packet);
    if (datagram?.destinationPort === serverPort && datagram.sourcePort === clientPort) {
      this.#dhcp(datagram.data);
      return true;
    }
    return frame.to === ownHardware;
  }

  /** A frame that comes to the image from the network: a server may be giving it an address there. */
  toImage(bytes: Uint8Array): void {
    const frame = readFrame(bytes);
    if (frame?.type !== ipv4Type) return;
    const packet = readPacket(frame.payload);
    const datagram = packet === null ? null : readDatagram(packet);
    if (datagram?.sourcePort !== serverPort || datagram.destinationPort !== clientPort) return;
    const message = readDhcp(datagram.data);
    if (message?.type === acknowledge && message.hardware === this.#options.hardware)
      this.#learn(message.given, maskOf(message));
  }

  /** Opens a connection to a port of the image, as soon as that has an address. */
  connect(port: number, listener: StreamListener, use: (stream: Stream) => void): void {
    const open = () => {
      const local = this.#nextPort;
      this.#nextPort = local === 65535 ? firstPort : local + 1;
      const stream = new Stream(
        { local, remote: port, initial: crypto.getRandomValues(new Uint32Array(1))[0]! },
        (segment) => this.#sendSegment(segment),
        listener,
      );
      this.#streams.set(local, stream);
      use(stream);
    };
    if (this.#image === null) this.#waiting.push(open);
    else open();
  }

  #segment({ source, payload }: Packet): void {
    if (payload.length < 20 || source !== this.#image) return;
    const port = payload[2]! * 256 + payload[3]!;
    const stream = this.#streams.get(port);
    stream?.receive(payload);
    for (const [key, each] of this.#streams) if (each.isClosed) this.#streams.delete(key);
  }

  #sendSegment(payload: Uint8Array): void {
    const destination = this.#image ?? 0;
    const packet = { source: this.#own, destination, protocol: tcpProtocol, payload };
    setChecksum(packet, checksumAt);
    this.#options.deliver(frameOf(this.#options.hardware, packet));
  }

  #dhcp(asked: Uint8Array): void {
    const message = readDhcp(asked);
    const data = message === null ? null : answerDhcp(this.#server!, message);
    if (data === null) return;
    const ports = { sourcePort: serverPort, destinationPort: clientPort };
    const packet = writeDatagram(ownAddress, 0xffffffff, { ...ports, data });
    const frame = frameOf(everyone, packet);
    this.#options.deliver(frame);
    this.toImage(frame);
  }

  /** @param mask of its network; 0 when it is not known */
  #learn(address: number, mask: number): void {
    if (address === this.#image || address === 0) return;
    this.#image = address;
    this.#own = neighbourOf(address, mask === 0 ? 0xffffff00 : mask);
    this.#options.addressed(dotted(address));
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const open of waiting) open();
  }
}

function frameOf(to: number, packet: Packet): Uint8Array {
  return writeFrame({ to, from: ownHardware, type: ipv4Type, payload: writePacket(packet) });
}

/**
 * An address of the image's own network that hardly anybody has, for us: the last but one of it. The image alone takes us for
 * that station.
 */
function neighbourOf(address: number, mask: number): number {
  const last = ((address | ~mask) >>> 0) - 1;
  return last === address ? last - 1 : last;
}
