import { execFileSync } from "node:child_process";
import { createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { failed, ok, type Result } from "../model/problem.ts";
import { sriOf } from "../registry/protocol/digest.ts";
import { makeProvenance, mismatchOf, readProvenance } from "../registry/trust/provenance.ts";
import type { Context } from "./command.ts";
import { installedPackage } from "./installation.ts";
import type { PackedPackage } from "./publishing.ts";

/** A bundle from a file; UP827 when it is not about this archive. */
export function provenanceFrom(
  file: string,
  { release: { manifest }, archive }: PackedPackage,
  { folder }: Context,
): Result<string> {
  const text = readText(resolve(folder, file));
  if (!text.ok) return text;
  const hint = "make it for the archive as `unipkg publish --dry-run` packs it";
  try {
    const read = readProvenance(text.value);
    const mismatch = mismatchOf(read, manifest.name, manifest.version, sriOf(archive));
    return mismatch === null
      ? text
      : failed({ code: "UP827", message: `the provenance in ${file} ${mismatch}`, hint });
  } catch (error) {
    const message = `the provenance in ${file} cannot be read: ${(error as Error).message}`;
    return failed({ code: "UP827", message, hint });
  }
}

/**
 * A bundle that is made here: SLSA provenance with the commit that the folder is at, signed by a key. What it says is
 * as good as the machine that has the key.
 */
export function provenanceBy(
  keyFile: string,
  { release: { manifest }, archive }: PackedPackage,
  { folder, world: { environment } }: Context,
): Result<string> {
  const text = readText(resolve(folder, keyFile));
  if (!text.ok) return text;
  let key: ReturnType<typeof createPrivateKey>;
  try {
    key = createPrivateKey(text.value);
  } catch (error) {
    return failed({
      code: "UP705",
      message: `${keyFile} is no private key: ${(error as Error).message}`,
      hint: "`openssl genpkey -algorithm ed25519 -out build.pem` makes one",
    });
  }
  const commit = git(folder, "rev-parse", "HEAD");
  const origin = git(folder, "config", "--get", "remote.origin.url");
  const source =
    commit === null
      ? []
      : [
          {
            ...(origin === null ? {} : { uri: `git+${withoutUser(origin)}` }),
            digest: { gitCommit: commit },
          },
        ];
  const subject = { name: manifest.name, version: manifest.version, archive: sriOf(archive) };
  const predicate = {
    buildDefinition: {
      buildType: "urn:unipkg:publish:1",
      externalParameters: { name: manifest.name, version: manifest.version },
      resolvedDependencies: source,
    },
    runDetails: {
      builder: {
        id: environment["UNIPKG_BUILDER"] ?? "urn:unipkg:publish:unnamed",
        version: { unipkg: installedPackage().version },
      },
    },
  };
  return ok(makeProvenance(subject, "https://slsa.dev/provenance/v1", predicate, key));
}

function git(folder: string, ...words: readonly string[]): string | null {
  try {
    const output = execFileSync("git", ["-C", folder, ...words], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return output.trim() || null;
  } catch {
    return null;
  }
}

/** An address without the name and password that some have in it. */
function withoutUser(url: string): string {
  return url.replace(/^([a-z+]+:\/\/)[^/@]*@/, "$1");
}

function readText(path: string): Result<string> {
  try {
    return ok(readFileSync(path, "utf8"));
  } catch (error) {
    return failed({
      code: "UP705",
      message: `${path} cannot be read: ${(error as Error).message}`,
    });
  }
}
