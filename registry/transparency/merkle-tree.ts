import { hashSize, nodeHash, type ReadHash, rootHash } from "./merkle.ts";
import { tileWidth } from "./tile.ts";

/**
 * A Merkle tree that grows, in memory: the hash of every complete subtree, 64 bytes for a leaf. It is worked out from
 * the leaves, and never the only place that anything is in.
 */
export class MerkleTree {
  /** Hashes of level after level, one behind the other; each has room for more. */
  readonly #levels: { bytes: Buffer; count: number }[] = [];

  get size(): number {
    return this.#levels[0]?.count ?? 0;
  }

  /** Takes the next leaf, by its hash. */
  append(leaf: Uint8Array): void {
    let hash = leaf;
    for (let level = 0; ; level++) {
      const count = this.#push(level, hash);
      if (count % 2 === 1) return;
      hash = nodeHash(this.read(level, count - 2), hash);
    }
  }

  readonly read: ReadHash = (level, index) => {
    const known = this.#levels[level];
    if (known === undefined || index < 0 || index >= known.count) {
      throw new RangeError(`there is no hash ${index} of level ${level}`);
    }
    return known.bytes.subarray(index * hashSize, (index + 1) * hashSize);
  };

  /** The head, of the whole tree or of its first leaves. */
  root(size = this.size): Uint8Array {
    return rootHash(size, this.read);
  }

  /** The hashes of a tile (registry/transparency/tile); null when the tree has not that many. */
  tile(level: number, index: number, width: number): Buffer | null {
    const known = this.#levels[level * 8];
    const from = index * tileWidth;
    if (known === undefined || from + width > known.count) return null;
    return Buffer.from(known.bytes.subarray(from * hashSize, (from + width) * hashSize));
  }

  /** @returns how many hashes the level has then */
  #push(level: number, hash: Uint8Array): number {
    const known = this.#levels[level] ?? { bytes: Buffer.alloc(64 * hashSize), count: 0 };
    this.#levels[level] = known;
    if ((known.count + 1) * hashSize > known.bytes.length) {
      known.bytes = Buffer.concat([known.bytes, Buffer.alloc(known.bytes.length)]);
    }
    known.bytes.set(hash, known.count * hashSize);
    known.count += 1;
    return known.count;
  }
}
