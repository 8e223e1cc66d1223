import type { Advisory } from "../trust/advisory.ts";
import type { RegistrySignature } from "../trust/registry-key.ts";

/**
 * All that ever happens to a registry. Its log has nothing else, and whatever the registry knows follows from the
 * log and the blobs. An event is never changed; a new kind may be added, none be given another meaning.
 */
export type Event =
  | PackageEvent
  | AccountEvent
  | TokenEvent
  | OrganisationEvent
  | UpstreamEvent
  | KeyEvent
  | AdvisoryEvent;

/** Subject `package:NAME`. */
export type PackageEvent =
  | ({ readonly type: "published" } & PublishedVersion & {
        /** Who sent it, when somebody else approved it. */
        readonly publisher?: string;
        /** Of this registry; absent when it had no keys yet. */
        readonly signature?: RegistrySignature;
        /** ISO 8601: when its upstream says that it was published there. */
        readonly released?: string;
      })
  /** What an upstream's document of the package says now. */
  | {
      readonly type: "proxied";
      /** Name of the upstream. */
      readonly upstream: string;
      /** Digest of the document: server/upstream/document. */
      readonly document: string;
      /** What the upstream calls this state of it; null when it does not say, or not all of it was taken. */
      readonly etag: string | null;
    }
  /** All that was known of a package of an upstream is forgotten. */
  | { readonly type: "dropped" }
  /** It waits for the approval of somebody else: nobody sees it but those who may publish. */
  | ({ readonly type: "staged" } & PublishedVersion)
  | { readonly type: "rejected"; readonly version: string }
  /** A signature of a version that has none, or none of a key that still is trusted. */
  | { readonly type: "signed"; readonly version: string; readonly signature: RegistrySignature }
  | { readonly type: "yanked" | "unyanked"; readonly version: string }
  /** An empty message takes a deprecation back. */
  | { readonly type: "deprecated"; readonly version: string; readonly message: string }
  | { readonly type: "tagged"; readonly tag: string; readonly version: string }
  | { readonly type: "untagged"; readonly tag: string }
  /** The archive is not given out any more, and the number never comes back. */
  | { readonly type: "unpublished"; readonly version: string }
  | { readonly type: "owner-added" | "owner-removed"; readonly account: string }
  | { readonly type: "access-set"; readonly access: Access };

/** What is known of a version when it is sent. */
export interface PublishedVersion {
  readonly version: string;
  /** Digest of the archive's bytes, `sha512-…`. */
  readonly archive: string;
  /** Digest of the version's document: server/version-document. */
  readonly document: string;
  /** Digest of its types document; null when it has no module. */
  readonly types: string | null;
  /** The dist-tag that it gets; null for a version of an upstream, whose document has the tags. */
  readonly tag: string | null;
  /** Who may read the package; of its first version counts. */
  readonly access: Access;
  /** Interfaces that it provides, and `kind`: for look-ups that read no document. */
  readonly provides: readonly string[];
  readonly kind: string;
  /** Digest of the provenance bundle that came with it. */
  readonly provenance?: string;
}

/** Subject `account:NAME`. */
export type AccountEvent =
  | {
      readonly type: "account-created";
      /** `scrypt:SALT:KEY`; null when it can only be used by tokens. */
      readonly password: string | null;
      readonly email: string;
      readonly administrator: boolean;
    }
  | { readonly type: "password-set"; readonly password: string }
  | { readonly type: "account-disabled" };

/** Subject `token:ID`. */
export type TokenEvent =
  | {
      readonly type: "token-created";
      readonly account: string;
      /** SHA-256 of the secret, hexadecimal. */
      readonly hash: string;
      readonly name: string;
      readonly rights: Right;
      /** Scopes that it is for, without `@`; null for all of its account's. */
      readonly scopes: readonly string[] | null;
      /** Networks that it may be used from; empty for all. */
      readonly networks: readonly string[];
      /** ISO 8601; null for never. */
      readonly expires: string | null;
    }
  | { readonly type: "token-revoked" };

/** Subject `organisation:NAME`: it owns the scope of its name. */
export type OrganisationEvent =
  | TeamEvent
  | { readonly type: "organisation-created" }
  | { readonly type: "member-set"; readonly account: string; readonly role: Role }
  | { readonly type: "member-removed"; readonly account: string }
  /** Whether versions wait for the approval of a second member. */
  | { readonly type: "approval-set"; readonly required: boolean }
  /** What it asks of its packages, as it was written (registry/organisation-policy); an empty text for nothing. */
  | { readonly type: "policy-set"; readonly text: string };

/** Of an organisation's teams; subject `organisation:NAME`. */
export type TeamEvent =
  | { readonly type: "team-created" | "team-removed"; readonly team: string }
  | {
      readonly type: "team-member-added" | "team-member-removed";
      readonly team: string;
      readonly account: string;
    }
  /** `on` is a package of the organisation, or `@SCOPE`, its own, for all of them. */
  | {
      readonly type: "team-granted";
      readonly team: string;
      readonly on: string;
      readonly right: Right;
    }
  | { readonly type: "team-revoked"; readonly team: string; readonly on: string };

/** Subject `upstream:NAME`: a registry that this one asks for packages of others. */
export type UpstreamEvent =
  | ({ readonly type: "upstream-set" } & UpstreamTerms)
  | { readonly type: "upstream-removed" };

export interface UpstreamTerms {
  /** With `/` at its end. */
  readonly url: string;
  /** What it is asked for: `@scope`, a name, or `*` for all names without a scope. */
  readonly patterns: readonly string[];
  /** `public`: its packages are for whom this registry's public packages are for; else a token is needed. */
  readonly access: Access;
  /** Only members of this organisation may read its packages; null for all who have a token. */
  readonly organisation: string | null;
  /** Whether its addresses may be in a private network, or on the server's own machine. */
  readonly inside: boolean;
  /** It is not asked: what is here is served. */
  readonly offline: boolean;
  /** Minutes for which a document is not asked for anew. */
  readonly fresh: number;
  /** Hours that a document is served for when the upstream does not answer; null for ever. */
  readonly stale: number | null;
  /** Hours that must have passed since a version was published there. */
  readonly age: number;
}

/** Subject `keys:versions`: the keys that this registry signs versions with. */
export type KeyEvent =
  /** `key` as in `RegistryKey`. */
  | { readonly type: "key-added"; readonly keyid: string; readonly key: string }
  /** From then on; what it signed before stays signed. */
  | { readonly type: "key-expired"; readonly keyid: string };

/** Subject `advisory:ID`. */
export type AdvisoryEvent =
  | { readonly type: "advisory-set"; readonly advisory: Advisory }
  | { readonly type: "advisory-withdrawn" };

/** What a member may do in the whole scope: a right, or nothing but what teams may. */
export type Role = Right | "member";

/** Each has those before it. */
export type Right = "read" | "publish" | "admin";

export type Access = "public" | "restricted";

export const rights: readonly Right[] = ["read", "publish", "admin"];

export const roles: readonly Role[] = ["member", ...rights];

/** Whether a right is enough where another is asked for. */
export function covers(has: Right, wanted: Right): boolean {
  return rights.indexOf(has) >= rights.indexOf(wanted);
}

/** An event as the log has it. */
export interface Entry {
  /** Counts from 1, without a gap. */
  readonly seq: number;
  /** ISO 8601, of the server's clock. */
  readonly time: string;
  /** Account that did it. */
  readonly actor: string;
  /** `package:@acme/firewall`. */
  readonly subject: string;
  readonly event: Event;
}
