import { archiveFile } from "../../protocol/package-name.ts";
import { abbreviated } from "../abbreviated.ts";
import type { PackageState } from "../package-state.ts";
import type { ProxiedDocument } from "./document.ts";

/**
 * What npm knows a package of an upstream by: all its versions, those that were not taken in among them, with archives
 * at addresses of this registry. Signatures are this registry's, over what it took in.
 *
 * @param base address of this registry
 */
export function proxiedPackument(
  { name, versions: admitted, created, modified, last }: PackageState,
  { tags, versions }: ProxiedDocument,
  kind: "full" | "abbreviated",
  base: string,
): Readonly<Record<string, unknown>> {
  const all = Object.entries(versions);
  const manifests = all.map(([version, { manifest, archive, shasum, gone }]) => {
    const signatures = admitted.get(version)?.signatures ?? [];
    const { unipkgRelease: _, ...told } = manifest;
    return [
      version,
      {
        ...(kind === "full" ? told : abbreviated(told)),
        ...{ name, version },
        ...(told["deprecated"] !== undefined && { deprecated: told["deprecated"] }),
        ...(gone && { deprecated: "the upstream does not have this version any more" }),
        dist: {
          tarball: `${base}${name}/-/${archiveFile(name, version)}`,
          integrity: archive,
          ...(shasum !== null && { shasum }),
          ...(signatures.length > 0 && { signatures }),
        },
      },
    ];
  });
  const times = all.flatMap(([version, { released }]) =>
    released === null ? [] : [[version, released]],
  );
  return {
    _id: name,
    _rev: `${last}-0`,
    name,
    "dist-tags": tags,
    versions: Object.fromEntries(manifests),
    ...(kind === "abbreviated" && { modified }),
    ...(kind === "full" && { time: { created, modified, ...Object.fromEntries(times) } }),
  };
}
