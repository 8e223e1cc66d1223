import type { Catalog } from "../catalog.ts";
import type { Attempts } from "./attempts.ts";
import type { Extractor } from "./extractor.ts";
import type { SigningKeys } from "./signing-keys.ts";
import type { Storage } from "./storage.ts";
import type { Upstreams } from "./upstream/upstreams.ts";
import type { Views } from "./views.ts";

export interface Policy {
  /** Whether public packages are given to those without a token. */
  readonly anonymous: boolean;
  /** Whether anybody may make an account for himself. */
  readonly openRegistration: boolean;
  /** Hours in which a publisher may take a version back; administrators always may. */
  readonly unpublishHours: number;
}

export const defaultPolicy: Policy = {
  anonymous: false,
  openRegistration: false,
  unpublishHours: 72,
};

/** All that the handlers work with. */
export interface Registry {
  readonly storage: Storage;
  /** Replaced when they are rotated. */
  keys: SigningKeys;
  readonly views: Views;
  readonly extractor: Extractor;
  /** The packages that ship with unipkg: what publishers' packages are compiled against. */
  readonly bundled: Catalog;
  readonly attempts: Attempts;
  /** Other registries that this one asks for packages of theirs. */
  readonly upstreams: Upstreams;
  readonly policy: Policy;
  readonly now: () => Date;
  /** unipkg's version. */
  readonly version: string;
}
