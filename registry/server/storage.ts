import type { MerkleTree } from "../transparency/merkle-tree.ts";
import type { Entry } from "./event.ts";
import type { Draft, State } from "./state.ts";

/**
 * Where a registry is kept. There are two things to keep: a log, which is the truth, and blobs, which are known by
 * the SHA-512 of their bytes. Everything else is worked out from them.
 */
export interface Storage {
  /** The sum of all entries; it grows as entries are appended, here or by another instance. */
  readonly state: State;
  /** The transparency log over the lines of all entries: leaf 0 is the one of `seq` 1. */
  readonly tree: MerkleTree;
  /** Takes in what other instances appended; rejects when what they share cannot be reached. */
  refresh(): Promise<void>;
  /**
   * Appends entries about one subject, if its last entry is still `after`: null when another was faster, and the
   * caller has to look again. Durable, and applied to `state`, when it resolves.
   */
  append(drafts: readonly Draft[], after: number): Promise<readonly Entry[] | null>;
  /** Keeps a blob; durable when it resolves. @returns its `sha512-…` */
  putBlob(bytes: Uint8Array): Promise<string>;
  /** A blob's bytes; null when there is none of this digest. */
  getBlob(digest: string): Promise<Buffer | null>;
  /** All entries with `seq` beyond, in order. */
  entries(after: number): AsyncIterable<Entry>;
  /** The line of an entry as the log has it, a leaf of the tree; null when there is none. */
  line(seq: number): Promise<Buffer | null>;
  close(): Promise<void>;
}
