import type { HostModule, Memory } from "./abi.ts";

/** Module `random` of docs/abi.md over a source of bytes. */
export function randomModule(memory: Memory, fill: (bytes: Uint8Array) => void): HostModule {
  return {
    fill: (address: number, length: number) => {
      fill(memory().subarray(address >>> 0, (address >>> 0) + length));
    },
  };
}
