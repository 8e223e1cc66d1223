import { resolve } from "node:path";
import { dotted, formatAddress } from "../../linker/ethernet/address.ts";
import type { AddressRange } from "../../linker/ethernet/lease-pool.ts";
import type { Member } from "../../linker/switch/members.ts";
import type { RunningSwitch } from "../../linker/switch/server.ts";
import { ok } from "../../model/problem.ts";
import type { Command } from "../command.ts";
import { exit } from "../exit.ts";
import type { Report } from "../report.ts";
import { announce, openPlace, switchPlace, tokenOf, withdraw } from "../switch-place.ts";
import { formatHostPort, isLoopback, readSwitchWords } from "../switch-words.ts";
import { formatBytes } from "../text.ts";

export const command: Command = {
  name: "switch",
  summary: "run an Ethernet switch that images of all targets join",
  description: [
    "A switch of Ethernet on this machine (docs/network.md). Unix images and QEMU join by a Unix socket (`unipkg run --network switch`), pages by WebSocket, this machine itself by a tap interface. It gives addresses by DHCP, and runs until Ctrl-C.",
    "Pages join with the address that is printed, which has a token in it; it is the same at every start of this session. Who knows it is on the network.",
  ],
  operands: [],
  options: [
    {
      name: "socket",
      value: "PATH",
      doc: "Unix socket for images and QEMU (default: one in this user's runtime folder)",
      complete: "file",
    },
    {
      name: "listen",
      value: "HOST:PORT",
      doc: "address for browsers (default 127.0.0.1:8077 unless it is taken), or off",
    },
    {
      name: "stream",
      value: "HOST:PORT",
      doc: "also take images and QEMU by TCP, on this machine's loopback",
    },
    { name: "tap", value: "NAME", doc: "join this machine's tap interface (may be repeated)" },
    {
      name: "dhcp",
      value: "NETWORK",
      doc: "network whose addresses are given (default 10.9.0.0/24), or off",
    },
    {
      name: "router",
      value: "ADDRESS",
      doc: "way to other networks that DHCP tells (default: none)",
    },
    {
      name: "capture",
      value: "FILE",
      doc: "write all frames to FILE, as pcapng",
      complete: "file",
    },
    { name: "status", value: "SECONDS", doc: "print the state of all ports every so often" },
    { name: "new-token", doc: "make a new token: pages that know the old one stay out" },
  ],
  examples: [
    { line: "unipkg switch", doc: "until Ctrl-C" },
    { line: "sudo unipkg switch --tap tap0", doc: "with this machine's kernel on the network" },
    { line: "unipkg switch --capture all.pcapng", doc: "for Wireshark" },
  ],
  json: true,
  async run(words, context) {
    const { report, folder, world } = context;
    const read = await readSwitchWords(words);
    if (!read.ok) return read;
    const { browsers, streams, addresses, router, status } = read.value;
    const place = switchPlace(world.environment);
    const opened = openPlace(place);
    if (!opened.ok) return opened;
    const token = tokenOf(place, words.has("new-token"));
    const named = words.one("socket");
    const socket = named === undefined ? place.socket : resolve(folder, named);
    const capture = words.one("capture");
    let isEnding = false;
    // Before anybody is told that it runs.
    const ended = new Promise<string>((end) => {
      for (const each of ["SIGINT", "SIGTERM"] as const) process.once(each, () => end(each));
    });
    const { startSwitch } = await import("../../linker/switch/server.ts");
    const started = await startSwitch({
      ...{ socket, streams, browsers, token, addresses, router },
      taps: words.all("tap"),
      capture: capture === undefined ? null : resolve(folder, capture),
      listener: {
        onJoin: (member) => {
          if (member.kind !== "station") report.line(`${nameOf(member)} joined`);
        },
        onLeave: (member, reason) => {
          if (member.kind !== "station" && !isEnding)
            report.line(`${nameOf(member)} left: ${reason}`);
        },
        onLease: (hardware, address) => {
          report.line(`${formatAddress(hardware)} has ${dotted(address)}`);
        },
      },
    });
    if (!started.ok) return started;
    const running = started.value;
    const link =
      running.browsers === null ? null : `ws://${formatHostPort(running.browsers)}/?token=${token}`;
    announce({ socket, link });
    context.atEnd(async () => withdraw(socket));
    tellStart(report, running, { socket, link, addresses });
    if (running.browsers !== null && !(await isLoopback(running.browsers.host))) {
      report.warn(
        "browsers come over a network, where others can read the token and all frames; a proxy with TLS in front of it, or `ssh -L`, keeps them out",
      );
    }
    const timer =
      status === null ? null : setInterval(() => tellPorts(report, running), status * 1000);
    const signal = await ended;
    if (timer !== null) clearInterval(timer);
    report.note(`${signal}: the switch ends`);
    isEnding = true;
    const ports = describePorts(running);
    tellPorts(report, running);
    await running.stop();
    const lost = running.captureDropped();
    if (lost > 0) report.warn(`${lost} frames are not in the capture: the disk was too slow`);
    report.document({ socket, link, ports });
    return ok(exit.ok);
  },
};

function tellStart(
  report: Report,
  { streams }: RunningSwitch,
  at: {
    readonly socket: string;
    readonly link: string | null;
    readonly addresses: AddressRange | null;
  },
): void {
  const { addresses } = at;
  report.line(`images join at    ${at.socket}`);
  if (streams !== null) report.line(`                  ${formatHostPort(streams)}`);
  if (at.link !== null) report.line(`browsers join at  ${at.link}`);
  if (addresses !== null) {
    const { first, last, station } = addresses;
    report.line(`DHCP gives        ${dotted(first)} to ${dotted(last)}`);
    report.line(`the switch is     ${dotted(station)}`);
  }
}

/** What is told of a port. */
interface PortState {
  readonly port: number;
  readonly kind: string;
  readonly name: string;
  readonly stations: readonly { readonly address: string; readonly ipv4?: string }[];
  readonly received: number;
  readonly receivedOctets: number;
  readonly sent: number;
  readonly sentOctets: number;
  /** Frames for this port that its queue had no room for. */
  readonly dropped: number;
  /** Frames of this port that were too many for all others. */
  readonly refused: number;
}

function describePorts({ members, addressOf }: RunningSwitch): readonly PortState[] {
  return members.all.map((member) => ({
    ...{ port: member.number, kind: member.kind, name: member.name },
    stations: members.stationsOf(member).map((hardware) => {
      const ipv4 = addressOf(hardware);
      const address = formatAddress(hardware);
      return ipv4 === undefined ? { address } : { address, ipv4: dotted(ipv4) };
    }),
    ...member.tally,
  }));
}

function tellPorts(report: Report, running: RunningSwitch): void {
  const rows = describePorts(running).map((port) => [
    ...[`${port.port}`, port.kind, port.name],
    `${port.received} (${formatBytes(port.receivedOctets)})`,
    `${port.sent} (${formatBytes(port.sentOctets)})`,
    `${port.dropped}`,
    `${port.refused}`,
    port.stations.map(({ address, ipv4 }) => ipv4 ?? address).join(" ") || "-",
  ]);
  const table = [["port", "kind", "name", "in", "out", "lost", "refused", "stations"], ...rows];
  const widths = table[0]!.map((_, index) => Math.max(...table.map((row) => row[index]!.length)));
  for (const row of table) {
    report.line(
      row
        .map((cell, index) => cell.padEnd(widths[index]!))
        .join("  ")
        .trimEnd(),
    );
  }
}

function nameOf({ number, kind, name }: Member): string {
  return `port ${number}: ${kind === name ? kind : `${kind} ${name}`}`;
}
