/** How a PVH image is run on a Xen host: by `xl`, whose configuration and words are here (xl.cfg(5), xl(1)). */

/** A guest as `xl create` wants it. */
export interface XlDomain {
  /** The domain's name; not taken by another one. */
  readonly name: string;
  /** The image's file, absolute. */
  readonly kernel: string;
  /** In MiB. */
  readonly memory: number;
  /** Network cards, each in the host's usual bridge. */
  readonly cards: number;
  /** Files of raw disks, absolute, in the order of their indices. */
  readonly disks: readonly string[];
}

/** The text of the configuration file. The same domain has the same text. */
export function xlConfiguration(domain: XlDomain): string {
  const { name, kernel, memory, cards, disks } = domain;
  const card = (index: number) => text(`bridge=xenbr0${index === 0 ? "" : `,devid=${index}`}`);
  return [
    "# What `xl create` needs for this image. Written by `unipkg build`, anew each time: change a copy.",
    `name = ${text(name)}`,
    'type = "pvh"',
    `kernel = ${text(kernel)}`,
    `memory = ${memory}`,
    // Said although it is the usual number: xl reserves too little memory for small domains when it is not.
    "vcpus = 1",
    ...(cards > 0
      ? [`vif = ${list(Array.from({ length: cards }, (_, index) => card(index)))}`]
      : []),
    ...(disks.length > 0 ? [diskList(disks)] : []),
    "",
  ].join("\n");
}

/** xl-disk-configuration(5). */
function diskList(files: readonly string[]): string {
  const disks = files.map((file, index) =>
    text(`format=raw,vdev=xvd${String.fromCharCode(97 + index)},access=rw,target=${file}`),
  );
  return `disk = ${list(disks)}`;
}

function list(items: readonly string[]): string {
  return `[ ${items.join(", ")} ]`;
}

/** xl's strings have no escapes, but two kinds of quotes. */
function text(value: string): string {
  return value.includes('"') ? `'${value}'` : `"${value}"`;
}

export const xlCommand = "xl";

/**
 * Words for `xl`: makes a domain that does not run yet, and that stays when it has ended, so that it can be asked why.
 *
 * @param disks files in the place of those of the configuration, when there are any
 */
export function createWords(
  configuration: string,
  name: string,
  disks: readonly string[],
): string[] {
  const stay = ["poweroff", "reboot", "crash", "watchdog"].map((end) => `on_${end}="preserve"`);
  const other = disks.length > 0 ? [diskList(disks)] : [];
  return ["create", "-p", "-q", configuration, `name=${text(name)}`, ...other, ...stay];
}

export const unpauseWords = (name: string): string[] => ["unpause", name];
export const consoleWords = (name: string): string[] => ["console", name];
export const stateWords = (name: string): string[] => ["list", "-v", name];
export const destroyWords = (name: string): string[] => ["destroy", name];

/** How far a domain is, from what `stateWords` have printed. */
export type XlState =
  | { readonly kind: "running" }
  /** Why it shut down: a number of Xen's sched.h. */
  | { readonly kind: "ended"; readonly reason: number }
  | { readonly kind: "gone" };

/** Columns of `xl list -v`: name, ID, memory, processors, state, time, UUID, reason, label. The fourth letter of the state is `s` for shut down. */
export function readState(printed: string, name: string): XlState {
  const row = printed.split("\n").find((line) => line.split(/\s+/)[0] === name);
  if (row === undefined) return { kind: "gone" };
  const [, , , , state, , , reason] = row.trim().split(/\s+/);
  if (state?.[3] !== "s" && state?.[4] !== "c") return { kind: "running" };
  return { kind: "ended", reason: Number(reason) };
}

/** sched.h: SHUTDOWN_poweroff and SHUTDOWN_crash, which are what an image ends with (docs/abi.md, Ends). */
export const shutdown = { powerOff: 0, crash: 3 } as const;
