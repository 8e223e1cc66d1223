import { leafHash } from "../transparency/merkle.ts";
import { MerkleTree } from "../transparency/merkle-tree.ts";
import type { Blobs } from "./blobs.ts";
import { DatabaseLog } from "./database-log.ts";
import type { Entry } from "./event.ts";
import { newSalt } from "./log-line.ts";
import { type Draft, State } from "./state.ts";
import type { Storage } from "./storage.ts";

/**
 * A registry that several instances serve: its log in PostgreSQL, its blobs where all of them reach them. What one
 * instance acknowledged, every other knows after `refresh`.
 */
export class SharedStorage implements Storage {
  readonly state: State;
  readonly tree: MerkleTree;
  readonly #log: DatabaseLog;
  readonly #blobs: Blobs;

  private constructor(state: State, tree: MerkleTree, log: DatabaseLog, blobs: Blobs) {
    this.state = state;
    this.tree = tree;
    this.#log = log;
    this.#blobs = blobs;
  }

  /** Throws a sentence when the database cannot be reached or is damaged. */
  static async open(
    database: string,
    blobs: Blobs,
    now: () => Date = () => new Date(),
    salt: () => string = newSalt,
  ): Promise<SharedStorage> {
    const state = new State();
    const tree = new MerkleTree();
    const take = (entry: Entry, line: Uint8Array) => {
      state.apply(entry);
      tree.append(leafHash(line));
    };
    const log = await DatabaseLog.open(database, state, take, salt, now);
    return new SharedStorage(state, tree, log, blobs);
  }

  refresh(): Promise<void> {
    return this.#log.refresh();
  }

  append(drafts: readonly Draft[], after: number): Promise<readonly Entry[] | null> {
    return this.#log.append(drafts, after);
  }

  putBlob(bytes: Uint8Array): Promise<string> {
    return this.#blobs.put(bytes);
  }

  getBlob(digest: string): Promise<Buffer | null> {
    return this.#blobs.get(digest);
  }

  async *entries(after: number): AsyncIterable<Entry> {
    for await (const { entry } of this.#log.lines(after)) yield entry;
  }

  line(seq: number): Promise<Buffer | null> {
    return this.#log.line(seq);
  }

  close(): Promise<void> {
    return this.#log.close();
  }
}
