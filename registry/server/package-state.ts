import type { RegistrySignature } from "../trust/registry-key.ts";
import type { Access, Entry, PackageEvent, PublishedVersion } from "./event.ts";

export interface VersionState {
  readonly version: string;
  /** `seq` of the entry that published it. */
  readonly seq: number;
  readonly archive: string;
  readonly document: string;
  readonly types: string | null;
  readonly published: string;
  readonly publisher: string;
  readonly provides: readonly string[];
  readonly kind: string;
  /** When it was published at its upstream, as that says; null for the registry's own. */
  readonly released: string | null;
  /** Of this registry, the newest last. */
  readonly signatures: RegistrySignature[];
  /** Digest of its provenance bundle; null when none came with it. */
  readonly provenance: string | null;
  yanked: boolean;
  deprecated: string | null;
  /** Gone for good: only its number is left, so that it does not come back. */
  unpublished: boolean;
}

export interface PackageState {
  readonly name: string;
  /** In the order published. */
  readonly versions: Map<string, VersionState>;
  /** Versions that wait for approval. */
  readonly staged: Map<string, StagedVersion>;
  readonly tags: Map<string, string>;
  readonly owners: Set<string>;
  /** The owner who published it first; null when he was taken out. Whoever is added is an owner in his own right. */
  creator: string | null;
  access: Access;
  /** What its upstream says of it; null for a package of the registry's own. */
  proxied: ProxiedState | null;
  readonly created: string;
  modified: string;
  /** `seq` of the last entry about it. */
  last: number;
}

export interface ProxiedState {
  /** Name of the upstream. */
  readonly upstream: string;
  readonly document: string;
  readonly etag: string | null;
  /** When the document was taken in. */
  readonly seen: string;
}

export interface StagedVersion extends PublishedVersion {
  readonly publisher: string;
  /** ISO 8601. */
  readonly sent: string;
}

/** All but the end of a package. */
export type LastingEvent = Exclude<PackageEvent, { readonly type: "dropped" }>;

/** A package that nothing is known of but that this entry, the first about it, comes. */
export function newPackage(
  name: string,
  { seq, time, actor }: Entry,
  event: LastingEvent,
): PackageState {
  return {
    name,
    versions: new Map(),
    staged: new Map(),
    tags: new Map(),
    owners: new Set(event.type === "proxied" ? [] : [actor]),
    creator: actor,
    proxied: null,
    access: event.type === "published" || event.type === "staged" ? event.access : "restricted",
    created: time,
    modified: time,
    last: seq,
  };
}

/** Takes an entry about a package in. */
export function applyToPackage(
  state: PackageState,
  { seq, time, actor }: Entry,
  event: LastingEvent,
): void {
  state.last = seq;
  state.modified = time;
  switch (event.type) {
    case "published": {
      const { version, archive, document, types, provides, kind, signature } = event;
      state.versions.set(version, {
        ...{ version, archive, document, types, provides, kind, seq },
        ...{ published: time, publisher: event.publisher ?? actor },
        signatures: signature === undefined ? [] : [signature],
        provenance: event.provenance ?? null,
        released: event.released ?? null,
        ...{ yanked: false, deprecated: null, unpublished: false },
      });
      state.staged.delete(version);
      if (event.tag !== null) state.tags.set(event.tag, version);
      break;
    }
    case "proxied": {
      const { upstream, document, etag } = event;
      state.proxied = { upstream, document, etag, seen: time };
      break;
    }
    case "staged": {
      const { type: _, ...version } = event;
      state.staged.set(event.version, { ...version, publisher: actor, sent: time });
      break;
    }
    case "rejected":
      state.staged.delete(event.version);
      break;
    case "signed":
      versionOf(state, event.version).signatures.push(event.signature);
      break;
    case "yanked":
    case "unyanked":
      versionOf(state, event.version).yanked = event.type === "yanked";
      break;
    case "deprecated":
      versionOf(state, event.version).deprecated = event.message === "" ? null : event.message;
      break;
    case "tagged":
      state.tags.set(event.tag, event.version);
      break;
    case "untagged":
      state.tags.delete(event.tag);
      break;
    case "unpublished": {
      versionOf(state, event.version).unpublished = true;
      const left = [...state.versions.values()].filter((each) => !each.unpublished);
      for (const [tag, version] of state.tags) {
        if (version !== event.version) continue;
        const newest = left.at(-1)?.version;
        if (tag === "latest" && newest !== undefined) state.tags.set(tag, newest);
        else state.tags.delete(tag);
      }
      break;
    }
    case "owner-added":
      state.owners.add(event.account);
      break;
    case "owner-removed":
      state.owners.delete(event.account);
      if (state.creator === event.account) state.creator = null;
      break;
    case "access-set":
      state.access = event.access;
      break;
  }
}

function versionOf(state: PackageState, version: string): VersionState {
  const found = state.versions.get(version);
  if (found === undefined) throw new Error(`${state.name} has no version ${version}`);
  return found;
}
