import { mkdir, rm } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { join } from "node:path";
import { leafHash } from "../transparency/merkle.ts";
import { MerkleTree } from "../transparency/merkle-tree.ts";
import { BlobFiles } from "./blob-files.ts";
import type { Blobs } from "./blobs.ts";
import type { Entry } from "./event.ts";
import { Journal } from "./journal.ts";
import { newSalt, type TakeLine } from "./log-line.ts";
import { type Draft, State } from "./state.ts";
import type { Storage } from "./storage.ts";

/**
 * A registry in a folder: `log.ndjson` and `blobs/`. One process at a time; who it is, is known by a socket in the
 * folder that only a living process answers on.
 */
export class EmbeddedStorage implements Storage {
  readonly state: State;
  readonly tree: MerkleTree;
  readonly #journal: Journal;
  readonly #blobs: Blobs;
  readonly #guard: Server;
  readonly #now: () => Date;
  /** Subjects that an append is under way for. */
  readonly #busy = new Set<string>();
  #seq: number;

  private constructor(
    state: State,
    tree: MerkleTree,
    journal: Journal,
    blobs: Blobs,
    guard: Server,
    now: () => Date,
  ) {
    this.state = state;
    this.tree = tree;
    this.#journal = journal;
    this.#blobs = blobs;
    this.#guard = guard;
    this.#now = now;
    this.#seq = state.last;
  }

  /** Throws a sentence when the folder is in use, cannot be written to, or is damaged. */
  static async open(
    folder: string,
    { now = () => new Date(), salt = newSalt, elsewhere = null }: EmbeddedOptions = {},
  ): Promise<EmbeddedStorage> {
    await mkdir(join(folder, "blobs"), { recursive: true, mode: 0o700 });
    const guard = await guardFolder(folder);
    try {
      const state = new State();
      const tree = new MerkleTree();
      const take: TakeLine = (entry, line) => {
        state.apply(entry);
        tree.append(leafHash(line));
      };
      const journal = await Journal.open(join(folder, "log.ndjson"), take, salt);
      const blobs = elsewhere ?? (await BlobFiles.open(join(folder, "blobs")));
      return new EmbeddedStorage(state, tree, journal, blobs, guard, now);
    } catch (error) {
      guard.close();
      throw error;
    }
  }

  /** There is no other instance. */
  async refresh(): Promise<void> {}

  async append(drafts: readonly Draft[], after: number): Promise<readonly Entry[] | null> {
    const subject = drafts[0]!.subject;
    if (this.state.lastOf(subject) !== after || this.#busy.has(subject)) return null;
    this.#busy.add(subject);
    try {
      const time = this.#now().toISOString();
      const entries = drafts.map((draft): Entry => ({ seq: ++this.#seq, time, ...draft }));
      await Promise.all(entries.map((entry) => this.#journal.append(entry)));
      return entries;
    } finally {
      this.#busy.delete(subject);
    }
  }

  putBlob(bytes: Uint8Array): Promise<string> {
    return this.#blobs.put(bytes);
  }

  getBlob(digest: string): Promise<Buffer | null> {
    return this.#blobs.get(digest);
  }

  entries(after: number): AsyncIterable<Entry> {
    return this.#journal.entries(after);
  }

  line(seq: number): Promise<Buffer | null> {
    return this.#journal.line(seq);
  }

  async close(): Promise<void> {
    await this.#journal.close();
    await new Promise<void>((resolve) => this.#guard.close(() => resolve()));
  }
}

export interface EmbeddedOptions {
  readonly now?: () => Date;
  /** 128 random bits as a text, others each time. */
  readonly salt?: () => string;
  /** Where blobs are, if not in the folder. */
  readonly elsewhere?: Blobs | null;
}

/** A socket of a killed process is still a file, but nobody answers on it. */
async function guardFolder(folder: string): Promise<Server> {
  const path = join(folder, "server.sock");
  if (Buffer.byteLength(path) > 100) {
    throw new Error(`the path ${path} is too long for a socket: take a shorter folder`);
  }
  const answers = await new Promise<boolean>((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
  if (answers) throw new Error(`another server is running on ${folder}`);
  await rm(path, { force: true });
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  server.unref();
  return server;
}
