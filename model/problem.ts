import type { PackagePlace, Place } from "./place.ts";

/**
 * Every code that a user can be shown. A code is never reused for another meaning; `docs/errors.md`
 * has a paragraph for each, and a test keeps the two in step.
 *
 * 1xx manifest and settings, 2xx catalog and packages, 3xx solving, 4xx types, 5xx linking and networks,
 * 6xx running, 7xx the command line, 8xx registries.
 */
export const problemTitles = {
  UP101: "manifest is not valid JSON",
  UP102: "manifest has a wrong or missing value",
  UP103: "manifest not found",
  UP104: "setting does not fit its declaration",
  UP105: "lockfile cannot be read",
  UP106: "CUDF document cannot be read",
  UP201: "no such package",
  UP202: "package has no version in the range",
  UP203: "two packages of one name and version",
  UP204: "package content does not match its integrity",
  UP205: "no such target",
  UP206: "target is known but has no package yet",
  UP301: "no plan exists",
  UP302: "lockfile would change",
  UP303: "no lockfile",
  UP304: "no solution found in time",
  UP305: "too much to solve",
  UP310: "a policy is in the way",
  UP311: "policy cannot be read",
  UP312: "no package for the target",
  UP313: "effect is forbidden on the target",
  UP314: "saved case cannot be read",
  UP315: "packages conflict",
  UP316: "packages need each other in a circle",
  UP317: "only withdrawn versions are left",
  UP318: "a pin is in the way",
  UP319: "licence is not allowed on the target",
  UP401: "source does not compile",
  UP402: "source exports something an interface cannot have",
  UP403: "provider does not match its interface",
  UP404: "module does not resolve",
  UP405: "app has no main function",
  UP501: "the linked program does not compile",
  UP502: "no C compiler",
  UP503: "the C compiler failed",
  UP504: "settings file or folder cannot be read",
  UP505: "program uses what the target's host does not offer",
  UP506: "file of a setting was refused",
  UP507: "initialiser failed at build time",
  UP508: "initialiser needs the host at build time",
  UP520: "no kernel headers",
  UP531: "folder of a site is somebody else's",
  UP532: "target package lacks its host",
  UP533: "site cannot be served",
  UP541: "switch cannot listen",
  UP542: "address is open to others",
  UP543: "tap cannot be joined",
  UP544: "no switch is running",
  UP551: "parameter's name is taken",
  UP552: "image has no such parameter",
  UP553: "module is for another kernel",
  UP554: "only root loads modules",
  UP555: "kernel does not take the module",
  UP601: "image ended with an error",
  UP602: "QEMU not found",
  UP603: "program trapped",
  UP604: "scenario is not valid JSON",
  UP605: "scenario has a wrong or missing value",
  UP606: "application cannot be simulated",
  UP607: "simulation did not go as expected",
  UP610: "xl cannot create the domain",
  UP611: "domain was ended by others",
  UP612: "xl not found",
  UP615: "disk not found",
  UP620: "guest cannot be made",
  UP701: "unknown command",
  UP702: "wrong arguments",
  UP703: "folder is not empty",
  UP704: "not an application folder",
  UP705: "file cannot be read or written",
  UP801: "archive is refused",
  UP802: "archive does not match its integrity",
  UP803: "archive is not what the index says",
  UP804: "registry cannot be reached",
  UP805: "registry wants a login, or does not allow it",
  UP806: "registry's answer makes no sense",
  UP807: "configuration of registries is wrong",
  UP808: "address is not trusted",
  UP809: "registry refused the change",
  UP810: "version does not fit the change of types",
  UP811: "not at hand offline",
  UP812: "locked package is from another registry",
  UP813: "package cannot be packed",
  UP814: "audit found something",
  UP815: "server cannot start",
  UP821: "registry went back in time",
  UP822: "registry shows another history",
  UP823: "registry's log stands still",
  UP824: "not in the registry's log",
  UP825: "registry has another key",
  UP826: "registry's signature is missing or wrong",
  UP827: "provenance is missing or wrong",
  UP828: "registry's data is damaged",
  UP830: "known vulnerability",
  UP850: "upstream cannot be asked",
  UP851: "upstream's answer is refused",
  UP865: "organisation's policy forbids it",
  UP866: "organisation's policy cannot be had",
} as const;

export type ProblemCode = keyof typeof problemTitles;

/** Something a user must be told: what, where, and what to do about it. */
export interface Problem {
  readonly code: ProblemCode;
  /** One sentence without a final full stop, readable without colour, naming the user's own things. */
  readonly message: string;
  readonly place?: Place | PackagePlace;
  /** Further lines: derivations, signatures side by side, a compiler's own words. */
  readonly details?: readonly string[];
  /** What to do next, as an imperative sentence or a command that can be pasted. */
  readonly hint?: string;
  /** Ways out that were tried and work: each a command that can be pasted, in backquotes, and what it does. */
  readonly repairs?: readonly string[];
}

/** Result of an operation that may fail in ways that the user has to know. */
export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export function ok<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function failed(...problems: readonly Problem[]): {
  ok: false;
  problems: readonly Problem[];
} {
  return { ok: false, problems };
}
