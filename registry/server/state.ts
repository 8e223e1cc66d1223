import { similarityKey } from "../protocol/package-name.ts";
import type { Advisory } from "../trust/advisory.ts";
import type { RegistryKey } from "../trust/registry-key.ts";
import type {
  AccountEvent,
  AdvisoryEvent,
  Entry,
  Event,
  KeyEvent,
  OrganisationEvent,
  PackageEvent,
  TokenEvent,
  UpstreamEvent,
  UpstreamTerms,
} from "./event.ts";
import {
  applyToOrganisation,
  newOrganisation,
  type OrganisationState,
} from "./organisation-state.ts";
import { applyToPackage, newPackage, type PackageState } from "./package-state.ts";

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

export interface UpstreamState {
  readonly name: string;
  /** Null when it was removed. */
  readonly terms: UpstreamTerms | null;
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
  readonly upstreams = new Map<string, UpstreamState>();
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
      case "upstream":
        this.#applyToUpstream(name, entry, entry.event as UpstreamEvent);
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
      upstream: this.upstreams,
      advisory: this.advisories,
    };
    if (subject === keysSubject) return this.#lastOfKeys;
    return maps[subject.slice(0, colon)]?.get(name)?.last ?? 0;
  }

  #applyToPackage(name: string, entry: Entry, event: PackageEvent): void {
    if (event.type === "dropped") {
      this.packages.delete(name);
      return;
    }
    let state = this.packages.get(name);
    if (state === undefined) {
      state = newPackage(name, entry, event);
      this.packages.set(name, state);
      // An upstream's names keep nobody from taking one here.
      if (event.type !== "proxied") this.similar.set(similarityKey(name), name);
    }
    applyToPackage(state, entry, event);
    if (event.type !== "published") return;
    for (const each of event.provides) {
      const names = this.providers.get(each);
      if (names === undefined) this.providers.set(each, new Set([name]));
      else names.add(name);
    }
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

  #applyToUpstream(name: string, { seq }: Entry, event: UpstreamEvent): void {
    const terms = event.type === "upstream-set" ? event : null;
    this.upstreams.set(name, { name, terms, last: seq });
  }

  #applyToOrganisation(name: string, entry: Entry, event: OrganisationEvent): void {
    const state = this.organisations.get(name) ?? newOrganisation(name, entry);
    this.organisations.set(name, state);
    applyToOrganisation(state, entry, event);
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
