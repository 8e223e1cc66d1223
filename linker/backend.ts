import type { Result } from "../model/problem.ts";
import type { LinkedModules } from "./browser/modules.ts";
import type { Frequencies } from "./native/translate.ts";
import type { Parameter } from "./parameters.ts";

/** A compiled program and where its image shall be made. */
export interface BackendInput {
  readonly wasm: Uint8Array;
  readonly sourceMap: string;
  /** Source files whose code is often or seldom run. */
  readonly frequencies: Frequencies;
  /** The files of settings, for `blobAddress`. */
  readonly blob: Uint8Array;
  /** Limit of the linear memory in pages of 64 KiB. */
  readonly maximumPages: number;
  /** The target package's folder, with its C runtime. */
  readonly targetFolder: string;
  /** Where the image shall be; never seen half-written. */
  readonly output: string;
  readonly application: LinkedApplication;
  /** What is in it, for images that show it. */
  readonly linked: LinkedModules;
  /** Settings that the image can be given when it starts, by their numbers. */
  readonly parameters: readonly Parameter[];
  /** Digest of what was planned, as in `unipkg.lock`: `sha256-HEX`. */
  readonly lockDigest: string;
  /** Decides where things are in a sealed image. */
  readonly layoutSeed: string;
  /** The Linux kernel that a module is for, a release or a folder of headers; null: the one that is found. */
  readonly kernel: string | null;
  /** For what is kept between builds: object files of the runtime. */
  readonly workFolder: string;
}

/** What an image says of itself. */
export interface LinkedApplication {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  /** Those of all packages in it, each once, sorted. */
  readonly licences: readonly string[];
  /** TCP port of its web server: its setting `port`, or the usual one; null when it is no web server. */
  readonly port: number | null;
}

/** Bytes of an image that come from one package, from the target's runtime, or from its files. */
export interface SizeShare {
  readonly owner: string;
  readonly bytes: number;
}

export interface ImageReport {
  /** Size of the image file; of a folder, what a visitor loads but for the page itself. */
  readonly bytes: number;
  /** Sorted by size, the largest first. */
  readonly sizes: readonly SizeShare[];
}

/** Makes an image of a compiled program. */
export type Backend = (input: BackendInput) => Promise<Result<ImageReport>>;

/** The back end of a target package's `backend`, loaded when it is needed; null for an unknown name. */
export async function loadBackend(name: string): Promise<Backend | null> {
  switch (name) {
    case "browser":
      return (await import("./backends/browser.ts")).browser;
    case "elf-hosted":
      return (await import("./backends/elf-hosted.ts")).elfHosted;
    case "elf-pvh":
      return (await import("./backends/elf-pvh.ts")).elfPvh;
    case "kbuild":
      return (await import("./backends/kbuild.ts")).kbuild;
    default:
      return null;
  }
}
