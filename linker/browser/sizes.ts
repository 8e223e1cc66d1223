import type { SizeShare } from "../backend.ts";
import type { WasmModule } from "../native/module.ts";
import { otherOwners, ownerOf } from "../native/sizes.ts";
import type { ProgramSymbol } from "../native/symbol.ts";

/** Shares of a site's files by owner, the largest first. They add up to all bytes of the site. */
export function siteSizes(input: {
  readonly module: WasmModule;
  readonly symbols: ReadonlyMap<number, ProgramSymbol>;
  /** Size of the wasm as it will be, of the files of settings, and of all else, which is the target's. */
  readonly wasmBytes: number;
  readonly blobBytes: number;
  readonly hostBytes: number;
  readonly target: string;
}): SizeShare[] {
  const { module, symbols, wasmBytes, blobBytes, hostBytes, target } = input;
  const shares = new Map<string, number>();
  const add = (owner: string, size: number) => {
    shares.set(owner, (shares.get(owner) ?? 0) + size);
  };
  let counted = 0;
  module.functions.forEach(({ start, end }, position) => {
    const symbol = symbols.get(module.imports.length + position);
    add(ownerOf(symbol?.file ?? null), end - start);
    counted += end - start;
  });
  for (const { bytes } of module.data) {
    add(otherOwners.constants, bytes.length);
    counted += bytes.length;
  }
  add(otherOwners.format, wasmBytes - counted);
  add(otherOwners.files, blobBytes);
  add(target, hostBytes);
  return [...shares]
    .filter(([, size]) => size > 0)
    .map(([owner, size]) => ({ owner, bytes: size }))
    .sort((a, b) => b.bytes - a.bytes || (a.owner < b.owner ? -1 : 1));
}
