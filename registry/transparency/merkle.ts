import { createHash } from "node:crypto";

/** Bytes of a hash: SHA-256. */
export const hashSize = 32;

/**
 * Hashes of complete subtrees: `(level, index)` is the one over the leaves from `index * 2^level` to before
 * `(index + 1) * 2^level`. Level 0 has the leaves' own.
 */
export type ReadHash = (level: number, index: number) => Uint8Array;

/** The hash of a leaf (RFC 9162, 2.1.1). */
export function leafHash(leaf: Uint8Array): Buffer {
  return createHash("sha256").update(leafPrefix).update(leaf).digest();
}

/** The hash over two subtrees; its prefix keeps a leaf from passing for a node (RFC 9162, 2.1.1). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return createHash("sha256").update(nodePrefix).update(left).update(right).digest();
}

/** The tree's head (RFC 9162, 2.1.1). */
export function rootHash(size: number, read: ReadHash): Uint8Array {
  return size === 0 ? createHash("sha256").digest() : rangeHash(0, size, read);
}

/** Hashes that show that the leaf of an index is in a tree (RFC 9162, 2.1.3.1). */
export function inclusionProof(index: number, size: number, read: ReadHash): Uint8Array[] {
  const path = (from: number, to: number): Uint8Array[] => {
    if (to - from === 1) return [];
    const middle = from + splitOf(to - from);
    return index < middle
      ? [...path(from, middle), rangeHash(middle, to, read)]
      : [...path(middle, to), rangeHash(from, middle, read)];
  };
  return path(0, size);
}

/** Hashes that show that a smaller tree, with a leaf at least, is the begin of a larger one (RFC 9162, 2.1.4.1). */
export function consistencyProof(smaller: number, larger: number, read: ReadHash): Uint8Array[] {
  const path = (end: number, from: number, to: number, isWhole: boolean): Uint8Array[] => {
    if (end === to) return isWhole ? [] : [rangeHash(from, to, read)];
    const middle = from + splitOf(to - from);
    return end <= middle
      ? [...path(end, from, middle, isWhole), rangeHash(middle, to, read)]
      : [...path(end, middle, to, false), rangeHash(from, middle, read)];
  };
  return path(smaller, 0, larger, true);
}

/** Whether a leaf's hash is in the tree of this size and head, at this index (RFC 9162, 2.1.3.2). */
export function isIncluded(
  leaf: Uint8Array,
  index: number,
  size: number,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  if (index < 0 || index >= size) return false;
  let [at, last] = [index, size - 1];
  let hash = leaf;
  for (const next of proof) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      hash = nodeHash(next, hash);
      while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)];
    } else hash = nodeHash(hash, next);
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && equal(hash, root);
}

/** Whether the tree of the first size and head is the begin of the other (RFC 9162, 2.1.4.2). */
export function isConsistent(
  smaller: number,
  larger: number,
  proof: readonly Uint8Array[],
  smallerRoot: Uint8Array,
  largerRoot: Uint8Array,
): boolean {
  if (smaller > larger || smaller < 0) return false;
  // Every tree begins with the empty one.
  if (smaller === 0) return proof.length === 0;
  if (smaller === larger) return proof.length === 0 && equal(smallerRoot, largerRoot);
  const path = isPowerOfTwo(smaller) ? [smallerRoot, ...proof] : [...proof];
  const first = path.shift();
  if (first === undefined) return false;
  let [at, last] = [smaller - 1, larger - 1];
  while (at % 2 === 1) [at, last] = [half(at), half(last)];
  let [one, other] = [first, first];
  for (const next of path) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      one = nodeHash(next, one);
      other = nodeHash(next, other);
      while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)];
    } else other = nodeHash(other, next);
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && equal(one, smallerRoot) && equal(other, largerRoot);
}

export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

const leafPrefix = Buffer.of(0);
const nodePrefix = Buffer.of(1);

/** The hash over the leaves of a range that begins where a subtree of its size could. */
function rangeHash(from: number, to: number, read: ReadHash): Uint8Array {
  const count = to - from;
  if (isPowerOfTwo(count)) return read(Math.log2(count), from / count);
  const middle = from + splitOf(count);
  return nodeHash(rangeHash(from, middle, read), rangeHash(middle, to, read));
}

/** The largest power of two below a count of two or more. */
function splitOf(count: number): number {
  return 2 ** Math.floor(Math.log2(count - 1));
}

function isPowerOfTwo(count: number): boolean {
  return 2 ** Math.floor(Math.log2(count)) === count;
}

/** Sizes may have more than the 32 bits of shifts. */
function half(count: number): number {
  return Math.floor(count / 2);
}
