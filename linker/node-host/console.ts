import type { HostModule, Memory } from "./abi.ts";

/** Stream 1 is for output, 2 for errors. `bytes` are the receiver's own. */
export type Output = (stream: 1 | 2, bytes: Uint8Array) => void;

/** Module `console` of docs/abi.md. */
export function consoleModule(memory: Memory, output: Output): HostModule {
  return {
    write: (stream: number, address: number, length: number) => {
      output(stream === 2 ? 2 : 1, memory().slice(address >>> 0, (address >>> 0) + length));
    },
  };
}
