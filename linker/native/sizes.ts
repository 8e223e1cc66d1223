import type { SizeShare } from "../backend.ts";
import { readElf, type Section } from "./elf.ts";
import type { ProgramSymbol } from "./symbol.ts";

/** Owners that are no package. */
export const otherOwners = {
  /** AssemblyScript's standard library and runtime. */
  standard: "assemblyscript",
  /** Strings, tables and other constants of the program. */
  constants: "constants",
  /** Files of settings. */
  files: "files",
  /** Headers, alignment and what the system's linker adds. */
  format: "format",
} as const;

/** What the shares are computed from. */
export interface SizeInput {
  /** The image with its symbols. */
  readonly image: Uint8Array;
  /** Size of the image as it will be. */
  readonly bytes: number;
  readonly symbols: Iterable<ProgramSymbol>;
  readonly blobLength: number;
  /** Name of the target: owner of the C runtime. */
  readonly target: string;
}

/** Shares of an image's file by owner, the largest first. They add up to its size. */
export function sizesByOwner({
  image,
  bytes,
  symbols,
  blobLength,
  target,
}: SizeInput): SizeShare[] {
  const owners = new Map<string, string>();
  for (const { c, file } of symbols) owners.set(c, ownerOf(file));
  const shares = new Map<string, number>();
  const add = (owner: string, size: number) => {
    shares.set(owner, (shares.get(owner) ?? 0) + size);
  };
  add(otherOwners.files, blobLength);
  let file = "";
  // Folded constants and aliases share their bytes: an address counts once.
  const seen = new Map<Section, Set<bigint>>();
  for (const { name, section, size, kind, address } of readElf(image).symbols) {
    if (kind === "file") file = name;
    if (section === null || section.bytes.length === 0 || size === 0 || !section.loaded) continue;
    const addresses = seen.get(section) ?? new Set();
    if (name === "image_blob" || addresses.has(address)) continue;
    seen.set(section, addresses.add(address));
    // `parse_12.part.0`: what the compiler split off belongs to the same function.
    const own = owners.get(name.split(".", 1)[0]!);
    const program = own !== undefined || file === "program.c";
    add(own ?? (program ? otherOwners.constants : target), size);
  }
  const rest = bytes - [...shares.values()].reduce((sum, size) => sum + size, 0);
  // Zeros at the end of the files need not be in the image's.
  add(rest < 0 ? otherOwners.files : otherOwners.format, rest);
  return [...shares]
    .filter(([, size]) => size > 0)
    .map(([owner, size]) => ({ owner, bytes: size }))
    .sort((a, b) => b.bytes - a.bytes || (a.owner < b.owner ? -1 : 1));
}

/** Package of a path in the program's tree (linker/program.ts): instances of one package count together. */
export function ownerOf(file: string | null): string {
  if (file === null) return otherOwners.constants;
  if (file.startsWith("~lib/")) return otherOwners.standard;
  const match = /^(@[^/]+\/[^/@]+|[^/@]+)/.exec(file);
  return match?.[1] ?? otherOwners.constants;
}
