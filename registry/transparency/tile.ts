import { hashSize, nodeHash, type ReadHash } from "./merkle.ts";

/** Hashes that a whole tile has: the height of 8 of C2SP's tlog-tiles. */
export const tileWidth = 256;

/**
 * A row of hashes of a tree, as logs serve them (c2sp.org/tlog-tiles, "Merkle Tree"): those of level `8 * level`, from
 * `256 * index` on. A whole tile never changes; one at the tree's right edge has fewer hashes.
 */
export interface Tile {
  readonly level: number;
  readonly index: number;
  /** 1 to 256. */
  readonly width: number;
}

/** `0/x001/x234/067` and `0/000.p/5`: level, index in groups of three digits, width when it is not whole. */
export function formatTilePath({ level, index, width }: Tile): string {
  const digits = String(index);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, "0");
  const groups = padded.match(/\d{3}/g) ?? [];
  const words = groups.map((group, at) => (at === groups.length - 1 ? group : `x${group}`));
  return `${level}/${words.join("/")}${width === tileWidth ? "" : `.p/${width}`}`;
}

/** Reads what `formatTilePath` writes; null for anything else, a second spelling of the same included. */
export function parseTilePath(path: string): Tile | null {
  const [, level, groups, width] =
    /^([0-5])\/((?:x\d{3}\/){0,4}\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path) ?? [];
  if (level === undefined || groups === undefined) return null;
  const tile = {
    level: Number(level),
    index: Number(groups.replaceAll(/[x/]/g, "")),
    width: width === undefined ? tileWidth : Number(width),
  };
  const isWidth = tile.width >= 1 && tile.width <= tileWidth;
  return isWidth && formatTilePath(tile) === path ? tile : null;
}

/** The tile of a tree of this size that a subtree's hash can be worked out from, sooner than from any other. */
export function tileOf(level: number, index: number, size: number): Tile {
  const tileLevel = Math.floor(level / 8);
  const first = index * 2 ** (level % 8);
  const tileIndex = Math.floor(first / tileWidth);
  const hashes = Math.floor(size / 2 ** (8 * tileLevel));
  const width = Math.min(tileWidth, hashes - tileIndex * tileWidth);
  return { level: tileLevel, index: tileIndex, width };
}

/** The tiles that something is worked out from; it is called with hashes that mean nothing. */
export function tilesNeeded(size: number, use: (read: ReadHash) => unknown): readonly Tile[] {
  const tiles = new Map<string, Tile>();
  const nothing = new Uint8Array(hashSize);
  use((level, index) => {
    const tile = tileOf(level, index, size);
    tiles.set(formatTilePath(tile), tile);
    return nothing;
  });
  return [...tiles.values()];
}

/**
 * Reads hashes of a tree from its tiles. Throws a sentence when a tile is missing or has another length. What tiles
 * say is worth nothing by itself: a proof that is made from them has to lead to a head that is trusted.
 *
 * @param bytesOf bytes of the tile of a path
 */
export function readFromTiles(
  size: number,
  bytesOf: (path: string) => Uint8Array | undefined,
): ReadHash {
  // Proofs of many leaves have most of their hashes in common.
  const known = new Map<string, Uint8Array>();
  return (level, index) => {
    const tile = tileOf(level, index, size);
    const path = formatTilePath(tile);
    const bytes = bytesOf(path);
    if (bytes?.length !== tile.width * hashSize) throw new Error(`the tile ${path} is not whole`);
    const inTile = level % 8;
    const first = index * 2 ** inTile - tile.index * tileWidth;
    const hashOver = (from: number, count: number): Uint8Array => {
      if (count === 1) return bytes.subarray(from * hashSize, (from + 1) * hashSize);
      const key = `${path} ${from} ${count}`;
      const hash =
        known.get(key) ??
        nodeHash(hashOver(from, count / 2), hashOver(from + count / 2, count / 2));
      known.set(key, hash);
      return hash;
    };
    return hashOver(first, 2 ** inTile);
  };
}
