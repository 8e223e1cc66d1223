import { failed, ok, type Problem, type Result } from "../../model/problem.ts";
import { type Checkpoint, parseCheckpoint } from "../transparency/checkpoint.ts";
import {
  consistencyProof,
  inclusionProof,
  isConsistent,
  isIncluded,
  leafHash,
  type ReadHash,
} from "../transparency/merkle.ts";
import {
  formatVerifier,
  isSignedBy,
  type Note,
  parseNote,
  parseVerifier,
  signedTime,
  type Verifier,
} from "../transparency/note.ts";
import { formatTilePath, readFromTiles, tilesNeeded } from "../transparency/tile.ts";
import type { TrustStore } from "./trust-store.ts";

/** Gets a path below a registry's address; null when it is not there (404). */
export type GetPath = (path: string, what: string) => Promise<Result<Buffer | null>>;

/** What a log is read with. */
export interface LogOptions {
  /** Address of the registry. */
  readonly registry: string;
  readonly verifier: Verifier;
  readonly get: GetPath;
  readonly store: TrustStore;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Milliseconds that the head may be old. */
  readonly oldest: number;
}

/** A leaf that is said to be in the log. */
export interface Leaf {
  /** From 0. */
  readonly index: number;
  readonly bytes: Uint8Array;
  /** For messages: `@acme/firewall@1.0.0`. */
  readonly called: string;
}

/** Where the parts of a log are, below a registry's address. */
export const logPath = "-/unipkg/log/";

/**
 * The transparency log of a registry, at the head that it has now: a head that goes on from all heads that this machine
 * has seen. A registry cannot take anything back, stand still, or show another history to somebody else, unless it
 * does so to each of its clients for ever.
 */
export class LogReader {
  readonly #options: LogOptions;
  readonly #head: Checkpoint;
  /** The note that the head is signed as. */
  readonly #text: string;
  readonly #tiles = new Map<string, Buffer>();

  private constructor(options: LogOptions, head: Checkpoint, text: string) {
    this.#options = options;
    this.#head = head;
    this.#text = text;
  }

  /**
   * Gets the head and verifies it: UP821 when the log became shorter, UP822 when its history is another one, UP823
   * when it stands still, UP824 when it is gone, UP825 when it is signed by another key.
   */
  static async open(options: LogOptions): Promise<Result<LogReader>> {
    const { registry, verifier, get, store, now, oldest } = options;
    const before = store.heads(registry);
    const got = await get(`${logPath}checkpoint`, "the head of its log");
    if (!got.ok) return got;
    if (got.value === null) return failed(logIsGone(registry));
    const text = got.value.toString("utf8");
    let read: SignedHead;
    try {
      read = readHead(text);
    } catch (error) {
      return failed(senseless(registry, (error as Error).message));
    }
    const { note, head } = read;
    if (!isSignedBy(note, verifier) || head.origin !== verifier.name) {
      return failed(otherKey(registry, `the key ${formatVerifier(verifier)}`));
    }
    const time = signedTime(note, verifier);
    if (time === null || now - time * 1000 > oldest) {
      return failed(standsStill(registry, time, now, oldest));
    }
    const reader = new LogReader(options, head, text);
    const superseded = new Set<string>();
    for (const [file, known] of before) {
      const goesOn = await reader.#holdAgainst(file, known, false);
      if (!goesOn.ok) return goesOn;
      superseded.add(file);
    }
    const kept = store.keep(registry, head.size, text);
    superseded.delete(kept);
    // Of two processes that keep heads at the same time, one at least finds the other's here.
    for (const [file, known] of store.heads(registry)) {
      if (file === kept || before.has(file)) continue;
      const goesOn = await reader.#holdAgainst(file, known, true);
      if (!goesOn.ok) return goesOn;
      superseded.add(goesOn.value > head.size ? kept : file);
    }
    store.drop(superseded);
    return ok(reader);
  }

  /** Verifies that leaves are in the log: UP824 for each that is not. */
  async verify(leaves: readonly Leaf[]): Promise<Result<null>> {
    const { registry } = this.#options;
    const { size, root } = this.#head;
    const inside = leaves.filter(({ index }) => index >= 0 && index < size);
    const proofs = (read: ReadHash) => inside.map(({ index }) => inclusionProof(index, size, read));
    const made = await this.#fromTiles(size, proofs);
    if (!made.ok) return made;
    const proven = new Set(
      inside.filter(({ index, bytes }, at) =>
        isIncluded(leafHash(bytes), index, size, made.value[at]!, root),
      ),
    );
    const missing = leaves.filter((leaf) => !proven.has(leaf));
    return missing.length === 0
      ? ok(null)
      : failed(...missing.map(({ called }) => notInLog(called, registry)));
  }

  /**
   * Verifies that this head and one that was seen before are of one history. @returns the size of that one
   *
   * @param mayBeLater whether it may be the later of the two: another process has seen it since this head was asked for
   */
  async #holdAgainst(file: string, text: string, mayBeLater: boolean): Promise<Result<number>> {
    const { registry, verifier } = this.#options;
    let known: SignedHead;
    try {
      known = readHead(text);
    } catch (error) {
      return failed({
        code: "UP705",
        message: `${file} cannot be read: ${(error as Error).message}`,
        hint: `\`unipkg registry forget ${registry}\` begins anew`,
      });
    }
    if (!isSignedBy(known.note, verifier)) return failed(otherKey(registry, `the key of ${file}`));
    const isLater = known.head.size > this.#head.size;
    if (isLater && !mayBeLater) {
      return failed({
        code: "UP821",
        message: `${registry} went back in time: its log has ${this.#head.size} entries, and had ${known.head.size}`,
        details: [`the head that was signed before is in ${file}`],
        hint: "it was set back to an old copy, or somebody hides what was published since: ask its operator",
      });
    }
    const [smaller, larger] = isLater ? [this.#head, known.head] : [known.head, this.#head];
    const proof =
      smaller.size === 0 || smaller.size === larger.size
        ? ok([])
        : await this.#fromTiles(larger.size, (read) =>
            consistencyProof(smaller.size, larger.size, read),
          );
    if (!proof.ok) return proof;
    if (isConsistent(smaller.size, larger.size, proof.value, smaller.root, larger.root)) {
      return ok(known.head.size);
    }
    const evidence = this.#options.store.keepRefused(registry, this.#text);
    return failed(otherHistory(registry, known.head, file, evidence));
  }

  /** Works something out from hashes of the tree of a size, whose tiles are fetched. */
  async #fromTiles<T>(size: number, use: (read: ReadHash) => T): Promise<Result<T>> {
    const { registry, get } = this.#options;
    const paths = tilesNeeded(size, use).map(formatTilePath);
    const results = await Promise.all(
      paths
        .filter((path) => !this.#tiles.has(path))
        .map(async (path) => ({ path, got: await get(`${logPath}tile/${path}`, "its log") })),
    );
    for (const { path, got } of results) {
      if (!got.ok) return got;
      if (got.value !== null) this.#tiles.set(path, got.value);
    }
    try {
      return ok(use(readFromTiles(size, (path) => this.#tiles.get(path))));
    } catch (error) {
      return failed(senseless(registry, (error as Error).message));
    }
  }
}

interface SignedHead {
  readonly note: Note;
  readonly head: Checkpoint;
}

function readHead(text: string): SignedHead {
  const note = parseNote(text);
  return { note, head: parseCheckpoint(note.text) };
}

/** The key that a registry's configuration names; null when it has none that can be read. */
export function verifierIn(config: Buffer | null): Verifier | null {
  try {
    const { log } = JSON.parse(config?.toString("utf8") ?? "{}") as { readonly log?: unknown };
    return typeof log === "string" ? parseVerifier(log) : null;
  } catch {
    return null;
  }
}

export function logIsGone(registry: string): Problem {
  return {
    code: "UP824",
    message: `${registry} has no transparency log any more`,
    hint: `if its operator says that this is right, run \`unipkg registry forget ${registry}\``,
  };
}

/** @param known in words: the key that was expected */
export function otherKey(registry: string, known: string): Problem {
  return {
    code: "UP825",
    message: `the log of ${registry} is not signed by ${known}, which this machine knows`,
    hint: `somebody else may speak for it. If its operator says that the registry is a new one, run \`unipkg registry forget ${registry}\``,
  };
}

function notInLog(called: string, registry: string): Problem {
  return {
    code: "UP824",
    message: `${called} is not in the transparency log of ${registry}`,
    hint: "the registry tells you something that it does not tell everybody: do not use it, and ask its operator",
  };
}

function otherHistory(
  registry: string,
  before: Checkpoint,
  file: string,
  evidence: string,
): Problem {
  return {
    code: "UP822",
    message: `${registry} shows another history than before: its first ${before.size} entries are not those that it had`,
    details: [
      `the head that was signed before is in ${file}`,
      `the one of today is in ${evidence}; both show that the registry signed two histories`,
    ],
    hint: "keep the files, do not use the registry, and ask its operator",
  };
}

function standsStill(registry: string, time: number | null, now: number, oldest: number): Problem {
  const age = time === null ? "has no time" : `was signed ${span(now - time * 1000)} ago`;
  return {
    code: "UP823",
    message: `the log of ${registry} stands still: its head ${age}, and ${span(oldest)} are allowed`,
    hint: "somebody may keep new versions from you: ask its operator; or is the clock of this machine wrong?",
  };
}

/** Milliseconds in the larger unit that is not too rough: `40 hours`, `31 days`. */
function span(milliseconds: number): string {
  const hours = Math.floor(milliseconds / 3_600_000);
  return hours < 72 ? `${hours} hours` : `${Math.floor(hours / 24)} days`;
}

function senseless(registry: string, reason: string): Problem {
  return { code: "UP806", message: `the log of ${registry} makes no sense: ${reason}` };
}
