import type { Problem } from "../model/problem.ts";
import { nearest } from "../solver/suggest.ts";
import type { Command } from "./command.ts";
import { didYouMean } from "./text.ts";

/** Every command, in the order of the help: first what makes an application, then what tells of it. */
const commands = {
  init: () => import("./commands/init.ts"),
  add: () => import("./commands/add.ts"),
  remove: () => import("./commands/remove.ts"),
  pin: () => import("./commands/pin.ts"),
  unpin: () => import("./commands/unpin.ts"),
  solve: () => import("./commands/solve.ts"),
  build: () => import("./commands/build.ts"),
  run: () => import("./commands/run.ts"),
  dev: () => import("./commands/dev.ts"),
  sim: () => import("./commands/sim.ts"),
  switch: () => import("./commands/switch.ts"),
  tree: () => import("./commands/tree.ts"),
  why: () => import("./commands/why.ts"),
  "why-not": () => import("./commands/why-not.ts"),
  outdated: () => import("./commands/outdated.ts"),
  search: () => import("./commands/search.ts"),
  info: () => import("./commands/info.ts"),
  targets: () => import("./commands/targets.ts"),
  doctor: () => import("./commands/doctor.ts"),
  login: () => import("./commands/login.ts"),
  logout: () => import("./commands/logout.ts"),
  whoami: () => import("./commands/whoami.ts"),
  token: () => import("./commands/token.ts"),
  publish: () => import("./commands/publish.ts"),
  yank: () => import("./commands/yank.ts"),
  unyank: () => import("./commands/unyank.ts"),
  deprecate: () => import("./commands/deprecate.ts"),
  owner: () => import("./commands/owner.ts"),
  diff: () => import("./commands/diff.ts"),
  fetch: () => import("./commands/fetch.ts"),
  mirror: () => import("./commands/mirror.ts"),
  audit: () => import("./commands/audit.ts"),
  registry: () => import("./commands/registry.ts"),
  cudf: () => import("./commands/cudf.ts"),
  completion: () => import("./commands/completion.ts"),
  help: () => import("./commands/help.ts"),
} as const satisfies Readonly<Record<string, () => Promise<{ readonly command: Command }>>>;

export type CommandName = keyof typeof commands;

/** In the order of the help. */
export const commandNames = Object.keys(commands) as readonly CommandName[];

export function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(commands, name);
}

/** Loads one command; the others' code stays on the disk. */
export async function loadCommand(name: CommandName): Promise<Command> {
  return (await commands[name]()).command;
}

/** All commands, for the overview, the completion and the tests. */
export function loadCommands(): Promise<readonly Command[]> {
  return Promise.all(commandNames.map(loadCommand));
}

/** What to say of a command that does not exist. */
export function unknownCommand(name: string): Problem {
  return {
    code: "UP701",
    message: `unknown command "${name}"`,
    hint:
      didYouMean(nearest(name, commandNames).map((known) => `unipkg ${known}`)) ??
      "`unipkg --help` lists the commands",
  };
}
