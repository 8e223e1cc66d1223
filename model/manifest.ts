/**
 * What `package.json` and its `unipkg` block say, checked and typed. docs/package.md describes the
 * format; registry/manifest reads it, with a place for every error.
 */

import type { Policy } from "./policy.ts";

export type PackageKind = "interface" | "library" | "target" | "app";

/** The platforms that unipkg knows by name, whether or not a package for them is at hand. */
export const knownTargets = ["browser", "kernel-module", "unix", "xen"] as const;

/** A module that fills slots of an interface. */
export interface Provision {
  /** Interface package that it implements. */
  readonly interface: string;
  /** The version of the interface that it implements. */
  readonly version: string;
  /** Source file inside the package. */
  readonly module: string;
}

/**
 * A requirement, under the name by which the source imports it.
 *
 * When `of` is an interface, the slot is filled by a provider: a slot that is named as its interface
 * shares one provider with the whole image, a slot of another name has an instance of its own. When
 * `of` is a library, that very library is taken, with its own module.
 */
export interface Requirement {
  readonly slot: string;
  /** Interface or library package that is required. */
  readonly of: string;
  readonly range: string;
  /** Taken when possible, left out without complaint otherwise; never imported by source. */
  readonly optional: boolean;
  /** Only on these targets; on all when absent. */
  readonly when?: readonly string[];
}

/** Types that a setting can have. All but the two file types become constants of the program. */
export type SettingType =
  | "bool"
  | "i32"
  | "i64"
  | "u8"
  | "u16"
  | "u32"
  | "u64"
  | "string"
  | "ipv4"
  | "ipv4-cidr"
  | "ipv6"
  | "ipv6-cidr"
  /** A file of the application, put into the image. */
  | "file"
  /** A folder of the application with all its files, put into the image. */
  | "folder";

export type SettingValue = boolean | number | string;

/** A typed setting that a package declares: `config` in its manifest. */
export interface SettingDeclaration {
  readonly type: SettingType;
  readonly doc: string;
  /** Absent: the application must set it. */
  readonly default?: SettingValue;
  /** Of a `file` or `folder`: read by initialisers at build time, and not in the image. */
  readonly buildTime?: true;
  /** Can be given anew when the image starts; `config` has it as a function. Not for the two file types. */
  readonly runTime?: true;
}

/** What only a target package says. */
export interface TargetBlock {
  /** How images are made: a name of linker/backends. */
  readonly backend: string;
  /** Modules of the host ABI that its runtime offers (docs/abi.md). */
  readonly host: readonly string[];
  /** Effects that no linked code may have. */
  readonly forbids: readonly string[];
  /** Interface -> providers, the most wanted first. */
  readonly prefers: Readonly<Record<string, readonly string[]>>;
  /** Licences that may be linked into its images (SPDX identifiers); any when absent. */
  readonly licences?: readonly string[];
}

/** A package's manifest. Lists are sorted by name, so that equal content is equal data. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly kind: PackageKind;
  /** The package's own module: an interface's declarations, a library's direct exports, an app's entry. */
  readonly module: string | null;
  readonly provides: readonly Provision[];
  readonly requires: readonly Requirement[];
  /** Targets that it supports; `["*"]` for all. */
  readonly targets: readonly string[];
  /** Package name -> range with which it cannot be in one image. */
  readonly conflicts: Readonly<Record<string, string>>;
  readonly config: Readonly<Record<string, SettingDeclaration>>;
  /** A sentence shown whenever the package is chosen: a limit that the user must know. */
  readonly notice?: string;
  /** Why it should not be used any more. */
  readonly deprecated?: string;
  /** True when this version was withdrawn: taken only if the lock has it already. */
  readonly yanked: boolean;
  /** Present when, and only when, kind is "target". */
  readonly target?: TargetBlock;
  /** App only: interface -> providers, the most wanted first. */
  readonly prefers: Readonly<Record<string, readonly string[]>>;
  /** App only: package -> range outside of which it is never used. */
  readonly pins?: Readonly<Record<string, string>>;
  /** App only: what may be in its images. */
  readonly policies?: readonly Policy[];
  /** App only: package or slot name -> setting -> value. */
  readonly settings: Readonly<Record<string, Readonly<Record<string, SettingValue>>>>;
  /** App only: folders with further packages, relative to the manifest. */
  readonly catalogs: readonly string[];
}
