import { createHash } from "node:crypto";
import type { Release } from "../../model/release.ts";
import { sriOf } from "../protocol/digest.ts";
import { archiveFile } from "../protocol/package-name.ts";

/** A package that is ready to be published. */
export interface PublishedPackage {
  readonly release: Release;
  readonly packageJson: Readonly<Record<string, unknown>>;
  readonly archive: Buffer;
  readonly readme: string;
}

/**
 * What npm's protocol wants in a `PUT /NAME` of a package of ours.
 *
 * @param provenance a bundle of sigstore; null for none
 * @param withTypes put types and effects beside the manifest, for a registry that does not work them out itself
 */
export function publishDocument(
  { release, ...packed }: PublishedPackage,
  registry: string,
  tag: string,
  access: string | undefined,
  withTypes: boolean,
  provenance: string | null,
): Readonly<Record<string, unknown>> {
  const { integrity, effects, signature, provided, uses } = release;
  const unipkgRelease = { format: 1, integrity, effects, signature, provided, uses };
  const beside = withTypes ? { unipkgRelease } : {};
  const document = archiveDocument(packed, registry, tag, beside);
  if (provenance !== null) {
    const { name, version } = release.manifest;
    // npm sends it as text, not in Base64.
    document._attachments[`${name}-${version}.sigstore`] = {
      content_type: "application/vnd.dev.sigstore.bundle.v0.3+json",
      data: provenance,
      length: provenance.length,
    };
  }
  return access === undefined ? document : { ...document, access };
}

interface Attachment {
  readonly content_type: string;
  readonly data: string;
  readonly length: number;
}

/**
 * What npm's protocol wants in a `PUT /NAME` (CouchDB's document with an attachment).
 *
 * @param beside further keys of the version
 */
export function archiveDocument(
  { packageJson, archive, readme }: Omit<PublishedPackage, "release">,
  registry: string,
  tag: string,
  beside: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> & { readonly _attachments: Record<string, Attachment> } {
  const [name, version] = [String(packageJson["name"]), String(packageJson["version"])];
  const dist = {
    integrity: sriOf(archive),
    shasum: createHash("sha1").update(archive).digest("hex"),
    tarball: `${registry}${name}/-/${archiveFile(name, version)}`,
  };
  return {
    _id: name,
    name,
    description: packageJson["description"] ?? "",
    "dist-tags": { [tag]: version },
    versions: {
      [version]: { ...packageJson, _id: `${name}@${version}`, readme, dist, ...beside },
    },
    _attachments: {
      [`${name}-${version}.tgz`]: {
        content_type: "application/octet-stream",
        data: archive.toString("base64"),
        length: archive.length,
      },
    },
  };
}
