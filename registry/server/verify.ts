import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { leafHash } from "../transparency/merkle.ts";
import { MerkleTree } from "../transparency/merkle-tree.ts";
import { mismatchOf, readProvenance } from "../trust/provenance.ts";
import { faultOfSignature } from "../trust/registry-key.ts";
import { BlobFiles } from "./blob-files.ts";
import type { Entry } from "./event.ts";
import { SigningKeys } from "./signing-keys.ts";
import { State, type VersionState } from "./state.ts";

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
 * Verifies the folder of an embedded registry, or a copy of one, and changes nothing: each line of the log follows the
 * one before it, the log goes on from the head that was signed last, every blob is there and has its digest, every
 * version is signed, and provenance is about its archive. Throws when there is no log.
 */
export async function verifyFolder(folder: string): Promise<Verified> {
  const faults: string[] = [];
  const { state, tree } = readLog(join(folder, "log.ndjson"), faults);
  if (existsSync(join(folder, "keys.json"))) {
    try {
      SigningKeys.open(folder, tree);
    } catch (error) {
      faults.push((error as Error).message);
    }
  } else faults.push("keys.json is not there: nothing is signed, and clients will notice");
  const blobs = await BlobFiles.open(join(folder, "blobs"));
  let versions = 0;
  for (const { name, versions: all } of state.packages.values()) {
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

/** Reads the log as far as it is whole. */
function readLog(
  path: string,
  faults: string[],
): { readonly state: State; readonly tree: MerkleTree } {
  const state = new State();
  const tree = new MerkleTree();
  const bytes = readFileSync(path);
  let previous = "0".repeat(64);
  let from = 0;
  for (let to = bytes.indexOf(10); to !== -1; to = bytes.indexOf(10, from)) {
    const line = bytes.subarray(from, to);
    try {
      const { previous: claimed, ...entry } = JSON.parse(line.toString("utf8")) as Entry & {
        readonly previous: string;
      };
      if (claimed !== previous) throw new Error("it does not follow the line before it");
      state.apply(entry);
    } catch (error) {
      faults.push(`line ${tree.size + 1} of the log: ${(error as Error).message}`);
      return { state, tree };
    }
    tree.append(leafHash(line));
    previous = createHash("sha256").update(line).digest("hex");
    from = to + 1;
  }
  // What follows the last whole line was never acknowledged; the next start takes it away.
  return { state, tree };
}

async function faultsOfBlobs(
  called: string,
  { archive, document, types, provenance }: VersionState,
  blobs: BlobFiles,
): Promise<readonly string[]> {
  const digests = Object.entries({ archive, document, types, provenance });
  const faults: string[] = [];
  for (const [what, digest] of digests) {
    if (digest !== null && (await blobs.get(digest)) === null) {
      faults.push(`the ${what} of ${called} is lost, or has other bytes: ${blobs.pathOf(digest)}`);
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
  blobs: BlobFiles,
): Promise<string | null> {
  const bytes = provenance === null ? null : await blobs.get(provenance);
  if (bytes === null) return null;
  try {
    return mismatchOf(readProvenance(bytes.toString("utf8")), name, version, archive);
  } catch (error) {
    return `cannot be read: ${(error as Error).message}`;
  }
}
