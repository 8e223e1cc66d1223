/** The host calls of docs/abi.md, as `unipkg.h` declares them: C name `MODULE_NAME`. */
import type { FunctionType, ValueType } from "./module.ts";

const types = { i: "i32", I: "i64", d: "f64" } as const satisfies Record<string, ValueType>;

/** Parameters, `:`, result: `i` for i32, `I` for i64, `d` for f64. */
const shapes: Readonly<Record<string, string>> = {
  "channel.close": "i:",
  "channel.connect": "ii:i",
  "channel.listen": "i:i",
  "channel.load": "i:i",
  "channel.notify": "i:",
  "channel.port": "i:i",
  "channel.publish": "ii:",
  "channel.store": "i:i",
  "channel.wait": "iI:i",
  "block.completed": "iii:i",
  "block.flush": "ii:i",
  "block.limit": "i:i",
  "block.open": "i:i",
  "block.read": "iiIii:i",
  "block.readOnly": "i:i",
  "block.sectorSize": "i:i",
  "block.sectors": "i:I",
  "block.write": "iiIii:i",
  "clock.monotonic": ":I",
  "clock.wall": ":I",
  "console.write": "iii:",
  "env.abort": "iiii:",
  "event.exit": "i:",
  "grant.give": "iii:i",
  "grant.map": "iii:i",
  "grant.revoke": "i:i",
  "grant.unmap": "i:i",
  "net.address": "i:I",
  "net.mtu": "i:i",
  "net.open": "i:i",
  "net.receive": "iii:i",
  "net.send": "iii:i",
  "parameter.number": "ii:I",
  "parameter.text": "iii:i",
  "random.fill": "ii:",
  "socket.close": "i:",
  "socket.localPort": "i:i",
  "socket.peer": "ii:i",
  "socket.peerPort": "i:i",
  "socket.reset": "i:",
  "socket.tcpAccept": "i:i",
  "socket.tcpConnect": "iii:i",
  "socket.tcpListen": "ii:i",
  "socket.tcpRead": "iii:i",
  "socket.tcpShutdown": "i:",
  "socket.tcpWrite": "iii:i",
  "socket.udpOpen": "i:i",
  "socket.udpReceive": "iii:i",
  "socket.udpSend": "iiiiii:i",
};

/** Every host call that a native runtime can offer, `MODULE.NAME` -> type. */
export const hostCalls: ReadonlyMap<string, FunctionType> = new Map(
  Object.entries(shapes).map(([name, shape]) => [name, parse(shape)]),
);

/** `socket.tcpRead` -> `socket_tcpRead`. */
export function hostSymbol(module: string, name: string): string {
  return `${module}_${name}`;
}

function parse(shape: string): FunctionType {
  const [parameters, result] = shape
    .split(":")
    .map((part) => [...part].map((letter) => types[letter as keyof typeof types]));
  return { parameters: parameters!, result: result![0] ?? null };
}
