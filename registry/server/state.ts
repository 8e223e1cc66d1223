import { similarityKey } from "../protocol/package-name.ts";
import type { Advisory } from "../trust/advisory.ts";
import type { RegistryKey, RegistrySignature } from "../trust/registry-key.ts";
import type {
  Access,
  AccountEvent,
  AdvisoryEvent,
  Entry,
  Event,
  KeyEvent,
  OrganisationEvent,
  PackageEvent,
  PublishedVersion,
  Right,
  TokenEvent,
} from "./event.ts";

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
  access: Access;
  readonly created: string;
  modified: string;
  /** `seq` of the last entry about it. */
  last: number;
}

export interface StagedVersion extends PublishedVersion {
  readonly publisher: string;
  /** ISO 8601. */
  readonly sent: string;
}

export interface AccountState {
  readonly name: string;
  password: string | null;
  readonly email: string;
  readonly administrator: boolean;
  disabled: boolean;
  last: number;
}

export interface TokenState {
  readonly id: string;
  readonly created: string;
  readonly terms: Extract<TokenEvent, { type: "token-created" }>;
  revoked: boolean;
  last: number;
}

export interface KeyState extends RegistryKey {
  readonly added: string;
  /** `seq` of the entry that added it. */
  readonly seq: number;
}

export interface AdvisoryState {
  /** Null when it was withdrawn. */
  readonly advisory: Advisory | null;
  last: number;
}

export interface OrganisationState {
  readonly name: string;
  readonly members: Map<string, Right>;
  /** Whether versions wait for the approval of a second member. */
  approval: boolean;
  last: number;
}

/**
 * What the registry knows: the sum of its log. The same entries give the same state, on every instance; only
 * `apply` changes it.
 */
export class State {
  readonly packages = new Map<string, PackageState>();
  readonly accounts = new Map<string, AccountState>();
  readonly tokens = new Map<string, TokenState>();
  readonly organisations = new Map<string, OrganisationState>();
  /** Keys that versions are, or were, signed with. */
  readonly keys = new Map<string, KeyState>();
  readonly advisories = new Map<string, AdvisoryState>();
  /** Interface -> names of packages with a version that provides it. */
  readonly providers = new Map<string, Set<string>>();
  /** `similarityKey` -> the name that has it. */
  readonly similar = new Map<string, string>();
  /** `seq` of the last entry of all. */
  last = 0;
  #lastOfKeys = 0;

  /** Takes an entry in; entries come in the order of the log. */
  apply(entry: Entry): void {
    if (entry.seq !== this.last + 1) {
      throw new Error(`entry ${entry.seq} does not follow entry ${this.last}`);
    }
    this.last = entry.seq;
    const colon = entry.subject.indexOf(":");
    const name = entry.subject.slice(colon + 1);
    switch (entry.subject.slice(0, colon)) {
      case "package":
        this.#applyToPackage(name, entry, entry.event as PackageEvent);
        break;
      case "account":
        this.#applyToAccount(name, entry, entry.event as AccountEvent);
        break;
      case "token":
        this.#applyToToken(name, entry, entry.event as TokenEvent);
        break;
      case "organisation":
        this.#applyToOrganisation(name, entry, entry.event as OrganisationEvent);
        break;
      case "keys":
        this.#applyToKeys(entry, entry.event as KeyEvent);
        break;
      case "advisory":
        this.#applyToAdvisory(name, entry, entry.event as AdvisoryEvent);
        break;
    }
  }

  /** `seq` of the last entry about a subject; 0 when there is none. */
  lastOf(subject: string): number {
    const colon = subject.indexOf(":");
    const name = subject.slice(colon + 1);
    const maps: Readonly<Record<string, ReadonlyMap<string, { readonly last: number }>>> = {
      package: this.packages,
      account: this.accounts,
      token: this.tokens,
      organisation: this.organisations,
      advisory: this.advisories,
    };
    if (subject === keysSubject) return this.#lastOfKeys;
    return maps[subject.slice(0, colon)]?.get(name)?.last ?? 0;
  }

  #applyToPackage(name: string, { seq, time, actor }: Entry, event: PackageEvent): void {
    let state = this.packages.get(name);
    if (state === undefined) {
      state = {
        name,
        versions: new Map(),
        staged: new Map(),
        tags: new Map(),
        owners: new Set([actor]),
        access: event.type === "published" || event.type === "staged" ? event.access : "restricted",
        created: time,
        modified: time,
        last: seq,
      };
      this.packages.set(name, state);
      this.similar.set(similarityKey(name), name);
    }
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
          ...{ yanked: false, deprecated: null, unpublished: false },
        });
        state.staged.delete(version);
        state.tags.set(event.tag, version);
        for (const each of provides) {
          const names = this.providers.get(each);
          if (names === undefined) this.providers.set(each, new Set([name]));
          else names.add(name);
        }
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
        this.#versionOf(state, event.version).signatures.push(event.signature);
        break;
      case "yanked":
      case "unyanked":
        this.#versionOf(state, event.version).yanked = event.type === "yanked";
        break;
      case "deprecated":
        this.#versionOf(state, event.version).deprecated =
          event.message === "" ? null : event.message;
        break;
      case "tagged":
        state.tags.set(event.tag, event.version);
        break;
      case "untagged":
        state.tags.delete(event.tag);
        break;
      case "unpublished": {
        this.#versionOf(state, event.version).unpublished = true;
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
        break;
      case "access-set":
        state.access = event.access;
        break;
    }
  }

  #versionOf(state: PackageState, version: string): VersionState {
    const found = state.versions.get(version);
    if (found === undefined) throw new Error(`${state.name} has no version ${version}`);
    return found;
  }

  #applyToKeys({ seq, time }: Entry, event: KeyEvent): void {
    this.#lastOfKeys = seq;
    const { keyid } = event;
    const known = this.keys.get(keyid);
    if (event.type === "key-added") {
      this.keys.set(keyid, { keyid, key: event.key, added: time, expires: null, seq });
    } else if (known !== undefined) this.keys.set(keyid, { ...known, expires: time });
  }

  #applyToAdvisory(id: string, { seq }: Entry, event: AdvisoryEvent): void {
    const advisory = event.type === "advisory-set" ? event.advisory : null;
    this.advisories.set(id, { advisory, last: seq });
  }

  #applyToAccount(name: string, { seq }: Entry, event: AccountEvent): void {
    const known = this.accounts.get(name);
    if (event.type === "account-created") {
      const { password, email, administrator } = event;
      this.accounts.set(name, { name, password, email, administrator, disabled: false, last: seq });
    } else if (known !== undefined) {
      known.last = seq;
      if (event.type === "password-set") known.password = event.password;
      else known.disabled = true;
    }
  }

  #applyToToken(id: string, { seq, time }: Entry, event: TokenEvent): void {
    const known = this.tokens.get(id);
    if (event.type === "token-created") {
      this.tokens.set(id, { id, created: time, terms: event, revoked: false, last: seq });
    } else if (known !== undefined) {
      known.last = seq;
      known.revoked = true;
    }
  }

  #applyToOrganisation(name: string, { seq }: Entry, event: OrganisationEvent): void {
    let state = this.organisations.get(name);
    if (state === undefined) {
      state = { name, members: new Map(), approval: false, last: seq };
      this.organisations.set(name, state);
    }
    state.last = seq;
    if (event.type === "member-set") state.members.set(event.account, event.role);
    else if (event.type === "member-removed") state.members.delete(event.account);
    else if (event.type === "approval-set") state.approval = event.required;
  }
}

/** What the registry's keys are in the log. */
export const keysSubject = "keys:versions";

/** An event about to be appended. */
export interface Draft {
  readonly actor: string;
  readonly subject: string;
  readonly event: Event;
}
