import { createServer, type Server, type Socket } from "node:net";
import { failed, ok, type Result } from "../../model/problem.ts";
import type { DhcpServer } from "../ethernet/dhcp.ts";
import { type AddressRange, LeasePool } from "../ethernet/lease-pool.ts";
import { Station } from "../ethernet/station.ts";
import { Switch, usualRules } from "../ethernet/switch.ts";
import { serveBrowsers } from "./browsers.ts";
import { CaptureFile } from "./capture-file.ts";
import { type HostPort, listenPort, listenSocket } from "./listening.ts";
import { type Member, Members, type MembersListener } from "./members.ts";
import { joinStream } from "./stream.ts";
import { Taps } from "./tap.ts";

export interface SwitchRequest {
  /** Path of a Unix socket for images and QEMU; only this user may open it. */
  readonly socket: string;
  /** The same over TCP; of this machine's loopback, since the framing has no place for a token. Null for none. */
  readonly streams: HostPort | null;
  /** Where browsers come; with `orAnyPort` at another port if that one is taken. Null for nowhere. */
  readonly browsers: (HostPort & { readonly orAnyPort?: boolean }) | null;
  /** What browsers must know. */
  readonly token: string;
  /** Tap interfaces of this machine. */
  readonly taps: readonly string[];
  /** Addresses that are given by DHCP; null for none. */
  readonly addresses: AddressRange | null;
  /** The way to other networks that DHCP tells; null for none. */
  readonly router: number | null;
  /** File that all frames are written to; null for none. */
  readonly capture: string | null;
  readonly listener: MembersListener & {
    /** A station has taken an address of DHCP's. */
    onLease(hardware: number, address: number): void;
  };
}

export interface RunningSwitch {
  /** As they were taken: port 0 asks for any. */
  readonly streams: HostPort | null;
  readonly browsers: HostPort | null;
  readonly members: Members;
  /** The address that a station has by DHCP. */
  addressOf(hardware: number): number | undefined;
  /** Frames that the capture could not keep. */
  captureDropped(): number;
  /** Ends it: all ports are given up. */
  stop(): Promise<void>;
}

/** Ports at most: a flood goes to each of them. */
export const mostPorts = 256;

/** The switch's own host: locally administered, of one station (IEEE 802, 8.4). */
const stationHardware = 0x02ffffff0001;

/** Milliseconds between looks for stations that are past their time. */
const ageingPause = 10_000;

type Closer = () => void | Promise<void>;

/** Starts a switch, whole or not at all. */
export async function startSwitch(request: SwitchRequest): Promise<Result<RunningSwitch>> {
  const closers: Closer[] = [];
  // All of them at once: a server's end waits for that of its connections, which another one ends.
  const stop = async () => {
    await Promise.all(
      closers
        .splice(0)
        .reverse()
        .map((close) => close()),
    );
  };
  const opened = await open(request, closers, stop);
  if (!opened.ok) await stop();
  return opened;
}

async function open(
  request: SwitchRequest,
  closers: Closer[],
  stop: () => Promise<void>,
): Promise<Result<RunningSwitch>> {
  const { listener } = request;
  const capture = await openCapture(request.capture);
  if (!capture.ok) return capture;
  closers.push(() => capture.value?.close());
  const core = new Switch(usualRules);
  const timer = setInterval(() => core.age(performance.now()), ageingPause);
  closers.push(() => clearInterval(timer));
  const members = new Members(core, mostPorts, listener, capture.value);
  closers.push(() => {
    for (const member of members.all) member.leave("the switch ends");
  });
  const pool = request.addresses === null ? null : openStation(request, request.addresses, members);

  const taps = new Taps(members);
  closers.push(() => taps.close());
  for (const name of request.taps) {
    const joined = await taps.join(name);
    if (!joined.ok) return joined;
  }
  const socket = await listenSocket(streamServer(members), request.socket);
  if (!socket.ok) return socket;
  closers.push(() => closed(socket.value));
  let streams: HostPort | null = null;
  if (request.streams !== null) {
    const server = streamServer(members);
    const taken = await listenPort(server, request.streams);
    if (!taken.ok) return taken;
    closers.push(() => closed(server));
    streams = taken.value;
  }
  let browsers: HostPort | null = null;
  if (request.browsers !== null) {
    const server = serveBrowsers(members, request.token);
    let taken = await listenPort(server, request.browsers);
    if (!taken.ok && request.browsers.orAnyPort === true) {
      taken = await listenPort(server, { ...request.browsers, port: 0 });
    }
    if (!taken.ok) return taken;
    closers.push(() => closed(server));
    closers.push(() => server.closeAllConnections());
    browsers = taken.value;
  }
  return ok({
    ...{ streams, browsers, members, stop },
    addressOf: (hardware) => pool?.find(hardware),
    captureDropped: () => capture.value?.dropped ?? 0,
  });
}

async function openCapture(path: string | null): Promise<Result<CaptureFile | null>> {
  if (path === null) return ok(null);
  try {
    return ok(await CaptureFile.create(path));
  } catch (error) {
    return failed({
      code: "UP705",
      message: `${path} cannot be written: ${(error as Error).message}`,
    });
  }
}

/** The switch's own host, which gives addresses and answers ping. */
function openStation(
  { listener, router }: SwitchRequest,
  range: AddressRange,
  members: Members,
): LeasePool {
  const pool = new LeasePool(range, () => performance.now());
  const leases = {
    get: (hardware: number) => pool.get(hardware),
    taken: (hardware: number) => {
      pool.taken(hardware);
      listener.onLease(hardware, pool.find(hardware) ?? 0);
    },
    declined: (hardware: number) => pool.declined(hardware),
  };
  const server: DhcpServer = { address: range.station, mask: range.mask, router, leases };
  const station = new Station(stationHardware, server);
  const outlet = {
    send: (frame: Uint8Array) => {
      station.receive(frame);
      return true;
    },
  };
  const member: Member | null = members.join("station", "the switch itself", outlet, () => {});
  station.out = {
    send: (frame) => {
      member?.receive(frame);
      return true;
    },
  };
  return pool;
}

function streamServer(members: Members): Server {
  return createServer({ noDelay: true }, (socket: Socket) => {
    const from = socket.remoteAddress;
    const name = from === undefined ? "image" : `${from}:${socket.remotePort}`;
    joinStream(members, "image", name, { input: socket, output: socket }, () => socket.destroy());
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
