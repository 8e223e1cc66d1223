import { plainText } from "../../model/plain-text.ts";
import type { Release } from "../../model/release.ts";
import type { IndexLine } from "../protocol/index-line.ts";
import type { ReleaseTypes } from "../protocol/types-document.ts";
import type { RegistrySignature } from "../trust/registry-key.ts";

/** One version as a registry's index has it. */
export interface RemoteVersion {
  /** Address of the registry. */
  readonly registry: string;
  readonly name: string;
  readonly version: string;
  readonly manifest: Release["manifest"];
  /** `sha512-…` over the archive's bytes. */
  readonly archive: string;
  readonly archiveUrl: string;
  /** What the index has of its content; null on a registry that knows nothing of unipkg. */
  readonly extracted: ExtractedVersion | null;
  readonly published: string;
  /** When its registry offers it, ISO 8601: before, it is only for those who ask for this version. Null for always. */
  readonly offered: string | null;
  /** When it was published at the registry's upstream, which the log of the registry has; null for its own. */
  readonly released: string | null;
  /** Of the registry; what they are worth is not known yet. */
  readonly signatures: readonly RegistrySignature[];
  /** True when the registry works out from the archive what it says of it. */
  readonly derived: boolean;
}

export interface ExtractedVersion extends Pick<IndexLine, "integrity" | "effects"> {
  /** The types themselves, or where they are; null when the package has no module. */
  readonly types: ReleaseTypes | { readonly digest: string; readonly url: string } | null;
}

/** The manifest with what the registry says of the version later: that it was withdrawn or is deprecated. */
export function withState(
  manifest: Release["manifest"],
  state: { readonly yanked: boolean; readonly deprecated: string | null },
): Release["manifest"] {
  return {
    ...manifest,
    yanked: manifest.yanked || state.yanked,
    ...(state.deprecated === null ? {} : { deprecated: plainText(state.deprecated) }),
  };
}
