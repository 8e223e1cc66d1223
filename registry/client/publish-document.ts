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
 * What npm's protocol wants in a `PUT /NAME`.
 *
 * @param withTypes put types and effects beside the manifest, for a registry that does not work them out itself
 */
export function publishDocument(
  { release, packageJson, archive, readme }: PublishedPackage,
  registry: string,
  tag: string,
  access: string | undefined,
  withTypes: boolean,
): Readonly<Record<string, unknown>> {
  const { name, version, description } = release.manifest;
  const { integrity, effects, signature, provided, uses } = release;
  const dist = {
    integrity: sriOf(archive),
    shasum: createHash("sha1").update(archive).digest("hex"),
    tarball: `${registry}${name}/-/${archiveFile(name, version)}`,
  };
  const unipkgRelease = { format: 1, integrity, effects, signature, provided, uses };
  return {
    _id: name,
    name,
    description,
    "dist-tags": { [tag]: version },
    versions: {
      [version]: {
        ...packageJson,
        _id: `${name}@${version}`,
        readme,
        dist,
        ...(withTypes ? { unipkgRelease } : {}),
      },
    },
    ...(access === undefined ? {} : { access }),
    _attachments: {
      [`${name}-${version}.tgz`]: {
        content_type: "application/octet-stream",
        data: archive.toString("base64"),
        length: archive.length,
      },
    },
  };
}
