import type { Problem, ProblemCode } from "../model/problem.ts";

/**
 * What the shell is told, after BSD's sysexits(3): docs/cli.md has the table for users. `run` ends with
 * the image's own status instead.
 */
export const exit = {
  ok: 0,
  /** What was asked for cannot be had: no plan, a type error, an image that ended badly. */
  failed: 1,
  /** EX_USAGE: the command line makes no sense. */
  usage: 64,
  /** EX_DATAERR: a manifest, a lockfile or a package is wrong. */
  data: 65,
  /** EX_NOINPUT: a file that is needed is not there. */
  noInput: 66,
  /** EX_UNAVAILABLE: a program of the system is missing, or a server does not answer. */
  unavailable: 69,
  /** EX_SOFTWARE: a bug of unipkg. */
  internal: 70,
  /** EX_IOERR: reading or writing failed. */
  io: 74,
  /** EX_NOPERM: it is there, but not for this user. */
  noPermission: 77,
  /** EX_CONFIG: a configuration file is wrong. */
  config: 78,
} as const;

const codes: Readonly<Record<ProblemCode, number>> = {
  UP101: exit.data,
  UP102: exit.data,
  UP103: exit.noInput,
  UP104: exit.data,
  UP105: exit.data,
  UP106: exit.data,
  UP201: exit.failed,
  UP202: exit.failed,
  UP203: exit.data,
  UP204: exit.data,
  UP205: exit.failed,
  UP206: exit.failed,
  UP301: exit.failed,
  UP302: exit.failed,
  UP303: exit.noInput,
  UP304: exit.failed,
  UP305: exit.failed,
  UP310: exit.failed,
  UP311: exit.data,
  UP312: exit.failed,
  UP313: exit.failed,
  UP314: exit.data,
  UP315: exit.failed,
  UP316: exit.failed,
  UP317: exit.failed,
  UP318: exit.failed,
  UP319: exit.failed,
  UP401: exit.failed,
  UP402: exit.failed,
  UP403: exit.failed,
  UP404: exit.failed,
  UP405: exit.failed,
  UP501: exit.failed,
  UP502: exit.unavailable,
  UP503: exit.failed,
  UP504: exit.noInput,
  UP505: exit.failed,
  UP506: exit.data,
  UP507: exit.failed,
  UP508: exit.failed,
  UP520: exit.unavailable,
  UP531: exit.io,
  UP532: exit.unavailable,
  UP533: exit.unavailable,
  UP541: exit.unavailable,
  UP542: exit.usage,
  UP543: exit.unavailable,
  UP544: exit.unavailable,
  UP551: exit.failed,
  UP552: exit.usage,
  UP553: exit.failed,
  UP554: exit.noPermission,
  UP555: exit.failed,
  UP601: exit.failed,
  UP602: exit.unavailable,
  UP603: exit.failed,
  UP604: exit.data,
  UP605: exit.data,
  UP606: exit.failed,
  UP607: exit.failed,
  UP610: exit.failed,
  UP611: exit.failed,
  UP612: exit.unavailable,
  UP615: exit.noInput,
  UP620: exit.unavailable,
  UP701: exit.usage,
  UP702: exit.usage,
  UP703: exit.failed,
  UP704: exit.noInput,
  UP705: exit.io,
  UP801: exit.data,
  UP802: exit.data,
  UP803: exit.data,
  UP804: exit.unavailable,
  UP805: exit.noPermission,
  UP806: exit.data,
  UP807: exit.config,
  UP808: exit.noPermission,
  UP809: exit.failed,
  UP810: exit.failed,
  UP811: exit.unavailable,
  UP812: exit.data,
  UP813: exit.failed,
  UP814: exit.failed,
  UP815: exit.config,
  UP821: exit.data,
  UP822: exit.data,
  UP823: exit.data,
  UP824: exit.data,
  UP825: exit.data,
  UP826: exit.data,
  UP827: exit.data,
  UP828: exit.data,
  UP830: exit.failed,
  UP850: exit.unavailable,
  UP851: exit.data,
  UP865: exit.failed,
  UP866: exit.config,
};

/** The status for a failure: its first problem counts. */
export function exitOf(problems: readonly Problem[]): number {
  const first = problems[0];
  return first === undefined ? exit.failed : codes[first.code];
}
