import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { leafHash } from "../transparency/merkle.ts";
import { MerkleTree } from "../transparency/merkle-tree.ts";
import { mismatchOf, readProvenance } from "../trust/provenance.ts";
import { faultOfSignature } from "../trust/registry-key.ts";
import { BlobFiles } from "./blob-files.ts";
import type { Blobs } from "./blobs.ts";
import { noLine, parseLogLine } from "./log-line.ts";
import { openBucket, type StorageOptions } from "./open-storage.ts";
import type { VersionState } from "./package-state.ts";
import { SigningKeys } from "./signing-keys.ts";
import { State } from "./state.ts";

/** What was found in the folder of a registry. */
export interface Verified {
  readonly entries: number;
  readonly packages: number;
  readonly versions: number;
  /** The head of the log. */
  readonly root: string;
  /** Sentences; none when all is well. */
  readonly faults: readonly string[];
}

/**
 * Verifies a registry, or a copy of one, and changes nothing: each line of the log follows the one before it, the log goes
 * on from the head that was signed last, every blob is there and has its digest, every version is signed, and provenance
 * is about its archive. Throws when there is no log.
 */
export async function verifyRegistry(options: StorageOptions): Promise<Verified> {
  const { data: folder, database } = options;
  const faults: string[] = [];
  const { state, tree } = await readLog(
    database === null ? linesOf(join(folder, "log.ndjson")) : databaseLines(database),
    faults,
  );
  if (existsSync(join(folder, "keys.json"))) {
    try {
      SigningKeys.open(folder, tree);
    } catch (error) {
      faults.push((error as Error).message);
    }
  } else faults.push("keys.json is not there: nothing is signed, and clients will notice");
  const blobs = (await openBucket(options)) ?? (await BlobFiles.open(join(folder, "blobs")));
  let versions = 0;
  for (const { name, versions: all, staged } of state.packages.values()) {
    for (const waiting of staged.values()) {
      const called = `${name}@${waiting.version}, which waits for approval,`;
      const { provenance = null } = waiting;
      faults.push(...(await faultsOfBlobs(called, { ...waiting, provenance }, blobs)));
    }
    for (const version of all.values()) {
      if (version.unpublished) continue;
      versions += 1;
      const called = `${name}@${version.version}`;
      faults.push(...(await faultsOfBlobs(called, version, blobs)));
      faults.push(...faultsOfSignatures(name, version, state).map((fault) => `${called} ${fault}`));
      const fault = await faultOfProvenance(name, version, blobs);
      if (fault !== null) faults.push(`the provenance of ${called} ${fault}`);
    }
  }
  return {
    ...{ entries: tree.size, packages: state.packages.size, versions, faults },
    root: Buffer.from(tree.root()).toString("base64"),
  };
}

/** Whole lines of a log: what follows the last one was never acknowledged, and the next start takes it away. */
async function* linesOf(path: string): AsyncIterable<Buffer> {
  const bytes = readFileSync(path);
  let from = 0;
  for (let to = bytes.indexOf(10); to !== -1; to = bytes.indexOf(10, from)) {
    yield bytes.subarray(from, to);
    from = to + 1;
  }
}

async function* databaseLines(url: string): AsyncIterable<Buffer> {
  const { readLines } = await import("./database-log.ts");
  yield* readLines(url);
}

/** Reads the log as far as it is whole. */
async function readLog(
  lines: AsyncIterable<Buffer>,
  faults: string[],
): Promise<{ readonly state: State; readonly tree: MerkleTree }> {
  const state = new State();
  const tree = new MerkleTree();
  let previous = noLine;
  for await (const line of lines) {
    try {
      const { entry, previous: claimed } = parseLogLine(line, "the log");
      if (claimed !== previous) throw new Error("it does not follow the line before it");
      state.apply(entry);
    } catch (error) {
      faults.push(`line ${tree.size + 1} of the log: ${(error as Error).message}`);
      return { state, tree };
    }
    tree.append(leafHash(line));
    previous = createHash("sha256").update(line).digest("hex");
  }
  return { state, tree };
}

async function faultsOfBlobs(
  called: string,
  {
    archive,
    document,
    types,
    provenance,
  }: Pick<VersionState, "archive" | "document" | "types" | "provenance">,
  blobs: Blobs,
): Promise<readonly string[]> {
  const digests = Object.entries({ archive, document, types, provenance });
  const faults: string[] = [];
  for (const [what, digest] of digests) {
    if (digest !== null && (await blobs.get(digest)) === null) {
      faults.push(`the ${what} of ${called} is lost, or has other bytes: ${digest}`);
    }
  }
  return faults;
}

function faultsOfSignatures(
  name: string,
  version: VersionState,
  { keys }: State,
): readonly string[] {
  if (version.signatures.length === 0) return ["is not signed"];
  return version.signatures.flatMap((signature) => {
    const key = keys.get(signature.keyid);
    if (key === undefined)
      return [`is signed by ${signature.keyid}, a key that the log does not have`];
    const fault = faultOfSignature({ name, ...version }, signature, key);
    return fault === null ? [] : [fault];
  });
}

async function faultOfProvenance(
  name: string,
  { version, archive, provenance }: VersionState,
  blobs: Blobs,
): Promise<string | null> {
  const bytes = provenance === null ? null : await blobs.get(provenance);
  if (bytes === null) return null;
  try {
    return mismatchOf(readProvenance(bytes.toString("utf8")), name, version, archive);
  } catch (error) {
    return `cannot be read: ${(error as Error).message}`;
  }
}
