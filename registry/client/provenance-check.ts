import { readFileSync } from "node:fs";
import { failed, ok, type Result } from "../../model/problem.ts";
import { type Anchor, readAnchors, signerAmong } from "../trust/anchor.ts";
import { mismatchOf, readProvenance } from "../trust/provenance.ts";
import type { DownloadCache } from "./download-cache.ts";
import type { GetPath } from "./log-reader.ts";
import type { RemoteVersion } from "./remote-version.ts";

/** What provenance is verified with. */
export interface ProvenanceOptions {
  /** Address of the registry. */
  readonly registry: string;
  readonly get: GetPath;
  readonly cache: DownloadCache;
  /** PEM files of keys and certificates that it is believed by. */
  readonly keyFiles: readonly string[];
}

/** Verifies that a version has provenance that is about its archive, and signed by somebody who is trusted: UP827. */
export async function verifyProvenance(
  version: RemoteVersion,
  options: ProvenanceOptions,
): Promise<Result<null>> {
  const { name, version: number, archive } = version;
  const wrong = (message: string): Result<null> =>
    failed({
      code: "UP827",
      message: `${name}@${number} ${message}`,
      hint: "ask whoever publishes it; `trust provenance FILE` in the policy names the keys that are believed",
    });
  const anchors = readAllAnchors(options.keyFiles);
  if (!anchors.ok) return anchors;
  const { registry, get, cache } = options;
  const path = `-/npm/v1/attestations/${name.replace("/", "%2f")}@${number}`;
  const url = `${registry}${path}`;
  const known = cache.index(url, "provenance")?.text ?? null;
  const got = known === null ? await get(path, `the provenance of ${name}@${number}`) : ok(null);
  if (!got.ok) return got;
  const text = known ?? got.value?.toString("utf8") ?? null;
  if (text === null) return wrong("has no provenance");
  const faults: string[] = [];
  try {
    const { attestations } = JSON.parse(text) as {
      readonly attestations: readonly { readonly bundle: unknown }[];
    };
    for (const { bundle } of attestations.slice(0, 10)) {
      const read = readProvenance(JSON.stringify(bundle));
      const mismatch = mismatchOf(read, name, number, archive);
      if (mismatch !== null) faults.push(`has provenance that ${mismatch}`);
      else if (signerAmong(read, anchors.value) !== null) {
        // Only what is right is kept: what is wrong may be mended.
        cache.putIndex(url, "provenance", { etag: null, text });
        return ok(null);
      } else faults.push("has provenance that is signed by nobody whom the policy trusts");
    }
  } catch (error) {
    return wrong(`has provenance that cannot be read: ${(error as Error).message}`);
  }
  return wrong(faults[0] ?? "has no provenance");
}

function readAllAnchors(files: readonly string[]): Result<readonly Anchor[]> {
  try {
    return ok(files.flatMap((file) => readAnchors(readFileSync(file, "utf8"), file)));
  } catch (error) {
    return failed({
      code: "UP311",
      message: `policy cannot be read: ${(error as Error).message}`,
      hint: "`trust provenance FILE` needs a PEM file of public keys or certificates",
    });
  }
}
