// The Merkle log against a tree that is written as RFC 9162 defines it, the known heads of RFC 6962's test data, and
// proofs that were spoiled.
import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  consistencyProof,
  inclusionProof,
  isConsistent,
  isIncluded,
  leafHash,
  rootHash,
} from "../../../registry/transparency/merkle.ts";
import { MerkleTree } from "../../../registry/transparency/merkle-tree.ts";
import {
  formatTilePath,
  parseTilePath,
  readFromTiles,
  tileOf,
  tilesNeeded,
} from "../../../registry/transparency/tile.ts";

const runs = { numRuns: Number(process.env["UNIPKG_CASES"] ?? 150), seed: 7 };

/** MTH of RFC 9162, 2.1.1, word for word: the oracle. */
function naiveRoot(leaves: readonly Uint8Array[]): Buffer {
  const sha256 = (...parts: readonly Uint8Array[]) =>
    createHash("sha256").update(Buffer.concat(parts)).digest();
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return sha256(Buffer.of(0), leaves[0]!);
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return sha256(Buffer.of(1), naiveRoot(leaves.slice(0, split)), naiveRoot(leaves.slice(split)));
}

function treeOf(leaves: readonly Uint8Array[]): MerkleTree {
  const tree = new MerkleTree();
  for (const leaf of leaves) tree.append(leafHash(leaf));
  return tree;
}

function someLeaves(count: number): Buffer[] {
  return Array.from({ length: count }, (_, index) => Buffer.from(`leaf ${index}`));
}

test("the heads of the test data of Certificate Transparency (RFC 6962)", () => {
  const leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"].concat(
    "606162636465666768696a6b6c6d6e6f",
  );
  const heads = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
  ];
  const tree = new MerkleTree();
  expect(Buffer.from(tree.root()).toString("hex")).toBe(createHash("sha256").digest("hex"));
  for (const [at, leaf] of leaves.entries()) {
    tree.append(leafHash(Buffer.from(leaf, "hex")));
    expect(Buffer.from(tree.root()).toString("hex")).toBe(heads[at]);
  }
});

test("every head, and every proof between the trees of up to 70 leaves", () => {
  const leaves = someLeaves(70);
  const tree = treeOf(leaves);
  const roots = Array.from({ length: 71 }, (_, size) => naiveRoot(leaves.slice(0, size)));
  for (let size = 0; size <= 70; size++) {
    expect(Buffer.from(tree.root(size)).equals(roots[size]!)).toBe(true);
    for (let index = 0; index < size; index++) {
      const proof = inclusionProof(index, size, tree.read);
      const leaf = leafHash(leaves[index]!);
      expect(isIncluded(leaf, index, size, proof, roots[size]!)).toBe(true);
      expect(isIncluded(leaf, index + 1, size, proof, roots[size]!)).toBe(false);
    }
    for (let smaller = 1; smaller <= size; smaller++) {
      const proof = consistencyProof(smaller, size, tree.read);
      expect(isConsistent(smaller, size, proof, roots[smaller]!, roots[size]!)).toBe(true);
    }
  }
});

test("no proof that was changed is taken", () => {
  const size = fc.integer({ min: 2, max: 600 });
  fc.assert(
    fc.property(
      size.chain((count) => fc.tuple(fc.constant(count), fc.nat(count - 2), fc.nat(), fc.nat(255))),
      ([count, index, where, flip]) => {
        const leaves = someLeaves(count);
        const tree = treeOf(leaves);
        const root = tree.root();
        const smaller = index + 1;
        const spoil = (proof: readonly Uint8Array[]): Uint8Array[] => {
          const spoiled = proof.map((each) => Buffer.from(each));
          const at = where % (spoiled.length + 1);
          if (at === spoiled.length) return [...spoiled, Buffer.alloc(32, flip)];
          if (flip === 0) return spoiled.toSpliced(at, 1);
          spoiled[at]![where % 32]! ^= flip;
          return spoiled;
        };
        const included = inclusionProof(index, count, tree.read);
        const leaf = leafHash(leaves[index]!);
        expect(isIncluded(leaf, index, count, included, root)).toBe(true);
        expect(isIncluded(leaf, index, count, spoil(included), root)).toBe(false);
        expect(isIncluded(leafHash(Buffer.from("other")), index, count, included, root)).toBe(
          false,
        );
        const consistent = consistencyProof(smaller, count, tree.read);
        const before = tree.root(smaller);
        expect(isConsistent(smaller, count, consistent, before, root)).toBe(true);
        expect(isConsistent(smaller, count, spoil(consistent), before, root)).toBe(false);
        expect(isConsistent(smaller, count, consistent, Buffer.alloc(32), root)).toBe(false);
      },
    ),
    runs,
  );
});

test("proofs from tiles are those of the tree, also beyond one tile", () => {
  // Three levels of tiles have 65,536 leaves and more.
  const tree = treeOf(someLeaves(66_000));
  const fetchTile = (path: string) => {
    const { level, index, width } = parseTilePath(path)!;
    return tree.tile(level, index, width) ?? undefined;
  };
  const sizes = fc.oneof(
    fc.integer({ min: 1, max: 66_000 }),
    fc.constantFrom(256, 257, 65_536, 65_537),
  );
  fc.assert(
    fc.property(sizes, fc.nat(), (size, number) => {
      const index = number % size;
      const smaller = index + 1;
      const tiles = tilesNeeded(size, (read) => [
        inclusionProof(index, size, read),
        consistencyProof(smaller, size, read),
        rootHash(size, read),
      ]);
      expect(tiles.length).toBeLessThan(24);
      const held = new Map(
        tiles.map((tile) => [formatTilePath(tile), fetchTile(formatTilePath(tile))]),
      );
      const read = readFromTiles(size, (path) => held.get(path));
      expect(rootHash(size, read)).toEqual(tree.root(size));
      expect(inclusionProof(index, size, read)).toEqual(inclusionProof(index, size, tree.read));
      expect(consistencyProof(smaller, size, read)).toEqual(
        consistencyProof(smaller, size, tree.read),
      );
    }),
    runs,
  );
});

test("a tile has one path", () => {
  expect(formatTilePath({ level: 0, index: 1_234_067, width: 256 })).toBe("0/x001/x234/067");
  expect(formatTilePath({ level: 1, index: 0, width: 5 })).toBe("1/000.p/5");
  const tile = fc.record({
    level: fc.integer({ min: 0, max: 5 }),
    index: fc.integer({ min: 0, max: 10 ** 9 }),
    width: fc.integer({ min: 1, max: 256 }),
  });
  fc.assert(
    fc.property(tile, (each) => {
      expect(parseTilePath(formatTilePath(each))).toEqual(each);
    }),
    runs,
  );
  const others = [
    "6/000",
    "0/0",
    "0/x000/001",
    "0/000.p/0",
    "0/000.p/256",
    "0/000.p/257",
    "0/000.p/05",
  ];
  for (const path of [...others, "0/../000", "00/000", "0/000/", ""]) {
    expect(parseTilePath(path), path).toBeNull();
  }
  fc.assert(
    fc.property(fc.string(), (text) => {
      const parsed = parseTilePath(text);
      if (parsed !== null) expect(formatTilePath(parsed)).toBe(text);
    }),
    runs,
  );
});

test("a tile that is missing or cut off is told", () => {
  const tree = treeOf(someLeaves(300));
  const tile = formatTilePath(tileOf(0, 0, 300));
  const cut = readFromTiles(300, () => tree.tile(0, 0, 255)!);
  expect(() => cut(0, 0)).toThrow(`the tile ${tile} is not whole`);
  expect(() => readFromTiles(300, () => undefined)(0, 0)).toThrow("is not whole");
});
